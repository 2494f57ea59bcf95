"""The main path from files to map, as a user types it."""

import csv
import io
import json
import os
import shlex
import shutil
from pathlib import Path

import pytest

from qualcode.codebook import load_codebook
from tests.conftest import Run, runs_in

TALK = """\
Interviewer: How did you get your new router?
Ada Moss: I waited three weeks for the delivery and nobody told me anything. It was so frustrating.
Interviewer: And the setup?
Ada Moss: The engineer who came was lovely, he explained everything, and I was really relieved.
Interviewer: Anything else?
Ada Moss: I just want someone to tell me what is happening. You can write to ada.moss@example.org.
"""


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding, newline="\n")
    return path


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a study that holds nothing yet and one that is coded."""
    folder = tmp_path_factory.mktemp("main_path")
    write(folder, "talk.txt", TALK)
    run = runs_in(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "data"))
        patch.setenv("QUALCODE_CONFIG", str(folder / "config.toml"))
        run("init", "study", "--purpose", "See why people wait", "--yes")
        shutil.copytree(folder / "study", folder / "empty")
        run("ingest", "--study", "study", "talk.txt")
        run("code", "--study", "study")
        (folder / "study").rename(folder / "coded")
    return folder


def copied(begun: Path, which: str, folder: Path) -> Path:
    """Copy a study with its private part, and the file that it was read from."""
    write(folder, "talk.txt", TALK)
    if (begun / "data").is_dir():
        shutil.copytree(begun / "data", os.environ["QUALCODE_DATA_HOME"], dirs_exist_ok=True)
    return shutil.copytree(begun / which, folder / "study")


@pytest.fixture
def study(tmp_path: Path, begun: Path) -> Path:
    return copied(begun, "empty", tmp_path)


@pytest.fixture
def coded(tmp_path: Path, begun: Path) -> Path:
    return copied(begun, "coded", tmp_path)


def exported(qualcode: Run, study: Path) -> dict[str, list[dict[str, object]]]:
    qualcode("export", "json", "--study", study, "--out", study / "out.json")
    return json.loads((study / "out.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def test_from_a_file_to_a_map(tmp_path: Path, coded: Path, qualcode: Run) -> None:
    done = qualcode("map", "--study", coded)
    assert Path(done.stdout.strip()) == Path("study") / "map.html" or done.stdout.strip()
    page = (coded / "map.html").read_text(encoding="utf-8")
    assert "See why people wait" in page
    assert "Ada" not in page


def test_inside_a_study_no_option_is_needed(study: Path, qualcode: Run) -> None:
    (study / "talk.txt").write_text(TALK, encoding="utf-8", newline="\n")
    done = qualcode("ingest", "--study", study, study / "talk.txt")
    assert "talk.txt" in done.stdout


def test_every_exported_quote_equals_its_slice(coded: Path, qualcode: Run) -> None:
    data = exported(qualcode, coded)
    texts = {d["id"]: str(d["text"]) for d in data["documents"]}
    assert data["codings"]
    for coding in data["codings"]:
        start, end = coding["start_char"], coding["end_char"]
        assert coding["quote"] == texts[coding["document_id"]][start:end]  # type: ignore[misc]


def test_no_interviewer_word_is_coded(coded: Path, qualcode: Run) -> None:
    data = exported(qualcode, coded)
    asked = {s["id"] for s in data["segments"] if s["role"] == "interviewer"}
    assert asked
    assert not asked & {c["segment_id"] for c in data["codings"]}
    assert not asked & {j["segment_id"] for j in data["judgements"]}


def test_every_participant_segment_has_one_judgement_a_family(coded: Path, qualcode: Run) -> None:
    data = exported(qualcode, coded)
    heard = {s["id"] for s in data["segments"] if s["role"] != "interviewer"}
    families = {j["family"] for j in data["judgements"]}
    pairs = [(j["segment_id"], j["family"]) for j in data["judgements"]]
    assert len(families) == 7
    assert sorted(pairs) == sorted((s, f) for s in heard for f in families)  # type: ignore[type-var]


def test_names_and_addresses_are_nowhere_in_the_study(coded: Path, qualcode: Run) -> None:
    exported(qualcode, coded)
    found = [
        path.name
        for path in coded.rglob("*")
        if path.is_file() and (b"Moss" in path.read_bytes() or b"example.org" in path.read_bytes())
    ]
    assert found == []


def test_the_same_file_again_changes_nothing(study: Path, qualcode: Run) -> None:
    qualcode("ingest", "--study", study, "talk.txt")
    before = exported(qualcode, study)
    done = qualcode("ingest", "--study", study, "talk.txt")
    assert "unchanged" in done.stdout
    assert exported(qualcode, study) == before


def test_a_changed_file_is_reported_with_the_command_that_replaces_it(
    tmp_path: Path, study: Path, qualcode: Run
) -> None:
    qualcode("ingest", "--study", study, "talk.txt")
    write(tmp_path, "talk.txt", TALK.replace("three weeks", "four weeks"))
    done = qualcode("ingest", "--study", study, "talk.txt", expect=1)
    told = next(line for line in done.stderr.splitlines() if "--replace" in line)
    command = told.split("qualcode ")[1].split("  (")[0]
    qualcode(*shlex.split(command))
    assert "four weeks" in str(exported(qualcode, study)["documents"][0]["text"])


def test_coding_again_judges_nothing_new(coded: Path, qualcode: Run) -> None:
    again = json.loads(qualcode("code", "--study", coded, "--json").stdout)
    assert again["judged"] == 0
    assert again["codings"] > 0


def test_a_changed_family_is_judged_again_and_no_other(coded: Path, qualcode: Run) -> None:
    before = exported(qualcode, coded)
    book = coded / "codebook.yaml"
    found = next(str(c["code"]) for c in before["codings"] if c["family"] == "pain_point")
    name = load_codebook(book).code(found).name
    text = book.read_text(encoding="utf-8")
    book.write_text(text.replace(f"name: {name}", f"name: Long {name}", 1), encoding="utf-8")
    again = json.loads(qualcode("code", "--study", coded, "--json").stdout)
    assert again["judged"] > 0
    after = exported(qualcode, coded)
    assert [c for c in after["codings"] if c["family"] != "pain_point"] == [
        c for c in before["codings"] if c["family"] != "pain_point"
    ]


def test_a_voice_set_to_interviewer_leaves_the_evidence(coded: Path, qualcode: Run) -> None:
    qualcode("speakers", "set", "[PERSON_1]", "interviewer", "--study", coded)
    assert exported(qualcode, coded)["codings"] == []


def test_a_name_masked_later_takes_the_codings_with_it(
    tmp_path: Path, study: Path, qualcode: Run
) -> None:
    write(tmp_path, "more.txt", TALK.replace("The engineer", "The engineer Bartholomew"))
    qualcode("ingest", "--study", study, "more.txt")
    qualcode("code", "--study", study)
    before = exported(qualcode, study)
    qualcode("mask", "Bartholomew", "--study", study)
    after = exported(qualcode, study)
    assert "Bartholomew" not in json.dumps(after)
    assert [c["id"] for c in after["codings"]] == [c["id"] for c in before["codings"]]
    expected = [str(c["quote"]).replace("Bartholomew", "[PERSON_2]") for c in before["codings"]]
    assert [c["quote"] for c in after["codings"]] == expected
    left = [p.name for p in study.rglob("*") if p.is_file() and b"Bartholomew" in p.read_bytes()]
    assert left == []


def test_a_survey_comes_back_with_its_rows_and_code_columns(
    tmp_path: Path, study: Path, qualcode: Run
) -> None:
    rows = [["id", "nps", "comment"]]
    rows += [[f"c{n}", str(n % 11), f"Delivery took {n} weeks, I was annoyed."] for n in range(30)]
    rows[5][2] = ""
    rows[9][2] = "=1+1"
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    write(tmp_path, "wave.csv", out.getvalue())
    qualcode("ingest", "--study", study, "wave.csv", "--text-col", "comment", "--id-col", "id")
    qualcode("code", "--study", study)
    qualcode("export", "csv", "--study", study, "--what", "wave.csv", "--out", "w.csv", "--raw-csv")
    with (tmp_path / "w.csv").open(encoding="utf-8-sig", newline="") as file:
        back = list(csv.reader(file))
    assert [row[:3] for row in back] == rows
    safe = qualcode("export", "csv", "--study", study, "--what", "wave.csv", "--out", "s.csv")
    assert "1 cells got a ' in front" in safe.stderr
    assert len(back[0]) > 3
    ids = [d["external_id"] for d in exported(qualcode, study)["documents"]]
    assert ids == [row[0] for row in rows[1:]]


def test_one_bad_file_stops_no_other(tmp_path: Path, study: Path, qualcode: Run) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder, "good.txt", TALK)
    write(folder, "empty.txt", "")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 20)
    (folder / "truncated.docx").write_bytes(b"PK\x03\x04 half a file")
    write(folder, "latin.txt", TALK.replace("lovely", "café"), encoding="cp1252")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    done = qualcode("ingest", "--study", study, "in", "--json", expect=1)
    status = {o["path"]: o["status"] for o in json.loads(done.stdout)}
    assert status == {
        "binary.txt": "failed",
        "empty.txt": "failed",
        "good.txt": "read",
        "latin.txt": "read",
        "photo.jpg": "skipped",
        "truncated.docx": "failed",
    }


def test_files_of_the_wrong_suffix_are_told(tmp_path: Path, study: Path, qualcode: Run) -> None:
    write(tmp_path, "talk.csv", TALK)
    rows = "".join(f"{n},{n % 10},it was late again\n" for n in range(9))
    write(tmp_path, "survey.txt", "id,nps,comment\n" + rows)
    done = qualcode("ingest", "--study", study, "talk.csv", "survey.txt", "--json", expect=1)
    told = {o["path"]: o["reason"] for o in json.loads(done.stdout)}
    assert "looks like the transcript" in told["talk.csv"]
    assert "looks like a table" in told["survey.txt"]


def test_names_kept_are_stamped_on_every_output(tmp_path: Path, study: Path, qualcode: Run) -> None:
    qualcode("ingest", "--study", study, "--no-pseudonyms", "talk.txt")
    qualcode("map", "--study", study)
    assert "Names were not masked" in (study / "map.html").read_text(encoding="utf-8")
    assert exported(qualcode, study)["study"]["masked"] is False  # type: ignore[call-overload]
    qualcode("export", "csv", "--study", study, "--out", "c.csv")
    header = (tmp_path / "c.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert header.endswith("names were not masked")
    assert "not masked" in qualcode("quotes", "--study", study).stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["map"], 1, "qualcode init"),
        (["ingest", "--study", "study", "nowhere.txt"], 1, "no such file"),
        (["export", "json", "--study", "study", "--out", "no/such/x.json"], 2, "cannot be written"),
        (["quotes", "--study", "study", "--code", "nothing_such"], 2, "nothing_such"),
        (["code", "--study", "study", "--family", "outcome"], 2, "proposes no codes"),
        (["map", "--study", "study", "--persona", "Nobody"], 2, "Nobody"),
        (["frobnicate"], 2, "No such command"),
        (["init", "study"], 1, "there is a study already"),
    ],
)
def test_a_mistake_has_its_exit_code_and_says_what_to_do(
    study: Path, qualcode: Run, arguments: list[str], code: int, told: str
) -> None:
    done = qualcode(*arguments, expect=code)
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_the_log_tells_the_runs(coded: Path, qualcode: Run) -> None:
    runs = json.loads(qualcode("log", "--study", coded, "--json").stdout)
    assert [(run["step"], run["status"]) for run in runs] == [("ingest", "done"), ("code", "done")]


def test_the_demo_makes_a_study_with_at_least_300_codings(
    demo_folder: Path, tmp_path: Path, qualcode: Run
) -> None:
    copy = tmp_path / "demo"
    shutil.copytree(demo_folder, copy)
    data = exported(qualcode, copy)
    assert (copy / "map.html").stat().st_size < 3_000_000
    assert len(data["codings"]) >= 300
    assert len(data["documents"]) == 208
    assert 3 <= len(data["criteria"]["criteria"]) <= 4  # type: ignore[call-overload]
