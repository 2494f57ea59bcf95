"""A study in which one person's words stand everywhere that words can come to stand."""

from __future__ import annotations

import html
import json
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from qualcode.codebook import Codebook
from qualcode.records import Coding, Judgement, Rationale, Verdict
from qualcode.review_events import Action
from qualcode.settings import Charter
from qualcode.store.candidates import CandidateQuote, Proposal
from qualcode.store.ledger import Ending, Outgoing
from qualcode.store.narratives import DraftedSentence, Wording
from qualcode.store.notes import NoteKind
from qualcode.store.replies import FailedReply, KeptReply
from qualcode.workflow.codebook_apply import apply_change
from qualcode.workflow.edit_map import write_opportunity
from qualcode.workflow.export import export
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.notes import add_note
from qualcode.workflow.source_life import remove_source
from qualcode.workflow.study import Study, create_study
from tests.review_sample import event

__all__ = ["NAME", "OTHERS", "PERSON", "WORDS", "holding", "in_survey", "make_study"]

NAME = "Zebedee Quux"
WORDS = "my wheelchair squeaks like a haunted accordion"
"""What only this person says."""
MORE = "pay in turnips at the velvet counter"
OTHERS = "The nurse at the front desk was friendly to all of us."
PERSON = "P01"
BOOK = """\
schema: 1
name: Book
language: en
codes:
  - {id: stage_come, name: Come in, family: stage, goal: How do I get in?}
  - id: pain_way
    name: The way
    family: pain_point
    definition: The way is hard.
    examples: [the stairs were steep and slippery]
"""


def make_study(folder: Path) -> Study:
    """Make the study with backups, exports and a search index in its folder."""
    (folder / "in").mkdir(parents=True)
    texts = {
        "book.yaml": BOOK,
        "talk.txt": f"Interviewer: How was it?\n{NAME}: Well, {WORDS}, as I say.\n"
        f"Interviewer: I see.\n{NAME}: And {MORE} I cannot.\n",
        "other.txt": f"Interviewer: How was it?\nMabel Ash: {OTHERS} {NAME} said so too.\n",
        "old.txt": f"Interviewer: Again?\n{NAME}: Once more {WORDS}.\n",
    }
    for name, text in texts.items():
        (folder / "in" / name).write_text(text, encoding="utf-8", newline="\n")
    book = folder / "in" / "book.yaml"
    study = create_study(folder / "study", name="Forget", charter=Charter(), codebook=book)
    talks = [folder / "in" / name for name in ("talk.txt", "other.txt")]
    ingest(study, talks, IngestOptions(names=(NAME,)))
    _judged(study)
    _asked(study)
    _written(study)
    _kept(study)
    return study


def _judged(study: Study) -> None:
    judgements = study.repository.judgements
    run = judgements.begin_run("code", coder="llm:x:m", code_version="1")
    made = []
    documents = study.repository.sources.documents()
    for segment in study.repository.sources.segments(documents):
        coding = Coding(
            f"cod_{segment.id}",
            segment.document_id,
            segment.id,
            segment.start_char,
            segment.end_char,
            "pain_point",
            "pain_way",
            "llm:x:m",
            0.9,
            Rationale("model", WORDS, note=f"because {WORDS}"),
        )
        made.append(
            Judgement(segment.id, "pain_point", "llm:x:m", Verdict.CODED, codings=(coding,))
        )
    judgements.add(run, [(judgement, "b") for judgement in made])


