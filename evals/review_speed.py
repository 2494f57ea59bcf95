"""Measure the review in a large study: batches, items and decisions, as the server asks for them.

    python evals/review_speed.py [--segments 100000] [--out evals/results/review_speed.json]

Makes a study of interviews and comments with synthetic words, codings and vectors, written straight
into its store, and 10,000 segments that two people are done with, then times what stands between
a key and the next item. Prints JSON; times are milliseconds of single calls, `p50` and `p95` of
them; `cpu` is the processor time of this process alone, which other work on the machine does not
change much. A decision is written to disk before it is answered, so its time is mostly the disk's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qualcode.records import Judgement, Segment
    from qualcode.store.sources import Ingested
    from qualcode.workflow.review_index import ReviewIndex
    from qualcode.workflow.study import Study

SEED = 20260101
TURNS = 160  # of an interview, half of them the participant's
FAMILIES = ("stage", "emotion", "pain_point", "need", "strength", "touchpoint")
SUGGESTED = 0.35  # chance that a family has a code on a segment
SAID = (
    "the parcel came late and nobody told us when it would be there so we waited at home for "
    "hours while the phone line was busy again although they had promised a call back by noon"
)
WORDS = SAID.split()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segments", type=int, default=100_000)
    parser.add_argument("--decided", type=int, default=10_000)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["QUALCODE_DATA_HOME"] = str(Path(folder) / "private")
        figures = measured(Path(folder), options.segments, options.decided, options.calls)
    machine = {
        "processors": os.cpu_count(),
        "load_average": [round(load, 1) for load in os.getloadavg()]
        if hasattr(os, "getloadavg")
        else None,
        "python": platform.python_version(),
    }
    told = json.dumps({**figures, **machine}, indent=1)
    print(told)
    if options.out:
        options.out.write_text(told + "\n", encoding="utf-8", newline="\n")


def measured(folder: Path, n_segments: int, n_decided: int, n_calls: int) -> dict[str, Any]:
    from qualcode.review_events import Part
    from qualcode.settings import Charter
    from qualcode.workflow.review_index import ReviewIndex
    from qualcode.workflow.review_item import item
    from qualcode.workflow.review_progress import mine, progress
    from qualcode.workflow.review_queue import make_batch, queues
    from qualcode.workflow.review_record import record
    from qualcode.workflow.study import create_study

    rng = random.Random(SEED)
    with create_study(folder / "study", name="Speed", charter=Charter()) as study:
        segments = fill(study, n_segments, rng)
        ReviewIndex(study)  # draws the sample, so that the decided ones are no blind ones
        decide(study, segments, n_decided, rng)
        index, seconds = timed(lambda: ReviewIndex(study))
        code = index.suggestions.codes[0][1]
        figures: dict[str, Any] = {
            "segments": len(segments),
            "codings": len(index.suggestions.at),
            "events": study.repository.review_events.last_id(),
            "open_index_seconds": round(seconds, 1),
        }
        for queue in ("new", "uncertain", "disagreed", "random", f"code:{code}"):
            called = spent([lambda q=queue: make_batch(index, "Ada", q)] * 12)
            name = queue.partition(":")[0]
            figures |= told(f"batch_{name}", called) | {f"batch_{name}_first_ms": called[0][0]}
        asked = [segment.id for segment in rng.sample(segments, n_calls)]
        first = spent([lambda: item(index, "Ada", Part.REVIEWER, asked[0]).as_json()])
        figures["item_first_ms"] = first[0][0]  # reads the vectors of what Ada is done with
        figures |= told(
            "item",
            spent([lambda i=i: item(index, "Ada", Part.REVIEWER, i).as_json() for i in asked]),
        )
        numbers = count()
        figures |= told(
            "record",
            spent(
                [
                    lambda i=i: record(
                        index, "Ada", Part.REVIEWER, keys(index, i, numbers, families=True)
                    )
                    for i in asked
                ]
            ),
        )
        figures |= told(
            "record_one",
            spent(
                [
                    lambda i=i: record(
                        index, "Ada", Part.REVIEWER, keys(index, i, numbers, families=False)
                    )
                    for i in asked
                ]
            ),
        )
        figures |= told("mine", spent([lambda: mine(index, "Ada")] * 50))
        figures |= told("progress", spent([lambda: progress(index, "Ada")] * 12))
        figures |= told("queues", spent([lambda: queues(index, "Ada")] * 12))
    return figures


def keys(
    index: ReviewIndex, segment_id: str, numbers: Iterator[int], *, families: bool
) -> list[dict[str, Any]]:
    """Return what a page sends: one rejected code, with Enter behind it where it is the last."""
    family, code = index.suggestions.codes[0]
    sent: list[dict[str, Any]] = [
        {
            "uid": f"key-{next(numbers)}",
            "segment_id": segment_id,
            "action": "reject",
            "family": family,
            "code": code,
        }
    ]
    if families:
        done = {"families": list(index.families), "codebook": index.fingerprint}
        uid = f"key-{next(numbers)}"
        sent.append({"uid": uid, "segment_id": segment_id, "action": "done", "value": done})
    return sent


def fill(study: Study, n_segments: int, rng: random.Random) -> list[Segment]:
    """Write sources, codings and vectors; return the segments that may be judged."""
    from qualcode.store.sources import SourceRecord

    heard: list[Segment] = []
    made: list[Ingested] = []
    sources = study.repository.sources
    n_interviews = n_segments // 2 // (TURNS // 2)
    for number in range(n_interviews):
        source = f"src_talk{number}"
        ingested, own = interview(source, number, rng)
        record = SourceRecord(
            source, f"talk-{number:04}.txt", source, "interview", "txt", "utf-8", masked=True
        )
        sources.begin(record)
        sources.add(source, [(0, ingested)], is_last=True)
        heard += own
    n_comments = n_segments - len(heard)
    survey = SourceRecord(
        "src_survey", "survey.csv", "s", "survey", "csv", "utf-8", masked=True, table_header=("c",)
    )
    sources.begin(survey)
    for number in range(n_comments):
        ingested, own = comment(number, rng)
        made.append(ingested)
        heard += own
    for first in range(0, len(made), 5000):
        some = list(enumerate(made[first : first + 5000], start=first))
        sources.add("src_survey", some, is_last=first + 5000 >= len(made))
    suggest(study, heard, rng)
    return heard


def interview(source: str, number: int, rng: random.Random) -> tuple[Ingested, list[Segment]]:
    from qualcode.records import Document, DocumentKind, Role, Segment, Speaker, TimeMark, Turn
    from qualcode.store.sources import Ingested

    text, turns, segments = "", [], []
    document_id, person = f"doc_talk{number}", f"P{number}"
    for at in range(TURNS):
        is_asked = at % 2 == 0
        label = "INT" if is_asked else "Guest"
        text += f"{label}: "
        start = len(text)
        text += sentence(rng, 8 if is_asked else 30)
        turns.append(Turn(at, start, len(text), label, marks=(TimeMark(start, at, at + 1),)))
        role = Role.INTERVIEWER if is_asked else Role.PARTICIPANT
        segments.append(
            Segment(
                f"seg_t{number}_{at}",
                document_id,
                at,
                at,
                start,
                len(text),
                role,
                None if is_asked else person,
            )
        )
        text += "\n"
    speakers = (Speaker("INT", Role.INTERVIEWER), Speaker("Guest", Role.PARTICIPANT, person))
    document = Document(
        document_id,
        source,
        f"talk-{number:04}.txt",
        DocumentKind.INTERVIEW,
        text,
        tuple(turns),
        speakers,
    )
    own = [s for s in segments if s.role is Role.PARTICIPANT]
    return Ingested(document, tuple(segments)), own


def comment(number: int, rng: random.Random) -> tuple[Ingested, list[Segment]]:
    from qualcode.records import Document, DocumentKind, Role, Segment, Speaker, Turn
    from qualcode.store.sources import Ingested

    text, person = sentence(rng, 20), f"C{number}"
    document = Document(
        f"doc_c{number}",
        "src_survey",
        "survey.csv",
        DocumentKind.COMMENT,
        text,
        (Turn(0, 0, len(text)),),
        (Speaker(None, Role.PARTICIPANT, person),),
        row=number + 2,
        participant_id=person,
        attributes={"persona": rng.choice(["Planner", "Wanderer"])},
    )
    segment = Segment(f"seg_c{number}", document.id, 0, 0, 0, len(text), Role.PARTICIPANT, person)
    return Ingested(document, (segment,)), [segment]


def sentence(rng: random.Random, n_words: int) -> str:
    return " ".join(rng.choices(WORDS, k=n_words)).capitalize() + "."


def suggest(study: Study, segments: Sequence[Segment], rng: random.Random) -> None:
    from qualcode.store.vectors import text_key

    judgements = study.repository.judgements
    codes = {family: [c.id for c in study.codebook.family(family)] for family in FAMILIES}
    run_id = judgements.begin_run("code", coder="local:made", code_version="0")
    for first in range(0, len(segments), 5000):
        some = segments[first : first + 5000]
        rows = [(judged(s, f, codes[f], rng), "basis") for s in some for f in FAMILIES]
        judgements.add(run_id, rows)
    judgements.end_run(run_id, "done", {})

    import numpy as np

    from qualcode.coders.local.weights import model_id

    texts = {text.segment.id: text.text for text in study.repository.segment_texts.all()}
    made = np.random.default_rng(SEED)
    for first in range(0, len(segments), 5000):
        some = segments[first : first + 5000]
        rows = made.normal(size=(len(some), 384)) + 1.5  # so that all are somewhat alike
        rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        vectors = {text_key(texts[s.id]): row for s, row in zip(some, rows, strict=True)}
        study.repository.vectors.add(vectors, model_id())


def judged(segment: Segment, family: str, codes: Sequence[str], rng: random.Random) -> Judgement:
    from qualcode.records import Coding, Judgement, Rationale, Verdict, stable_id

    if rng.random() > SUGGESTED:
        return Judgement(segment.id, family, "local:made", Verdict.NONE)
    code = rng.choice(codes)
    coding = Coding(
        id=stable_id("cod", segment.id, code),
        document_id=segment.document_id,
        segment_id=segment.id,
        start_char=segment.start_char,
        end_char=segment.end_char,
        family=family,
        code=code,
        coder="local:made",
        score=round(0.3 + 0.7 * rng.random(), 4),
        rationale=Rationale("definition", "Made for a measurement.", 0.5),
    )
    return Judgement(segment.id, family, "local:made", Verdict.CODED, codings=(coding,))


def decide(study: Study, segments: Sequence[Segment], n: int, rng: random.Random) -> None:
    """Let two people be done with some segments each, with one rejected code on each."""
    from qualcode.review_events import Action, ReviewEvent

    value = {"families": list(study.codebook.families), "codebook": study.codebook.fingerprint()}
    code = study.codebook.family(FAMILIES[0])[0].id
    chosen = rng.sample(segments, n)
    for first in range(0, n, 2500):
        events = []
        for number, segment in enumerate(chosen[first : first + 2500], start=first):
            author = "Ada" if number % 2 else "Bob"
            common = {"author": author, "segment_id": segment.id}
            events += [
                ReviewEvent(
                    uid=f"r{number}", action=Action.REJECT, family=FAMILIES[0], code=code, **common
                ),
                ReviewEvent(uid=f"d{number}", action=Action.DONE, value=value, **common),
            ]
        study.repository.review_events.add(events)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    done = work()
    return done, time.perf_counter() - began


def spent(works: Sequence[Callable[[], Any]]) -> list[tuple[float, float]]:
    """Return milliseconds on the clock and of the processor of each call."""
    found = []
    for work in works:
        cpu = time.process_time()
        _, seconds = timed(work)
        found.append((round(1000 * seconds, 2), round(1000 * (time.process_time() - cpu), 2)))
    return found


def told(name: str, calls: Sequence[tuple[float, float]]) -> dict[str, float]:
    """Return the median and the 95th percentile; of few calls the highest but none."""
    figures = {}
    for kind, values in zip(("", "_cpu"), zip(*calls, strict=True), strict=True):
        ordered = sorted(values)
        figures[f"{name}{kind}_p50_ms"] = ordered[len(ordered) // 2]
        figures[f"{name}{kind}_p95_ms"] = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return figures


if __name__ == "__main__":
    main()
