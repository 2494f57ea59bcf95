"""Whatever people say and tools write, a turn's slice is the words; nothing else escapes.

`make test` tries 500 files in all, the same ones each time; `make fuzz` tries FUZZ_FILES others.
"""

import codecs
import io
import json
import os
import re
import zipfile
from collections.abc import Callable
from html import escape
from itertools import pairwise
from pathlib import PurePath

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qualcode.codebook import load_codebook
from qualcode.errors import CodebookError, SourceError
from qualcode.ingest.columns import Profile, detect
from qualcode.ingest.interview import build_document, read_interview
from qualcode.ingest.labels import name_like
from qualcode.ingest.reading import Reading, assemble
from qualcode.ingest.survey import read_survey
from qualcode.ingest.table import Table, read_table
from tests.codebook_sample import TEXT
from tests.hostile_files import docx, odt, xlsx
from tests.pdf_files import page_of, pdf_of

FILES_IN_ALL = int(os.environ.get("FUZZ_FILES", "500"))


def tried(share: float) -> settings:
    """Let a test have its share of all files."""
    return settings(
        max_examples=max(1, round(FILES_IN_ALL * share)),
        deadline=None,
        derandomize=FILES_IN_ALL <= 500,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


# Names that are words of a clause as well ("So", "Is") are no labels to any reader of the language.
SPEAKERS = st.lists(
    st.from_regex(
        r"[A-Z][a-z]{1,8}( [A-Z][a-z]{1,8})?|P[0-9]{1,2}|[א-ת]{2,8}", fullmatch=True
    ).filter(name_like),
    min_size=2,
    max_size=4,
    unique_by=str.casefold,
)
UGLY = st.sampled_from(
    [
        "👩🏽\u200d🔧",
        "🇩🇪",
        "e\u0301",
        "שלום",
        "\u202eمرحبا\u202c",
        "x\u2028y",
        "a\x0bb",
        "&amp;",
        "<i>",
        "-->",
        "00:00:01",
        "Name: x",
        "*stars*",
        "don't",
    ]
)
# Control characters are a binary file's mark, half characters no encoding has, and the readers
# take spaces and tabs off both ends.
ANY = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff"), min_size=1
)
UTTERANCE = (
    st.lists(st.one_of(UGLY, ANY), min_size=1, max_size=6)
    .map(" ".join)
    .map(lambda words: f"so {words} .")
)


