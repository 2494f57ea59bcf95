"""Score pain on comments about services that no head was trained on, the text alone.

    python -m evals.nhs_pain --data ../shared/data [--out evals/results/nhs_pain.json]

Three answers to "does this comment tell of a difficulty?", and precision, recall and F1 of each:

* `head`: the shipped pain head, from 0.5 on;
* `coder`: the embedded coder's own decision, any code of family pain_point anywhere in the comment
  (which code is not checked: the data have none of ours);
* `tfidf`: TF-IDF with logistic regression, trained on the NHS services that the heads know, from
  0.5 on. It knows this kind of text and nothing else.

Two sets of different comments, none equal to a comment that was trained on (but for case and
punctuation):

* `see_and_convey`: the service that training held back. Its figures were seen while the heads were
  chosen, and the coder's rules were adjusted on 700 of its comments (`nhs_sentiment.py`), so
  `beyond_the_700` stands apart. Pain is a mean coded sentiment of 4 or 5, none 1 or 2.
* `earlier_framework`: comments of two other trusts, coded earlier and otherwise. Nothing in this
  project had read them before this script. Pain is a criticality below 0, none one above 0.

`clear` leaves out what lies between, mostly mixed, neutral or empty-handed ("nothing");
`between_as_no` counts it as no pain. Nothing is tuned here. Intervals are 95 %, percentile
bootstrap over comments, seeded.
"""

from __future__ import annotations

import argparse
import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from evals.heads import tfidf_pain
from evals.measures import SEED, Bools, micro_f1, resampled, scores, spread, tally
from evals.nhs_sentiment import comments
from evals.output import emit
from qualcode.codebook import load_codebook
from qualcode.coders.base import Task
from qualcode.coders.local.coder import LocalCoder
from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.heads import Heads
from qualcode.ingest.columns import Profile
from qualcode.ingest.segmentation import segment
from qualcode.ingest.survey import read_survey
from qualcode.ingest.table import read_table
from qualcode.records import Document
from qualcode.resources import default_codebook_path
from training.sources import Example, nhs_sentiment, text_key

EARLIER = PurePath("nhs_comments") / "comments_earlier_framework.csv"
CODED = PurePath("nhs_comments") / "comments_coded.csv"
MOST_CRITICAL = 5
FAMILY = "pain_point"


def earlier_framework(data: Path) -> list[Example]:
    """Read the comments of the earlier framework, each different text once.

    Criticality is -5 to 5; what is no such number ("-o", "NA") is left out, and so are texts that
    the later framework has too. Where equal texts were coded differently, their mean counts.
    """
    with (data / CODED).open(encoding="utf-8", newline="") as file:
        known = {text_key(row["text"]) for row in csv.DictReader(file)}
    groups: dict[str, list[tuple[str, int]]] = defaultdict(list)
    with (data / EARLIER).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = text_key(row["feedback"])
            try:
                criticality = int(row["criticality"])
            except ValueError:
                continue
            if key and key not in known and abs(criticality) <= MOST_CRITICAL:
                groups[key].append((row["feedback"], criticality))
    examples = []
    for rows in groups.values():
        mean = float(np.mean([criticality for _, criticality in rows]))
        pain = None if mean == 0 else mean < 0
        examples.append(Example(rows[0][0], "nhs_earlier", pain=pain, valence=mean))
    return examples


def documents_of(texts: Sequence[str]) -> list[Document]:
    """Read texts as a survey of one open question, as an ingest does."""
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(["id", "comment"])
    writer.writerows([f"c{n}", text] for n, text in enumerate(texts))
    name = PurePath("comments.csv")
    reading = read_survey(
        read_table(table.getvalue().encode("utf-8"), name),
        Profile("id", ("comment",)),
        path=name.name,
        source_id="src",
        source_sha256="nhs",
    )
    if [document.external_id for document in reading.documents] != [
        f"c{n}" for n in range(len(texts))
    ]:
        raise RuntimeError("not every comment became a document")
    return list(reading.documents)


def coded(coder: LocalCoder, texts: Sequence[str]) -> Bools:
    """Return whether the coder proposes any pain point anywhere in each comment."""
    tasks = [Task(document, segment(document)) for document in documents_of(texts)]
    found = {j.segment_id for j in coder.code(tasks, (FAMILY,)).items if j.codings}
    return np.array([any(s.id in found for s in task.segments) for task in tasks])


def compared(pain: Bools, answers: Mapping[str, Bools]) -> dict[str, Any]:
    """Return the figures of each answer, and how far each lies from TF-IDF in F1."""
    tallies = {name: tally(pain[:, None], said[:, None]) for name, said in answers.items()}
    draws = {name: micro_f1(resampled(parts)) for name, parts in tallies.items()}
    figures: dict[str, Any] = {
        "n": len(pain),
        "share_pain": round(float(pain.mean()), 3),
        "f1_of_always_yes": round(2 * float(pain.mean()) / (1 + float(pain.mean())), 3),
    }
    for name, said in answers.items():
        counts = (int((said & pain).sum()), int(said.sum()), int(pain.sum()))
        figures[name] = {**scores(*counts), "f1_interval": spread(draws[name])}
    for name in [name for name in answers if name != "tfidf"]:
        lead = micro_f1(tallies[name].sum(axis=0)) - micro_f1(tallies["tfidf"].sum(axis=0))
        figures[f"{name}_minus_tfidf"] = {
            "f1": round(float(lead), 3),
            "interval": spread(draws[name] - draws["tfidf"]),
        }
    return figures


def measured(data: Path) -> dict[str, Any]:
    book = load_codebook(default_codebook_path())
    encoder, heads = Encoder(), Heads()
    coder = LocalCoder(book, encoder=encoder, heads=heads)
    tfidf = tfidf_pain(data)
    result: dict[str, Any] = {
        "coder": coder.name,
        "basis": f"{coder.basis(FAMILY)}/{book.meaning(FAMILY)}",
        "seed": SEED,
    }
    looked_at = {text_key(document.text) for document in comments(data)}
    sets = {
        "see_and_convey": nhs_sentiment(data, held_back=True),
        "earlier_framework": earlier_framework(data),
    }
    for name, examples in sets.items():
        texts = [example.text for example in examples]
        answers = {
            "head": heads.pain(encoder.read(texts).features) >= 0.5,
            "coder": coded(coder, texts),
            "tfidf": tfidf.predict_proba(texts)[:, 1] >= 0.5,
        }
        pain = np.array([bool(example.pain) for example in examples])
        clear = np.array([example.pain is not None for example in examples])
        new = np.array([text_key(text) not in looked_at for text in texts])
        parts = {"clear": clear, "between_as_no": np.ones(len(texts), bool)}
        if name == "see_and_convey":
            parts["beyond_the_700"] = clear & new
        result[name] = {
            part: compared(pain[rows], {who: said[rows] for who, said in answers.items()})
            for part, rows in parts.items()
        }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    options = parser.parse_args()
    emit(measured(options.data), options.out)


if __name__ == "__main__":
    main()