def _asked(study: Study) -> None:
    repository = study.repository
    run = repository.judgements.runs()[-1].id
    out = Outgoing("code", "ask", "llm:x:m", "api.example.org", 1)
    for words in (WORDS, OTHERS):
        body = json.dumps({"messages": [{"content": f"s1: {words}"}]}).encode("utf-8")
        repository.ledger.add(run, out, Ending("ok", sent=body))
    mine, other = repository.sources.documents()
    repository.replies.keep(
        run,
        [
            KeptReply("k1", "c", "s", "code", "llm:x:m", {"why": WORDS}, mine.id),
            KeptReply("k2", "c", "s", "code", "llm:x:m", {"why": OTHERS}, other.id),
        ],
    )
    failed = FailedReply("k3", "c", "s", "code", "llm:x:m", "cut", f"“{WORDS}”", other.id)
    repository.replies.fail(run, [failed])
    segment = repository.sources.segments([mine])[1]
    quote = CandidateQuote(segment.id, segment.start_char, segment.end_char)
    repository.candidates.add(run, [Proposal("pain_point", "Noise", f"As in {WORDS}", (quote,))])
    sentence = DraftedSentence(f"People say {WORDS}.", (f"cod_{segment.id}",))
    repository.narratives.add(run, [Wording("cell", "pain_point/stage_come", (sentence,))])


def _written(study: Study) -> None:
    mine, other = study.repository.sources.documents()
    segments = study.repository.sources.segments([mine, other])
    theirs = next(s for s in segments if s.document_id == mine.id and s.participant_id)
    others = next(s for s in segments if s.document_id == other.id and s.participant_id)
    study.repository.review_events.add(
        [
            event(Action.NOTE, "e1", segment_id=theirs.id, value={"text": f"Says {WORDS}"}),
            event(Action.NOTE, "e2", segment_id=others.id, value={"text": f"Unlike {WORDS}"}),
        ]
    )
    add_note(study, f"Compare: {WORDS}", NoteKind.STUDY, by="Ada")
    add_note(study, "Rang me back.", NoteKind.PARTICIPANT, PERSON, by="Ada")
    write_opportunity(study, "stage_come", f"Mend what {WORDS}", by="Ada")
    apply_change(study, "edit", "pain_way", _with_example, by="Ada", reason="")


def _with_example(book: Codebook) -> Codebook:
    codes = tuple(
        replace(code, examples=(*code.examples, WORDS)) if code.id == "pain_way" else code
        for code in book.codes
    )
    return replace(book, codes=codes)


def _kept(study: Study) -> None:
    """Leave words where only files hold them: backups, exports, an index, what was removed."""
    old = study.path.parent / "in" / "old.txt"
    ingest(study, [old])
    remove_source(study, "old.txt", by="Ada")
    for kind in ("json", "csv", "xlsx"):
        export(study, kind, study.path / f"all.{kind}")
    export(study, "json", study.path.parent / "elsewhere.json")
    backups = study.path / "backups"
    backups.mkdir()
    shutil.copy(study.path / "qualcode.db", backups / "qualcode-1.db")
    index = study.path / "vectors" / "index-0001"
    index.mkdir(parents=True)
    (index / "chroma.bin").write_bytes(WORDS.encode("utf-8"))


def holding(folder: Path, *words: str) -> list[str]:
    """Return the files below a folder in which one of the words stands, however it is packed."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole = b"\n".join([path.read_bytes(), *_unpacked(path)])
            text = html.unescape(whole.decode("utf-8", "replace"))
            if any(word.casefold() in text.casefold() for word in words):
                found.append(path.relative_to(folder).as_posix())
    return found


def _unpacked(path: Path) -> Iterator[bytes]:
    import zipfile

    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            yield from (packed.read(name) for name in packed.namelist())
    elif path.suffix == ".db":
        with closing(sqlite3.connect(path)) as connection:
            for (body,) in connection.execute("SELECT body FROM request_body"):
                yield zlib.decompress(body)


def in_survey(folder: Path, write: Callable[[str, str], Path], rows: str) -> Study:
    """Make a study of one survey with the columns id, persona and comment."""
    made = create_study(folder / "asked", name="Asked", charter=Charter())
    path = write("s.csv", f"id,persona,comment\n{rows}")
    ingest(made, [path], IngestOptions(text_cols=("comment",), id_col="id"))
    return made
