"""A pack holds the study and neither key nor vectors; a hostile one makes nothing."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from qualcode.errors import QualcodeError, SourceError, StoreError, StudyError, UsageError
from qualcode.settings import Charter
from qualcode.store.ledger import Ending, Outgoing
from qualcode.workflow.draft import draft
from qualcode.workflow.export import render_json
from qualcode.workflow.ingest import ingest
from qualcode.workflow.pack import pack
from qualcode.workflow.source_life import remove_source
from qualcode.workflow.study import Study, create_study
from qualcode.workflow.unpack import unpack
from tests.unit.workflow.conftest import Write, talk

Members = dict[str, bytes]


@pytest.fixture
def packed(grouped: Study, tmp_path: Path) -> Path:
    return pack(grouped, tmp_path / "study.qcpack").path


@pytest.fixture
def abroad(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Be on another computer, which keeps no key of the study."""
    monkeypatch.setenv("QUALCODE_DATA_HOME", str(tmp_path / "abroad"))


def members_of(path: Path) -> Members:
    with zipfile.ZipFile(path) as held:
        return {name: held.read(name) for name in held.namelist()}


def written(path: Path, members: Members, *, is_told: bool = True) -> Path:
    """Write a pack of other members, with a manifest that fits them unless it shall not."""
    members = dict(members)
    if is_told:
        manifest = json.loads(members["manifest.json"])
        manifest["members"] = {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
            for name, data in members.items()
            if name != "manifest.json"
        }
        members["manifest.json"] = json.dumps(manifest).encode("utf-8")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as held:
        for name, data in members.items():
            held.writestr(name, data)
    return path


def with_database(members: Members, folder: Path, *statements: str) -> Members:
    path = folder / "changed.db"
    path.write_bytes(members["qualcode.db"])
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return {**members, "qualcode.db": path.read_bytes()}


def refused(path: Path, folder: Path) -> QualcodeError:
    with pytest.raises(QualcodeError) as caught:
        unpack(path, folder / "made")
    return caught.value


# --- what is in it -----------------------------------------------------------------------------


def test_a_pack_is_settings_codebook_and_database(packed: Path) -> None:
    assert list(members_of(packed)) == [
        "manifest.json",
        "study.toml",
        "codebook.yaml",
        "qualcode.db",
    ]


def test_what_is_unpacked_exports_the_same(
    grouped: Study, packed: Path, tmp_path: Path, abroad: None
) -> None:
    unpack(packed, tmp_path / "made")
    with Study(tmp_path / "made") as made:
        assert render_json(made, draft(made)) == render_json(grouped, draft(grouped))


def test_a_pack_holds_no_vector(packed: Path, tmp_path: Path) -> None:
    path = tmp_path / "held.db"
    path.write_bytes(members_of(packed)["qualcode.db"])
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM embedding").fetchone() == (0,)


def test_a_pack_holds_no_name_of_the_key(study: Study, write: Write, tmp_path: Path) -> None:
    toml = study.path / "study.toml"
    text = toml.read_text(encoding="utf-8").replace("# names = []", 'names = ["Zebedee Quux"]')
    toml.write_text(text, encoding="utf-8")
    with Study(study.path) as listed:
        ingest(listed, [write("a.txt", talk("Priya Nair", "I met Zebedee Quux on the stairs."))])
        held = b"".join(members_of(pack(listed, tmp_path / "p.qcpack").path).values())
    assert [name for name in (b"Priya", b"Nair", b"Zebedee", b"Quux") if name in held] == []


def test_a_pack_holds_nothing_of_a_source_that_was_taken_out(
    study: Study, write: Write, tmp_path: Path
) -> None:
    ingest(study, [write("a.txt", talk("Ann", "The haunted accordion squeaked at me all day."))])
    remove_source(study, "a.txt", by="Ada")
    made = pack(study, tmp_path / "p.qcpack")
    assert made.n_removed == 1
    assert b"accordion" not in members_of(made.path)["qualcode.db"]


