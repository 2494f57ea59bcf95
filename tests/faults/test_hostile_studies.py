"""A study from a stranger is refused or used; nothing of it runs, nothing outside is touched."""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from qualcode.codebook import load_codebook
from qualcode.errors import CodebookError, QualcodeError, SettingsError, StoreError, StudyError
from qualcode.settings import data_home
from qualcode.store.database import APPLICATION_ID
from qualcode.workflow.index import discard_index
from qualcode.workflow.study import Study
from tests.conftest import Run
from tests.hostile_files import xlsx


@pytest.fixture
def study(asked_template: Path, tmp_path: Path) -> Path:
    return shutil.copytree(asked_template, tmp_path / "study")


def opened(folder: Path) -> None:
    """Do with a study what every command does."""
    with Study(folder) as study:
        assert study.codebook.codes
        study.repository.corpus()


def linked(link: Path, target: Path) -> None:
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)
    link.unlink(missing_ok=True)
    try:
        link.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("this system makes no links for this user")


def executed(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(
    "name", ["study.toml", "codebook.yaml", "qualcode.db", "qualcode.db.lock", ".ingest.lock"]
)
def test_a_file_of_the_study_that_is_a_link_out_of_it_is_refused(
    study: Path, tmp_path: Path, name: str
) -> None:
    outside = tmp_path / "private"
    source = study / name
    outside.write_bytes(source.read_bytes() if source.is_file() else b"")
    before = outside.read_bytes()
    linked(source, outside)
    with pytest.raises(StudyError, match="a link out of the study's folder") as caught:
        opened(study)
    assert caught.value.message.startswith(f"{study / name}: ")
    assert outside.read_bytes() == before


@pytest.mark.parametrize("name", ["vectors", "backups"])
def test_a_folder_of_the_study_that_is_a_link_out_of_it_is_refused(
    study: Path, tmp_path: Path, name: str
) -> None:
    outside = tmp_path / "private"
    (outside / "index-0001").mkdir(parents=True)
    linked(study / name, outside)
    with pytest.raises(StudyError, match="a link out"), Study(study) as held:
        discard_index(held)
    assert (outside / "index-0001").is_dir()


def test_a_link_within_the_study_is_no_harm(study: Path) -> None:
    (study / "book.yaml").write_bytes((study / "codebook.yaml").read_bytes())
    linked(study / "codebook.yaml", study / "book.yaml")
    opened(study)


def test_other_links_in_the_folder_are_the_persons_own_business(
    study: Path, tmp_path: Path
) -> None:
    (tmp_path / "interviews").mkdir()
    linked(study / "interviews", tmp_path / "interviews")
    opened(study)


@pytest.mark.parametrize(
    "odd", ["../../elsewhere", "/etc", "a/b", "a\\\\b", "C:x", "..", ".", "x" * 200, "a\\u0000b"]
)
def test_a_study_whose_id_leads_elsewhere_is_refused(study: Path, odd: str) -> None:
    settings = study / "study.toml"
    lines = settings.read_text(encoding="utf-8").splitlines()
    lines = [f'id = "{odd}"' if line.startswith("id =") else line for line in lines]
    settings.write_text("\n".join(lines), encoding="utf-8", newline="\n")
    with pytest.raises(StudyError, match="cannot name a folder") as caught:
        opened(study)
    assert caught.value.message.startswith(f"{settings}: ")
    assert not (data_home() / "elsewhere").exists()


_PROFILES = "".join(f'[surveys."{n}.csv"]\ntext_cols = ["why"]\n' for n in range(40_000))
_UNKNOWN = "".join(f"[surveys.s{n}]\nx = 1\n" for n in range(20_000))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (_PROFILES, "more than 512 KB"),
        ("[surveys.a]\ntext_cols = [" + '"why",' * 200_000 + "]\n", "more than 512 KB"),
        (f"[{'surveys.' * 60_000}a]\n", "a key of many parts"),
        ("'a' . " * 80_000 + "a = 1\n", "a key of many parts"),
        ('"\\"".' * 80_000 + "a = 1\n", "a key of many parts"),
        (f'a = {{b = """c"""", {"d." * 60_000}e = 1, f = "g"}}\n', "a key of many parts"),
        ('a = """' + '\\"""' * 100_000 + "\\", "not TOML"),
        (_UNKNOWN, "and 19980 more"),
        (f"[surveys.a]\nid_col = {'9' * 400_000}\n", "not TOML"),
        ("[surveys.a]\ntext_cols = " + "[" * 400_000, "lists in lists without end"),
    ],
    ids=[
        *("profiles", "columns", "table", "quoted parts", "quotes in parts", "after a long string"),
        *("string", "unknown keys", "number", "brackets"),
    ],
)
def test_settings_that_would_take_long_are_refused_at_once(
    study: Path, settings: str, told: str
) -> None:
    path = study / "study.toml"
    path.write_text(path.read_text(encoding="utf-8") + settings, encoding="utf-8", newline="\n")
    started = time.process_time()
    with pytest.raises(SettingsError, match=told) as caught:
        opened(study)
    assert time.process_time() - started < 2
    assert caught.value.message.startswith(str(path))


