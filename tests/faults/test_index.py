"""A search index that is gone, damaged, old or not ours is told as such, and NumPy's answer stands.

Row S9 of the fault table.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from qualcode.errors import StoreError
from qualcode.settings import Charter
from qualcode.store.index import process as index_process
from qualcode.store.index.manifest import hashed_files, read_manifest
from qualcode.store.index.process import IndexProcess, NoAnswer
from qualcode.workflow import index as index_step
from qualcode.workflow.index import IndexUse, reindex
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.mask import mask
from qualcode.workflow.search import Found, search
from qualcode.workflow.study import Study, create_study

CORPUS = Path(__file__).resolve().parents[2] / "corpora" / "rollwell" / "sources" / "survey.csv"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a study with vectors and an index; its private folder lies beside it."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "private"))
        with create_study(folder / "study", name="Faults", charter=Charter()) as study:
            ingest(study, [CORPUS], IngestOptions(text_cols=("comment",)))
            reindex(study)
    return folder


@pytest.fixture
def study(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Study]:
    """Open a copy, on the machine that made it."""
    shutil.copytree(made, tmp_path / "copy")
    monkeypatch.setenv("QUALCODE_DATA_HOME", str(tmp_path / "copy" / "private"))
    with Study(tmp_path / "copy" / "study") as opened:
        yield opened


def asked(study: Study, query: str, use: IndexUse = IndexUse.CHROMA) -> Found:
    return search(study, query, use=use, limit=12, min_score=0.0)


def told(study: Study, query: str = "nobody answered the phone") -> str:
    """Return why the index was not used; whatever it is, the answer is that of NumPy."""
    found, exact = asked(study, query), asked(study, query, IndexUse.EXACT)
    assert found.hits == exact.hits
    assert len(found.hits) == 12
    assert found.engine == ("exact" if found.doubt else "chroma")
    return found.doubt


def rebuilt(study: Study) -> None:
    reindex(study)
    assert told(study) == ""


def built(study: Study) -> Path:
    (folder,) = (study.path / "vectors").glob("index-*")
    return folder


def sign(study: Study) -> None:
    """Sign what the files are now: as if the damage had happened while it was built."""
    secret = study.private.index_key()
    assert secret is not None
    manifest = read_manifest(built(study), secret)
    manifest = replace(manifest, files=hashed_files(built(study) / "chroma")).signed(secret)
    (built(study) / "manifest.json").write_text(json.dumps(asdict(manifest)), encoding="utf-8")


def flip(path: Path, at: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(at * (len(content) - 1))] ^= 0x40
    path.write_bytes(content)


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the test fail if chromadb is started: it must not meet these files."""

    def refuse(self: IndexProcess) -> None:
        raise AssertionError("started")

    monkeypatch.setattr(IndexProcess, "__init__", refuse)


@pytest.mark.parametrize("query", ["nobody answered the phone", "price", "brakes that squeal"])
def test_a_whole_index_answers_as_numpy_does(study: Study, query: str) -> None:
    assert told(study, query) == ""