def test_the_same_study_gives_the_same_pack(grouped: Study, tmp_path: Path) -> None:
    one, two = (pack(grouped, tmp_path / name).path for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_nothing_is_left_beside_a_pack(packed: Path, tmp_path: Path) -> None:
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


# --- whose it is -------------------------------------------------------------------------------


def test_a_pack_with_the_id_of_a_study_of_ours_does_not_get_its_key(
    study: Study, write: Write, tmp_path: Path
) -> None:
    ingest(study, [write("a.txt", talk("Priya Nair"))])
    path = pack(study, tmp_path / "p.qcpack").path
    with pytest.raises(StudyError, match="keeps the pseudonym key"):
        unpack(path, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_ones_own_study_comes_back_to_its_key(study: Study, write: Write, tmp_path: Path) -> None:
    ingest(study, [write("a.txt", talk("Priya Nair"))])
    unpack(pack(study, tmp_path / "p.qcpack").path, tmp_path / "made", is_own=True)
    with Study(tmp_path / "made") as made:
        assert "Priya Nair" in made.load_key().persons


def called(folder: Path, identity: str) -> Study:
    """Make a study and give it an id by hand, as its owner may."""
    create_study(folder, name="Odd", charter=Charter()).close()
    toml = folder / "study.toml"
    lines = toml.read_text(encoding="utf-8").splitlines()
    told = [f"id = {json.dumps(identity)}" if line.startswith("id = ") else line for line in lines]
    toml.write_text("\n".join(told), encoding="utf-8", newline="\n")
    return Study(folder)


ODD_IDS = ["+plus", "@home", "-x-", "me@example.org", "a+b", "é" * 100, "two  words", "a..b", "_"]


@pytest.mark.parametrize("identity", ODD_IDS)
def test_a_study_of_any_id_that_works_comes_out_of_its_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, identity: str
) -> None:
    with called(tmp_path / "odd", identity) as odd:
        path = pack(odd, tmp_path / "p.qcpack").path
    monkeypatch.setenv("QUALCODE_DATA_HOME", str(tmp_path / "abroad"))
    unpack(path, tmp_path / "made")
    with Study(tmp_path / "made") as made:
        assert made.settings.study.id == identity


ODD_NAMES = [
    *('“A” \\ "b"', "=cmd()", "../../x", "🚑 Größe\tx", "a\nb", "", "[x] # y", "CON"),
    *("'" * 3, '"' * 3, "x" * 5_000, "\x1b[2J\x00\x7f"),
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_study_of_any_name_comes_out_of_its_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    charter = Charter(purpose=name, personas=(name, name))
    with create_study(tmp_path / "odd", name=name, charter=charter) as odd:
        path = pack(odd, tmp_path / "p.qcpack").path
    monkeypatch.setenv("QUALCODE_DATA_HOME", str(tmp_path / "abroad"))
    assert unpack(path, tmp_path / "made").name == name


WAYS_OUT = [
    *("..", "../x", "a/b", r"a\\b", "/x", "C:x", ".hidden", "x.", r"x\u0000", r"a\nb", "~", ""),
]


@pytest.mark.parametrize("identity", WAYS_OUT)
def test_a_pack_whose_id_leads_elsewhere_is_refused(
    members: Members, tmp_path: Path, abroad: None, identity: str
) -> None:
    lines = members["study.toml"].decode("utf-8").splitlines()
    told = [f'id = "{identity}"' if line.startswith("id = ") else line for line in lines]
    odd = {**members, "study.toml": "\n".join(told).encode("utf-8")}
    path = written(tmp_path / "odd.qcpack", odd)
    assert refused(path, tmp_path).message.startswith(f"{path}: study.toml: ")


def test_a_study_that_could_not_be_unpacked_is_not_packed(study: Study, tmp_path: Path) -> None:
    with (study.path / "study.toml").open("a", encoding="utf-8", newline="\n") as file:
        file.write("#" * (1 << 20))
    with pytest.raises(UsageError, match="study.toml is larger than"):
        pack(study, tmp_path / "p.qcpack")


def test_a_folder_in_use_is_not_overwritten(packed: Path, tmp_path: Path, abroad: None) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "mine.txt").write_text("mine", encoding="utf-8")
    assert isinstance(refused(packed, tmp_path), StudyError)


# --- hostile packs -----------------------------------------------------------------------------


@pytest.fixture
def members(packed: Path) -> Members:
    return members_of(packed)


@pytest.fixture(autouse=True)
def nothing_is_made_of_a_refused_one(tmp_path: Path) -> Iterator[None]:
    yield
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".unpack")] == []