TRIGGER = (
    "CREATE TRIGGER changes AFTER INSERT ON run BEGIN DELETE FROM segment; END",
    "trigger 'changes'",
)
VIEW = ("CREATE VIEW seen AS SELECT load_extension('/tmp/x.so')", "view 'seen'")


@pytest.mark.parametrize(("statement", "told"), [TRIGGER, VIEW], ids=["trigger", "view"])
def test_a_database_with_what_runs_by_itself_is_refused(
    study: Path, statement: str, told: str
) -> None:
    executed(study / "qualcode.db", statement)
    with pytest.raises(StoreError, match="holds what no qualcode puts there") as caught:
        opened(study)
    assert told in caught.value.message


def test_a_foreign_database_is_refused_and_stays_as_it_is(study: Path) -> None:
    database = study / "qualcode.db"
    database.unlink()
    executed(database, "CREATE TABLE moz_cookies (value TEXT)", "PRAGMA user_version = 7")
    before = database.read_bytes()
    with pytest.raises(StoreError, match="a database of another program"):
        opened(study)
    assert database.read_bytes() == before


def test_a_foreign_database_with_our_mark_is_refused(study: Path) -> None:
    database = study / "qualcode.db"
    database.unlink()
    executed(
        database,
        f"PRAGMA application_id = {APPLICATION_ID}",
        "CREATE TABLE alembic_version (version_num TEXT)",
        "INSERT INTO alembic_version VALUES ('9999')",
    )
    with pytest.raises(StoreError, match="written by a newer qualcode"):
        opened(study)


@pytest.mark.parametrize("content", [b"", b"\0" * 8192, b"PK\x03\x04" * 4096, b"SQLite format 3\0"])
def test_what_is_no_database_is_refused(study: Path, content: bytes) -> None:
    for path in study.glob("qualcode.db-*"):
        path.unlink()
    (study / "qualcode.db").write_bytes(content)
    if not content:  # an empty file is what a killed `init` leaves, and becomes an empty study
        opened(study)
        return
    with pytest.raises(StoreError) as caught:
        opened(study)
    assert caught.value.message.startswith(f"{study / 'qualcode.db'}: ")
    assert caught.value.hint


def test_a_study_made_by_a_newer_version_says_so_and_keeps_its_file(
    study: Path, qualcode: Run
) -> None:
    executed(study / "qualcode.db", "UPDATE alembic_version SET version_num = '9999'")
    before = (study / "qualcode.db").read_bytes()
    done = qualcode("map", "--study", study, expect=5)
    assert "written by a newer qualcode" in done.stderr
    assert "pip install --upgrade qualcode" in done.stderr
    assert (study / "qualcode.db").read_bytes() == before