@st.composite
def talks(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Draw alternating turns in which every speaker has two at least."""
    speakers = draw(SPEAKERS)
    n_rounds = draw(st.integers(2, 4))
    return [(speaker, draw(UTTERANCE)) for _ in range(n_rounds) for speaker in speakers]


def spoken(data: bytes, suffix: str) -> list[tuple[str | None, str]]:
    """Return each turn's speaker and its slice of the document's text."""
    reading = read_interview(data, PurePath(f"talk{suffix}"))
    document = build_document(reading, path="talk", source_id="s", source_sha256="0", attributes={})
    assert (document.text, document.turns) == assemble(reading.paragraphs)
    return [(turn.speaker, turn.span.of(document.text)) for turn in document.turns]


def encoded(text: str, line_end: str, mark: bool) -> bytes:
    data = text.replace("\n", line_end).encode()
    return codecs.BOM_UTF8 + data if mark else data


def escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cues(talk: list[tuple[str, str]], decimal: str, shape: str) -> str:
    return "\n".join(
        f"{number + 1}\n00:{number:02}:01{decimal}000 --> 00:{number:02}:05{decimal}000\n"
        + shape.format(name=name, words=escaped(words))
        + "\n"
        for number, (name, words) in enumerate(talk)
    )


LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@tried(0.08)
@given(talk=talks(), line_end=LINE_ENDS, mark=st.booleans(), gap=st.sampled_from(["\n", "\n\n"]))
def test_turns_of_plain_text_are_the_words_written(
    talk: list[tuple[str, str]], line_end: str, mark: bool, gap: str
) -> None:
    text = gap.join(f"{name}: {words}" for name, words in talk)

    assert spoken(encoded(text, line_end, mark), ".txt") == talk


@tried(0.08)
@given(talk=talks(), line_end=LINE_ENDS, mark=st.booleans())
def test_turns_of_webvtt_are_the_words_written(
    talk: list[tuple[str, str]], line_end: str, mark: bool
) -> None:
    text = "WEBVTT\n\n" + cues(talk, ".", "<v {name}>{words}</v>")

    assert spoken(encoded(text, line_end, mark), ".vtt") == talk


@tried(0.08)
@given(talk=talks(), line_end=LINE_ENDS, mark=st.booleans())
def test_turns_of_subrip_are_the_words_written(
    talk: list[tuple[str, str]], line_end: str, mark: bool
) -> None:
    text = cues(talk, ",", "{name}: {words}")

    assert spoken(encoded(text, line_end, mark), ".srt") == talk


# --- files of scraps: words that can be followed through, between all that readers look for -------

SCRAPS = st.sampled_from(
    [
        *(
            "A: ",
            "**B:** ",
            "\n",
            "\n\n",
            "---\n",
            "# x\n",
            "[m]",
            "<v C>",
            "</v>",
            "P (she/her): ",
        ),
        *("- ", "`", "1\n", "x: ", "?", "  ", "WEBVTT\n", "[0:01] ", "\u2028", "\u00a0", ">> "),
        *("00:01.000 --> 00:02.000\n", "00:00:01,000 --> 00:00:02,000\n", "NOTE x\n", "&amp;", "|"),
        *(
            "Speaker 1 (00:01):\n",
            "Ann  0:04\n",
            "[inaudible 00:00:07] ",
            "\t",
            "#00:01:02-3#",
            "- ",
        ),
        *("Transcribed by https://otter.ai\n", "\r\n", "\r", "\x0b", "\x1b[2J", "\u202e", ";", ","),
        *('"', "'", "=1+1", "''", '""', "id", "comment", '{"ImportId":"QID1"}', "Other (specify)"),
    ]
)


def followed(scraps: list[str]) -> list[str]:
    """Put a word of its own after each scrap, so that what is lost can be told."""
    return [f"{scrap}wq{number}z " for number, scrap in enumerate(scraps)]


PARTS = st.lists(SCRAPS, max_size=30).map(followed)
WORD = re.compile(r"wq\d+z")


def _elements(draw: st.DrawFn, names: list[str], words: Callable[[str], str]) -> str:
    """Draw XML of some elements in one another, with words in the innermost."""
    parts = []
    for scrap in draw(PARTS):
        inner = words(escape("".join(c for c in scrap if c >= " " or c in "\t\n")))
        for name in draw(st.lists(st.sampled_from(names), max_size=3)):
            inner = f"<{name}>{inner}</{name}>"
        parts.append(inner)
    return "".join(parts)


@st.composite
def word_files(draw: st.DrawFn) -> tuple[bytes, str]:
    names = ["w:ins", "w:hyperlink", "w:sdt", "w:sdtContent", "w:smartTag", "w:del", "w:moveFrom"]
    cells = draw(st.booleans())
    wrap = "<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>" if cells else "{}"
    body = _elements(
        draw, names, lambda text: wrap.format(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
    )
    return docx(body), ".docx"


@st.composite
def open_files(draw: st.DrawFn) -> tuple[bytes, str]:
    names = ["text:list", "text:list-item", "text:section", "text:tracked-changes", "text:note"]
    wrap = draw(st.sampled_from(["text:p", "text:h"]))
    body = _elements(draw, names, lambda text: f"<{wrap}>{text}<text:s/></{wrap}>")
    return odt(body), ".odt"


@st.composite
def rich_files(draw: st.DrawFn) -> tuple[bytes, str]:
    marks = st.sampled_from(
        ["\\par ", "\\line ", "\\b ", "\\tab ", "\\'e9", "\\u8364?", "\\pard ", "\\cell ", "\\row "]
        + ["{\\b ", "}", "\\plain ", "\\uc2 ", "\\trowd ", "\\intbl ", "{\\footnote "]
    )
    parts = [draw(marks) + re.sub(r"[^ -~]", "", scrap) for scrap in draw(PARTS)]
    return ("{\\rtf1\\ansi " + "".join(parts) + "}").encode("ascii"), ".rtf"


@st.composite
def recorded_files(draw: st.DrawFn) -> tuple[bytes, str]:
    key = draw(st.sampled_from(["segments", "utterances", "transcription", "monologues"]))
    times = st.one_of(st.floats(-1, 1e4), st.just("1.5"), st.none(), st.just("x"), st.booleans())
    parts = [
        {"start": draw(times), "end": draw(times), "text": scrap}
        | draw(st.sampled_from([{}, {"speaker": "A"}, {"speaker": 1}, {"speaker": None}]))
        for scrap in draw(PARTS)
    ]
    return json.dumps({key: parts}).encode("utf-8"), ".json"


TEXTS = st.builds(
    lambda head, parts, end, suffix: ((head + "".join(parts).replace("\n", end)).encode(), suffix),
    st.sampled_from(["", "", "WEBVTT\n\n", "# Talk\n\n", "---\nkey: value\n---\n", "\ufeff"]),
    PARTS,
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([".txt", ".md", ".vtt", ".srt"]),
)
TALKS = st.one_of(TEXTS, TEXTS, word_files(), open_files(), rich_files(), recorded_files())


def looked_at(data: bytes, name: str, encoding: str | None = None) -> Reading | None:
    """Read an interview as all are, and check what holds of each."""
    try:
        reading = read_interview(data, PurePath(name), encoding=encoding)
    except SourceError as error:
        assert error.message.startswith(name)
        return None
    text, turns = assemble(reading.paragraphs)
    assert all(turn.span.of(text).strip() for turn in turns)
    assert all(first.end_char < then.start_char for first, then in pairwise(turns))
    assert all(
        turn.start_char <= mark.start_char < turn.end_char
        and mark.start_seconds <= mark.end_seconds
        for turn in turns
        for mark in turn.marks
    )
    text.encode("utf-8")
    return reading


@tried(0.24)
@given(file=TALKS)
def test_no_word_of_a_talk_is_left_out_unsaid(file: tuple[bytes, str]) -> None:
    data, suffix = file
    reading = looked_at(data, f"a{suffix}")
    if reading is not None:
        whole = data.decode("utf-8") if suffix not in (".docx", ".odt") else _unpacked(data)
        text, _ = assemble(reading.paragraphs)
        lost = set(WORD.findall(whole)) - set(WORD.findall(text))
        assert not lost or reading.skipped, lost


def _unpacked(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        inside = "content.xml" if "content.xml" in packed.namelist() else "word/document.xml"
        return packed.read(inside).decode("utf-8")


# --- damage: a good file with bytes changed, missing or put in ------------------------------------


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[tuple[bytes, str]]) -> tuple[bytes, str]:
    data, suffix = draw(whole)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        harm = draw(st.sampled_from(["cut", "put", "change", "repeat"]))
        some = draw(st.binary(min_size=1, max_size=8))
        if harm == "cut":
            data = data[:at] + data[at + draw(st.integers(1, 200)) :]
        elif harm == "put":
            data = data[:at] + some + data[at:]
        elif harm == "change":
            data = data[:at] + some + data[at + len(some) :]
        else:
            data = data[:at] + data[max(0, at - 50) : at] * 3 + data[at:]
    return data, draw(st.sampled_from([suffix, suffix, suffix, ".txt", ".docx", ""]))


HEADS = st.sampled_from(
    [
        *(b"", b"WEBVTT\n\n", b"00:01.000 --> 00:02.000\n", b"PK\x03\x04", b"---\n", b"\xff\xfe"),
        *(b"# ", b"{\\rtf1", b'{"segments": [', b"\xd0\xcf\x11\xe0", b"\xef\xbb\xbf"),
    ]
)
BYTES = st.tuples(
    st.one_of(
        st.builds(bytes.__add__, HEADS, st.binary(max_size=400)),
        st.builds(lambda head, text: head + text.encode(), HEADS, ANY),
    ),
    st.sampled_from(["", ".txt", ".md", ".vtt", ".srt", ".docx", ".odt", ".rtf", ".json", ".TXT"]),
)


@tried(0.2)
@given(
    file=st.one_of(damaged(TALKS), BYTES),
    encoding=st.sampled_from([None, None, "utf-16-le", "cp1252", "utf-7", "idna"]),
)
def test_any_bytes_are_read_or_refused_with_a_source_error(
    file: tuple[bytes, str], encoding: str | None
) -> None:
    data, suffix = file
    looked_at(data, f"a{suffix}", encoding)


# --- tables --------------------------------------------------------------------------------------


@st.composite
def delimited_files(draw: st.DrawFn) -> tuple[bytes, str]:
    joint = draw(st.sampled_from(",;\t|"))
    width = draw(st.integers(1, 4))
    cells = draw(PARTS)
    quoted = draw(st.booleans())
    shown = ['"' + c.replace('"', '""') + '"' if quoted else c for c in cells]
    rows = [joint.join(shown[at : at + width]) for at in range(0, len(shown), width)]
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    return "\n".join(rows).encode(encoding), ".csv"


@st.composite
def workbooks(draw: st.DrawFn) -> tuple[bytes, str]:
    rows = []
    for number, scrap in enumerate(draw(PARTS), start=1):
        text = escape("".join(c for c in scrap if c >= " "))
        column = draw(st.sampled_from("ABC"))
        place = draw(st.sampled_from([f' r="{column}{number}"', ""]))
        rows.append(f'<row r="{number}"><c{place} t="inlineStr"><is><t>{text}</t></is></c></row>')
    return xlsx("".join(rows)), ".xlsx"


TABLES = st.one_of(delimited_files(), workbooks())


def table_looked_at(data: bytes, name: str) -> Table | None:
    """Read a table as all are, and check what holds of each."""
    try:
        table = read_table(data, PurePath(name), dialect=None)
    except SourceError as error:
        assert error.message.startswith(name)
        return None
    assert len(set(table.header)) == len(table.header)
    assert {len(row.cells) for row in table.rows} <= {len(table.header)}
    try:
        found, _ = detect(table)
        texts = found.text_cols or table.header[:1]
        profile = Profile(None, texts, (), None)
        read = read_survey(table, profile, path=name, source_id="s", source_sha256="0")
    except SourceError as error:
        assert error.message.startswith(name)
        return table
    for document in read.documents:
        assert all(turn.span.of(document.text).strip() for turn in document.turns)
    return table


@tried(0.12)
@given(file=TABLES)
def test_no_cell_of_a_table_is_left_out_unsaid(file: tuple[bytes, str]) -> None:
    data, suffix = file
    table = table_looked_at(data, f"a{suffix}")
    if table is not None and suffix == ".csv":
        mark = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        whole = data.decode("utf-16" if mark else "utf-8")
        kept = " ".join([*table.header, *(cell for row in table.rows for cell in row.cells)])
        lost = set(WORD.findall(whole)) - set(WORD.findall(kept))
        assert not lost or table.problems or table.dialect, lost


@tried(0.1)
@given(file=damaged(TABLES))
def test_any_bytes_of_a_table_are_read_or_refused(file: tuple[bytes, str]) -> None:
    data, suffix = file
    table_looked_at(data, f"a{suffix}")


# --- what is slow to start, and what is no source -------------------------------------------------

PDF = pdf_of(page_of((72, 760, "Ada: It took weeks."), (72, 740, "Bea: And then?")))
PDFS = damaged(st.just((PDF, ".pdf")))


@tried(0.02)
@given(file=PDFS)
def test_any_bytes_of_a_pdf_are_read_or_refused(file: tuple[bytes, str]) -> None:
    data, suffix = file
    looked_at(data, f"a{suffix}")


BOOKS = damaged(
    st.sampled_from([(TEXT.encode(), ".yaml"), (b"id,name,parent\na,A,\nb,B,a\n", ".csv")])
)


@tried(0.06)
@given(file=BOOKS)
def test_any_bytes_of_a_codebook_are_read_or_refused(
    file: tuple[bytes, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data, suffix = file
    path = tmp_path_factory.getbasetemp() / f"book{suffix or '.yaml'}"
    path.write_bytes(data)
    try:
        assert load_codebook(path).codes
    except CodebookError as error:
        assert str(path) in error.message


@tried(0.02)
@given(data=st.data())
def test_any_bytes_of_a_parquet_file_are_read_or_refused(data: st.DataObject) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="needs the extra qualcode[parquet]")
    parquet = pytest.importorskip("pyarrow.parquet")
    stream = io.BytesIO()
    parquet.write_table(pyarrow.table({"id": [1, 2], "comment": ["It took weeks", ""]}), stream)
    harmed, _ = data.draw(damaged(st.just((stream.getvalue(), ".parquet"))))
    table_looked_at(harmed, "a.parquet")