def test_a_deleted_index_is_rebuilt(study: Study) -> None:
    shutil.rmtree(study.path / "vectors")
    assert told(study) == "there is none yet"
    rebuilt(study)


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "delete", "add", "link"])
def test_a_damaged_file_is_found_before_chromadb_meets_it(study: Study, harm: str) -> None:
    for path in sorted((built(study) / "chroma").rglob("*.*")):
        content = path.read_bytes()
        if harm == "flip":
            flip(path, 0.7)
        elif harm == "cut":
            path.write_bytes(content[: len(content) // 2])
        elif harm == "empty":
            path.write_bytes(b"")
        elif harm == "delete":
            path.unlink()
        elif harm == "add":
            path.with_name("more.bin").write_bytes(b"x")
        elif os.name == "nt":
            pytest.skip("Windows makes links for administrators only")
        else:
            path.rename(study.path / path.name)
            path.symlink_to(study.path / path.name)
        if content or harm not in ("cut", "empty", "flip"):
            assert asked(study, "price").doubt == "its files are damaged"
        path.unlink(missing_ok=True)
        path.with_name("more.bin").unlink(missing_ok=True)
        path.write_bytes(content)


def test_damage_under_a_good_signature_never_takes_the_command_down(
    study: Study, tmp_path: Path
) -> None:
    whole = shutil.copytree(built(study), tmp_path / "whole")
    exact = asked(study, "price", IndexUse.EXACT)
    harms: list[tuple[str, Callable[[Path], object]]] = [
        *((name, lambda path: flip(path, 0.0)) for name in ("header.bin", "chroma.sqlite3")),
        ("index_metadata.pickle", lambda path: flip(path, 0.01)),
        ("link_lists.bin", lambda path: flip(path, 0.1)),
        ("data_level0.bin", lambda path: path.write_bytes(path.read_bytes()[:9999])),
        ("chroma.sqlite3", lambda path: path.write_bytes(path.read_bytes()[:9999])),
    ]
    doubts = []
    for name, harm in harms:
        shutil.rmtree(built(study))
        shutil.copytree(whole, study.path / "vectors" / "index-0001")
        (path,) = built(study).rglob(name)
        harm(path)
        sign(study)
        found = asked(study, "price")
        doubts += [(name, found.doubt)] if found.doubt else []
        if found.doubt:
            assert found.hits == exact.hits
    assert len(doubts) >= 4, doubts


def test_an_index_that_lost_rows_is_not_used(study: Study) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(built(study) / "chroma" / "chroma.sqlite3")) as database:
        database.execute("DELETE FROM embeddings WHERE id % 2 = 0")
        database.commit()
    sign(study)
    assert told(study) == "rows are missing from it"


def test_vectors_that_the_store_lost_are_computed_again(study: Study) -> None:
    keys = [text.key for text in study.repository.segment_texts.all()]
    study.repository.vectors.remove(keys)
    found = asked(study, "price")
    assert found.doubt == "the store has lost vectors that are in it"
    assert found.hits
    assert told(study) == ""


def test_new_texts_make_the_index_stale(study: Study, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text("id,comment\n1,The price of the price is the price.\n", encoding="utf-8")
    ingest(study, [more], IngestOptions(text_cols=("comment",)))
    assert told(study) == "the texts have changed since it was built"
    rebuilt(study)


def test_an_index_of_another_model_is_not_used(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_step, "_model", lambda: "another-model")
    assert told(study) == "it is of another model"


def test_an_index_of_another_version_of_chromadb_is_not_used(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qualcode.store.index.manifest.chromadb_version", lambda: "0.0")
    assert told(study) == "it was built by another version of chromadb"


@pytest.mark.usefixtures("no_process")
def test_an_index_that_came_with_a_study_is_never_opened(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study.close()
    monkeypatch.setenv("QUALCODE_DATA_HOME", str(tmp_path / "another machine"))
    with Study(study.path) as handed_on:
        assert told(handed_on) == "it was not built here, or was changed since"


def test_an_index_that_came_with_a_study_is_replaced(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study.close()
    foreign = built(study) / "chroma" / "chroma.sqlite3"
    monkeypatch.setenv("QUALCODE_DATA_HOME", str(tmp_path / "another machine"))
    with Study(study.path) as handed_on:
        rebuilt(handed_on)
    assert not foreign.exists()


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", "[" * 100_000, '{"files": {}, "model": "x"}', "\x00", " " * 2_000_000],
)
def test_a_manifest_that_makes_no_sense_is_not_believed(study: Study, content: str) -> None:
    (built(study) / "manifest.json").write_text(content, encoding="utf-8")
    assert told(study) == "its manifest cannot be read"


@pytest.mark.usefixtures("no_process")
def test_a_manifest_that_somebody_changed_is_not_believed(study: Study) -> None:
    path = built(study) / "manifest.json"
    values = json.loads(path.read_text(encoding="utf-8"))
    values["n_rows"] += 1
    path.write_text(json.dumps(values), encoding="utf-8")
    assert told(study) == "it was not built here, or was changed since"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_a_killed_builder_leaves_the_old_index_in_use_and_its_rest_is_cleared(study: Study) -> None:
    old = built(study)
    code = (
        "import sys; from pathlib import Path; from qualcode.workflow.study import Study\n"
        "from qualcode.workflow.index import reindex; reindex(Study(Path(sys.argv[1])))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(study.path)])
    while not list((study.path / "vectors").glob("building-*/chroma/chroma.sqlite3")):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list((study.path / "vectors").glob("building-*"))
    assert told(study) == ""
    rebuilt(study)
    assert not list((study.path / "vectors").glob("building-*"))
    assert built(study) != old


def test_of_two_builders_the_second_is_refused_and_the_index_is_whole(study: Study) -> None:
    begun = threading.Event()
    go_on = threading.Event()

    def wait(doing: str, done: int, total: int) -> None:
        begun.set()
        go_on.wait(60)

    first = threading.Thread(target=lambda: reindex(Study(study.path), wait))
    first.start()
    assert begun.wait(60)
    try:
        with pytest.raises(StoreError, match="another qualcode is building"):
            reindex(study)
        assert told(study) == ""  # the old one answers meanwhile
    finally:
        go_on.set()
        first.join()
    assert told(study) == ""


def test_masking_leaves_no_old_vector_in_the_study(study: Study) -> None:
    text = next(t for t in study.repository.segment_texts.all() if "Mill Street" in t.text)
    vector = study.repository.vectors.matrix([text.key], index_step._model())[0].tobytes()
    assert holding(study.path, vector)
    mask(study, ["Mill Street"])
    study.close()
    assert holding(study.path, vector) == []
    with Study(study.path) as again:
        assert told(again) == "there is none yet"


def holding(folder: Path, content: bytes) -> list[str]:
    """Return the files with these bytes in them; a page of a database may end within them."""
    parts = (content[:200], content[-200:])
    found = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    return [p.name for p in found if any(part in p.read_bytes() for part in parts)]


def test_masking_while_the_index_is_built_leaves_no_index(study: Study) -> None:
    def mask_meanwhile(doing: str, done: int, total: int) -> None:
        if doing == "Indexing":
            with Study(study.path) as other:
                mask(other, ["Mill Street"])

    with pytest.raises(StoreError, match="changed meanwhile"):
        reindex(study, mask_meanwhile)
    assert [p.name for p in (study.path / "vectors").iterdir()] == [".lock"]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import time; time.sleep(60)", "did not answer within"),
        ("print('not JSON', flush=True); import time; time.sleep(60)", "makes no sense"),
        ("import os; os.abort()", "ended unexpectedly"),
        ("import sys; sys.exit(0)", "ended unexpectedly"),
        ('print(\'{"error": "Boom"}\', flush=True)', "failed (Boom)"),
    ],
)
def test_whatever_becomes_of_the_process_the_command_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str, said: str
) -> None:
    (tmp_path / "stand_in.py").write_text(program, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(index_process, "_MODULE", "stand_in")
    big = np.zeros((4000, 384), np.float32)  # more than a pipe holds
    with pytest.raises(NoAnswer) as caught, IndexProcess() as process:
        process.ask("query", seconds=2.0, vectors=big)
    assert said in str(caught.value)


def test_a_machine_that_cannot_start_it_answers_with_numpy(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert "cannot be started" in told(study)


def test_the_process_reads_no_settings_of_the_user_and_opens_no_socket(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "sockets"
    (tmp_path / "sitecustomize.py").write_text(
        "import socket\n"
        "def told(*args, **more):\n"
        f"    open({str(log)!r}, 'a', encoding='utf-8').write(repr(args))\n"
        "    raise OSError('no network in this test')\n"
        "socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = told\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    # Each of these would end it, or have it call home.
    monkeypatch.setenv("CHROMA_API_IMPL", "nowhere.Nothing")
    monkeypatch.setenv("chroma_otel_collection_endpoint", "http://127.0.0.1:9")
    monkeypatch.setenv("CHROMA_OTEL_GRANULARITY", "all")
    (tmp_path / ".env").write_text("CHROMA_API_IMPL=nowhere.Nothing\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert told(study) == ""
    assert not log.exists()


def test_a_failed_build_is_told_and_leaves_the_old_index(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_process, "_MODULE", "no_such_module")
    with pytest.raises(StoreError, match="could not be built"):
        reindex(study)
    monkeypatch.undo()
    assert list((study.path / "vectors").glob("index-*"))
    assert not list((study.path / "vectors").glob("building-*"))