def test_settings_of_a_newer_version_name_file_line_and_key(study: Path) -> None:
    settings = study / "study.toml"
    text = settings.read_text(encoding="utf-8").replace("schema_version = 1", "schema_version = 2")
    settings.write_text(text, encoding="utf-8", newline="\n")
    with pytest.raises(SettingsError, match=r"study\.toml:\d+: study\.schema_version"):
        opened(study)


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a" * 3_000_000, "\0", "[study]\nid = 7"])
def test_settings_that_make_no_sense_are_refused(study: Path, text: str) -> None:
    (study / "study.toml").write_text(text, encoding="utf-8", newline="\n")
    with pytest.raises(QualcodeError, match=r"study\.toml"):
        opened(study)


HEAD = "schema: 1\nname: Book\nlanguage: en\ncodes:\n"
CODE = "  - {{id: {0}, name: Name {0}, family: theme{1}}}\n"
BOOKS: dict[str, tuple[str, str]] = {
    "a cycle of parents": (
        HEAD + CODE.format("a", ", parent: b") + CODE.format("b", ", parent: a"),
        "yaml:5: 'a' is its own ancestor",
    ),
    "two codes of one id": (
        HEAD + CODE.format("a", "") + CODE.format("a", ""),
        "yaml:5: id 'a' is used 2 times",
    ),
    "lists without end": ("codes: " + "[" * 100_000, "yaml:1: brackets in brackets"),
    "mappings without end": ("codes: " + "{a: " * 2_000, "yaml:1: brackets in brackets"),
    "blocks without end": (
        "".join(f"{' ' * n}a:\n" for n in range(1_000)),
        "lists in lists without end",
    ),
    "a list that holds itself": ("codes: &x [*x]\n", "yaml:1: "),
    "an entry that holds itself": (HEAD + "  - &x {id: a, name: A, include: [*x]}\n", "yaml:5: "),
    "lists of lists of lists": (
        HEAD
        + "  - id: a\n    include: &a [x, x, x, x, x, x, x, x, x]\n"
        + "    exclude: &b [*a, *a, *a, *a, *a, *a, *a, *a]\n"
        + "    examples: &c [*b, *b, *b, *b, *b, *b, *b, *b]\n"
        + "    former_names: &d [*c, *c, *c, *c, *c, *c, *c, *c]\n"
        + "    goemotions: [*d, *d, *d, *d, *d, *d, *d, *d]\n",
        "is not a list of texts",
    ),
    "a name of Python's": (
        "codes: !!python/object/apply:os.system ['touch owned']\n",
        "yaml:1: ",
    ),
    "a megabyte and more": (HEAD + "# " + "x" * 1_100_000, "1,100,0"),
    "a NUL byte": ("codes:\n\0", "not YAML"),
}


@pytest.mark.parametrize(("text", "told"), BOOKS.values(), ids=BOOKS.keys())
def test_a_hostile_codebook_is_refused_with_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "book.yaml"
    path.write_text(text, encoding="utf-8", newline="\n")
    with pytest.raises(CodebookError) as caught:
        load_codebook(path)
    assert told in caught.value.message
    assert str(path) in caught.value.message
    assert not (tmp_path / "owned").exists()


def _far() -> bytes:
    return xlsx(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c r="XFD1048576"><v>1</v></c></row>'
    )


TABLES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a workbook that reaches far": ("book.xlsx", _far, "reaches to row 1,048,576"),
    "a workbook that is none": ("book.xlsx", lambda: b"PK\x03\x04", "not an .xlsx workbook"),
    "a cell of megabytes": ("book.csv", lambda: b"id,name\na," + b"x" * 3_000_000, "book.csv:2"),
    "10,000 columns": (
        "book.csv",
        lambda: b"id," + b",".join(b"c%d" % n for n in range(10_000)) + b"\na\n",
        "book.csv:1: unknown column 'c0'",
    ),
}


@pytest.mark.parametrize(("name", "make", "told"), TABLES.values(), ids=TABLES.keys())
def test_a_hostile_table_of_codes_is_refused(
    tmp_path: Path, name: str, make: Callable[[], bytes], told: str
) -> None:
    (tmp_path / name).write_bytes(make())
    with pytest.raises(CodebookError) as caught:
        load_codebook(tmp_path / name)
    assert told in caught.value.message
