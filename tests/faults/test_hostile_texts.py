"""What people write or are called is shown as text in every output, and is data in every table."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path, PurePath

import openpyxl
import pytest

from qualcode.ingest.interview import build_document, read_interview
from tests.hostile_study import FORMULAS, MARKUP, SURVEY, make_study, texts
from tests.model_study import called

PAGES = ("map.html", "map-quotes.html", "map-criteria.html", "proof.html")
TABLES = ("map.csv", "codings.csv", "survey.csv", "book.csv")


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Write everything that the commands can write of one hostile study."""
    folder = tmp_path_factory.mktemp("hostile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "data"))
        patch.setenv("QUALCODE_CONFIG", str(folder / "config.toml"))
        study = make_study(folder)
        for kind in ("html", "md", "csv", "json"):
            called("map", "--study", study, "--format", kind, "--out", folder / f"map.{kind}")
        called("criteria", "--study", study, "--out", folder / "proof.html")
        export = ("--study", study, "--out")
        called("export", "csv", *export, folder / "codings.csv")
        called("export", "csv", *export, folder / "survey.csv", "--what", SURVEY)
        called("export", "csv", *export, folder / "raw.csv", "--what", SURVEY, "--raw-csv")
        called("export", "xlsx", *export, folder / "all.xlsx")
        called("export", "json", *export, folder / "all.json")
        called("codebook", "export", *export, folder / "book.csv")
        called("codebook", "export", *export, folder / "book.md")
        yield folder


class Seen(HTMLParser):
    """Collect what a browser makes of a page: elements, their attributes, scripts and words."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self.words: list[str] = []
        self._in = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._in = tag if tag in ("script", "style") else self._in

    def handle_endtag(self, tag: str) -> None:
        self._in = "" if tag == self._in else self._in

    def handle_data(self, data: str) -> None:
        (self.scripts if self._in == "script" else self.words).append(data)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_element_and_no_handler_of_the_texts(outputs: Path, name: str) -> None:
    seen = Seen((outputs / name).read_text(encoding="utf-8"))
    attributes = [pair for _, held in seen.elements for pair in held.items()]
    assert [a for a, _ in attributes if a.startswith("on")] == []
    assert [v for a, v in attributes if a in ("href", "src") and "javascript:" in v] == []
    assert not {"img", "iframe", "object"} & {tag for tag, _ in seen.elements}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_the_markup_as_the_words_that_it_is(outputs: Path, name: str) -> None:
    seen = Seen((outputs / name).read_text(encoding="utf-8"))
    shown = " ".join("".join(seen.words).split())
    assert "<script>window.owned=1</script>" in shown
    assert "{{7*7}} ${7*7}" in shown


@pytest.mark.parametrize("name", PAGES)
def test_no_script_of_a_page_ends_in_a_text(outputs: Path, name: str) -> None:
    scripts = Seen((outputs / name).read_text(encoding="utf-8")).scripts
    assert [s for s in scripts if "</script" in s or "<script" in s] == []


def test_markdown_is_escaped(outputs: Path) -> None:
    for name in ("map.md", "book.md"):
        text = (outputs / name).read_text(encoding="utf-8")
        assert re.findall(r"(?<!\\)<\w|(?<!\\)\]\(|(?<!\\)!\[|(?<!\\)&amp;", text) == [], name
        assert r"\<script\>" in text


def _acts(cell: str) -> bool:
    """Tell whether a spreadsheet may run a cell, by rules of the tests' own."""
    bare = "".join(c for c in cell if unicodedata.category(c) not in ("Cf", "Cc", "Zs"))
    is_number = re.fullmatch(r"[+-]?\d+([.,]\d+)?(e[+-]?\d+)?%?", cell) is not None
    return bare[:1] in tuple("=+-@＝＋－＠") and not is_number


def _cells(path: Path) -> list[str]:
    text = path.read_bytes().decode("utf-8-sig")
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


@pytest.mark.parametrize("name", TABLES)
def test_no_cell_of_a_csv_is_a_formula(outputs: Path, name: str) -> None:
    cells = _cells(outputs / name)
    assert [cell for cell in cells if _acts(cell)] == []
    assert any(cell.startswith("'=") for cell in cells)


def test_a_raw_csv_holds_every_cell_as_it_came(outputs: Path) -> None:
    cells = set(_cells(outputs / "raw.csv"))
    lost = [f for f in FORMULAS if not any(c.startswith(f.strip()) for c in cells)]
    assert lost == []


def test_a_workbook_holds_texts_and_no_formula(outputs: Path) -> None:
    book = openpyxl.load_workbook(outputs / "all.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    assert [cell.coordinate for cell in cells if cell.hyperlink] == []
    assert any(str(cell.value).startswith("=cmd|") for cell in cells)


def test_the_json_export_holds_every_text_to_the_letter(outputs: Path) -> None:
    exported = json.loads((outputs / "all.json").read_text(encoding="utf-8"))
    held = [document["text"] for document in exported["documents"]]
    assert sorted(held) == sorted(texts(outputs / "study"))
    assert sum(MARKUP in text for text in held) == 37


@pytest.mark.parametrize(
    "arguments",
    [("quotes", "--family", "pain_point"), ("search", "queue"), ("criteria",), ("speakers",)],
    ids=lambda arguments: arguments[0],
)
def test_no_control_character_reaches_the_terminal(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    study = make_study(tmp_path)
    talk = tmp_path / "b.txt"
    talk.write_text(
        "Ada: The queue was slow \x1b]0;owned\x1b[2J and dear.\nBea: And?\n" * 3,
        encoding="utf-8",
        newline="\n",
    )
    called("ingest", "--study", study, talk)
    done = called(*arguments, "--study", study)
    assert [c for c in done.out if c < " " and c not in "\n\t"] == []


UGLY = (
    "Straße ﬁnal e\u0301 "
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u05e9\u05dc\u05d5\u05dd\u00a0x "
    "\U0001f1e9\U0001f1ea a\u2028b İi ǅ \u1e9e"
)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".vtt", ".srt", ".json", ".rtf"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_turns_span_is_its_words_to_the_character(suffix: str, line_end: str) -> None:
    talk = [(who, f"{UGLY} {n} said") for n in range(3) for who in ("Ada", "Bea")]
    data = _written(talk, suffix).replace("\n", line_end).encode("utf-8")
    reading = read_interview(data, PurePath(f"a{suffix}"))
    document = build_document(reading, path="a", source_id="s", source_sha256="0")
    turns = [t for t in document.turns if t.is_speech]
    assert [(t.speaker, t.span.of(document.text)) for t in turns] == talk


def _written(talk: list[tuple[str, str]], suffix: str) -> str:
    if suffix in (".txt", ".md"):
        return "\n\n".join(f"{who}: {words}" for who, words in talk) + "\n"
    if suffix == ".json":
        parts = [
            {"start": n, "end": n + 1, "speaker": who, "text": words}
            for n, (who, words) in enumerate(talk)
        ]
        return json.dumps({"segments": parts}, ensure_ascii=False)
    if suffix == ".rtf":
        rows = "".join(f"{who}: {_rtf(words)}\\par\n" for who, words in talk)
        return "{\\rtf1\\ansi\\ansicpg1252\\uc1\n" + rows + "}"
    decimal = "." if suffix == ".vtt" else ","
    cues = [
        f"{n + 1}\n00:00:0{n}{decimal}000 --> 00:00:0{n}{decimal}900\n{who}: "
        f"{html.escape(words, quote=False)}\n"
        for n, (who, words) in enumerate(talk)
    ]
    return ("WEBVTT\n\n" if suffix == ".vtt" else "") + "\n".join(cues)


def _rtf(words: str) -> str:
    units = memoryview(words.encode("utf-16-le")).cast("H")
    return "".join(
        chr(u) if 31 < u < 127 else f"\\u{u if u < 0x8000 else u - 0x10000}?" for u in units
    )