CHANGES: dict[str, tuple[str, Callable[[Members], Members]]] = {
    "another member": ("holds 'x'", lambda m: {**m, "x": b""}),
    "a way out": ("holds '../evil'", lambda m: {**m, "../evil": b"x"}),
    "a missing one": ("not a pack", lambda m: {k: v for k, v in m.items() if k != "qualcode.db"}),
    "a bomb": ("more than a file of its size", lambda m: {**m, "codebook.yaml": bytes(9_000_000)}),
    "a large one": ("is larger than", lambda m: {**m, "study.toml": bytes(2_000_000)}),
    "no manifest of ours": ("not a pack", lambda m: {**m, "manifest.json": b'{"members": {}}'}),
    "no database": ("not a database", lambda m: {**m, "qualcode.db": b"x" * 5000}),
    "an address": (
        "cannot stand in a study",
        lambda m: {
            **m,
            "study.toml": m["study.toml"] + b'\n[llm]\nbase_url = "https://evil.example"\n',
        },
    ),
    "an id that is a path": (
        "cannot name a folder",
        lambda m: {
            **m,
            "study.toml": b"\n".join(
                b'id = "../../x"' if line.startswith(b"id = ") else line
                for line in m["study.toml"].split(b"\n")
            ),
        },
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_pack_with_odd_members_is_refused(
    members: Members, tmp_path: Path, abroad: None, change: str
) -> None:
    told, make = CHANGES[change]
    path = written(tmp_path / "odd.qcpack", make(members), is_told=change != "no manifest of ours")
    assert told in refused(path, tmp_path).message


@pytest.mark.parametrize("change", CHANGES)
def test_a_refused_pack_makes_no_folder(
    members: Members, tmp_path: Path, abroad: None, change: str
) -> None:
    make = CHANGES[change][1]
    path = written(tmp_path / "odd.qcpack", make(members), is_told=change != "no manifest of ours")
    refused(path, tmp_path)
    assert not (tmp_path / "made").exists()


def test_a_member_that_is_not_what_was_packed_is_refused(
    members: Members, tmp_path: Path, abroad: None
) -> None:
    changed = {**members, "codebook.yaml": members["codebook.yaml"] + b"\n# more\n"}
    path = written(tmp_path / "odd.qcpack", changed, is_told=False)
    assert "is not what was packed" in refused(path, tmp_path).message


def test_a_member_twice_is_refused(members: Members, tmp_path: Path, abroad: None) -> None:
    path = written(tmp_path / "odd.qcpack", members)
    with zipfile.ZipFile(path, "a") as held, pytest.warns(UserWarning, match="Duplicate"):
        held.writestr("study.toml", b"")
    assert "not a pack" in refused(path, tmp_path).message


def test_a_link_in_a_pack_is_refused(members: Members, tmp_path: Path, abroad: None) -> None:
    path = tmp_path / "odd.qcpack"
    with zipfile.ZipFile(path, "w") as held:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o120777 if name == "study.toml" else 0o100644) << 16
            held.writestr(info, data)
    assert "study.toml is a link" in refused(path, tmp_path).message


@pytest.mark.parametrize("kept", [0, 1, 100, 5_000])
def test_a_pack_that_was_cut_is_refused(
    packed: Path, tmp_path: Path, abroad: None, kept: int
) -> None:
    path = tmp_path / "cut.qcpack"
    path.write_bytes(packed.read_bytes()[:kept])
    assert isinstance(refused(path, tmp_path), SourceError)


def test_a_size_that_lies_is_refused(members: Members, tmp_path: Path, abroad: None) -> None:
    path = written(tmp_path / "odd.qcpack", members)
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as held:
        start = held.start_dir
    at = data.index(b"PK\x01\x02", start)
    data[at + 24 : at + 28] = (3).to_bytes(4, "little")  # the manifest says that it has 3 bytes
    path.write_bytes(bytes(data))
    assert isinstance(refused(path, tmp_path), SourceError)


DAMAGE = {
    "a trigger": (
        "none of qualcode's tables",
        "CREATE TRIGGER t AFTER INSERT ON note BEGIN DELETE FROM document; END",
    ),
    "a view": ("none of qualcode's tables", "CREATE VIEW v AS SELECT * FROM document"),
    "another table": ("none of qualcode's tables", "CREATE TABLE more (x)"),
    "another column": ("is not as qualcode makes it", "ALTER TABLE note ADD COLUMN x TEXT"),
    "a column too few": ("is not as qualcode makes it", "ALTER TABLE request DROP COLUMN version"),
    "a column of a later version": (
        "is not as qualcode makes it",
        "UPDATE alembic_version SET version_num = '0005'",
    ),
    "a newer version": ("newer qualcode", "UPDATE alembic_version SET version_num = '9999'"),
    "another program": ("another program", "PRAGMA application_id = 7"),
    "a span outside": ("point outside", "UPDATE segment SET end_char = 99999999"),
    "a span that is turned": ("point outside", "UPDATE segment SET start_char = end_char + 1"),
    "no JSON": ("holds no JSON", "UPDATE document SET attributes_json = '{'"),
    "a row of nothing": (
        "belongs to nothing",
        "UPDATE segment SET document_id = 'no' WHERE rowid = 1",
    ),
    "a value of no kind": ("cannot be read", "UPDATE document SET kind = 'riddle'"),
}


@pytest.mark.parametrize("change", DAMAGE)
def test_a_database_that_is_not_as_ours_is_refused(
    members: Members, tmp_path: Path, abroad: None, change: str
) -> None:
    told, statement = DAMAGE[change]
    path = written(tmp_path / "odd.qcpack", with_database(members, tmp_path, statement))
    found = refused(path, tmp_path)
    assert (isinstance(found, StoreError), told in found.message) == (True, True), found.message


def test_the_message_names_the_file(members: Members, tmp_path: Path, abroad: None) -> None:
    statement = "CREATE VIEW v AS SELECT 1"
    path = written(tmp_path / "odd.qcpack", with_database(members, tmp_path, statement))
    assert refused(path, tmp_path).message.startswith(f"{path}: qualcode.db: ")


def test_an_older_pack_is_brought_up_to_date(
    members: Members, tmp_path: Path, abroad: None
) -> None:
    older = with_database(
        members,
        tmp_path,
        *(f"DROP TABLE {name}" for name in ("removed_document", "removed_source", "note")),
        "ALTER TABLE request DROP COLUMN version",
        "UPDATE alembic_version SET version_num = '0004'",
    )
    unpack(written(tmp_path / "old.qcpack", older), tmp_path / "made")
    with Study(tmp_path / "made") as made:
        assert (made.repository.notes.all(), made.repository.ledger.all()) == ((), ())


def test_the_version_that_answered_is_in_a_pack(grouped: Study, tmp_path: Path) -> None:
    run = grouped.repository.judgements.begin_run("code", code_version="1")
    out = Outgoing("code", "ask", "llm:openai:m", "api.example.org", 1)
    grouped.repository.ledger.add(run, out, Ending("ok", version="m-2026 fp_1"))
    unpack(pack(grouped, tmp_path / "asked.qcpack").path, tmp_path / "made", is_own=True)
    with Study(tmp_path / "made") as made:
        assert [request.version for request in made.repository.ledger.all()] == ["m-2026 fp_1"]


def test_a_damaged_page_is_refused(members: Members, tmp_path: Path, abroad: None) -> None:
    data = bytearray(members["qualcode.db"])
    data[8 * 4096 : 12 * 4096] = b"\xff" * (4 * 4096)
    path = written(tmp_path / "odd.qcpack", {**members, "qualcode.db": bytes(data)})
    assert isinstance(refused(path, tmp_path), StoreError)


def test_an_index_that_somebody_put_beside_is_no_member(
    members: Members, tmp_path: Path, abroad: None
) -> None:
    path = written(tmp_path / "odd.qcpack", {**members, "vectors/index-0001/chroma.bin": b"x"})
    assert "vectors/index-0001" in refused(path, tmp_path).message
