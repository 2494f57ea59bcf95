"""No file hurts: each is refused or read in little time and memory, and told what is wrong."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePath

import pytest

from qualcode.errors import SourceError
from qualcode.ingest.interview import build_document, read_interview
from qualcode.ingest.names import names_of
from qualcode.ingest.pseudonyms import Key, mask_document
from qualcode.ingest.segmentation import segment
from qualcode.ingest.speakers import guess_roles
from qualcode.settings import Charter
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.replace_source import replace_source
from qualcode.workflow.roster import read_roster
from qualcode.workflow.sources import find_files
from qualcode.workflow.study import Study, create_study
from qualcode.workflow.survey_profiles import unconfirmed
from tests.conftest import Run
from tests.hostile_files import ATTACKS, Attack, docx
from tests.measured import Measured, measured

SECONDS = 2.0
MEGABYTES = 300.0


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Measured]:
    """Return what becomes of each attack, all tried in one process as long as that lives."""
    folder = tmp_path_factory.mktemp("attacks")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "data"))
        create_study(folder / "study", name="Attacked", charter=Charter()).close()
    files = []
    for number, attack in enumerate(ATTACKS):
        file = folder / str(number) / attack.file
        file.parent.mkdir()
        file.write_bytes(attack.make())
        files.append((file, attack.encoding))
    found = measured(folder / "study", files)
    written = {path.name for path in folder.iterdir()} - {str(n) for n in range(len(ATTACKS))}
    assert written == {"study", "data"}  # nothing was unpacked anywhere
    return {attack.name: one for attack, one in zip(ATTACKS, found, strict=True)}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_a_hostile_file_is_refused_or_read_in_bounds_and_told_by_name(
    attack: Attack, outcomes: Mapping[str, Measured]
) -> None:
    found = outcomes[attack.name]
    assert found.status == attack.status, found
    assert found.seconds < SECONDS
    assert found.megabytes < MEGABYTES
    if attack.status == "failed":
        assert found.reason.startswith(f"{attack.file}: ")
        assert found.hint
    told = f"{found.reason}\n{found.notes}"
    assert [words for words in attack.told if words not in told] == []


STRETCHES = {
    "words": "it took very long, ",
    "one word": "x",
    "spaces": "A: x" + " " * 20_000,
    "stars": "*a",
    "brackets": "[a](",
    "voice tags": "<v ",
    "colons": "A: ",
    "times": "00:00:01 ",
    "digits": "1",
    "sentences": "a. ",
    "addresses": "a@a.",
    "chevrons": ">> ",
    "arrows": "00:01.000 --> ",
    "combining marks": "e\u0301",
    "half of a pair": "\U0001f1e9",
}
LONG = 200_000  # characters: the longest paragraph that is read
PART = 5  # A fifth of it is enough to see what grows faster than the text.


@pytest.mark.alone
@pytest.mark.parametrize("suffix", [".txt", ".md", ".vtt", ".rtf", ".json"])
@pytest.mark.parametrize("stretch", STRETCHES.values(), ids=STRETCHES.keys())
def test_one_line_of_anything_is_read_in_time_that_grows_with_its_length(
    stretch: str, suffix: str
) -> None:
    heads = {
        ".vtt": "WEBVTT\n\n00:01.000 --> 00:02.000\n",
        ".rtf": "{\\rtf1\\ansi ",
        ".json": '{"segments": [{"start": 0, "end": 1, "text": "',
    }
    text = heads.get(suffix, "") + (stretch * (LONG // PART // len(stretch) + 1))
    text += {".rtf": "}", ".json": '"}]}'}.get(suffix, "")
    started = time.process_time()
    try:
        reading = read_interview(text.encode("utf-8"), PurePath(f"a{suffix}"))
    except SourceError as error:
        assert error.message.startswith(f"a{suffix}: ")
    else:
        document = build_document(reading, path="a", source_id="s", source_sha256="0")
        voices = guess_roles(document, interviewers=(), participants=())
        named = replace(document, speakers=voices)
        masked, _ = mask_document(named, Key(), sorted(names_of(named)))
        assert segment(masked) or not any(turn.is_speech for turn in masked.turns)
    assert time.process_time() - started < 2 * SECONDS / PART  # the first one loads word lists


LINES = {
    "a": 40_000,
    "# a": 80_000,
    "- a\n": 40_000,
    "A: so": 40_000,
    "abc\n": 40_000,
    "00:01.000 --> 00:02.000\n": 60_000,
    "NOTE\n": 40_000,
    "1\n": 40_000,
}


@pytest.mark.alone
@pytest.mark.parametrize("suffix", [".txt", ".md", ".vtt"])
@pytest.mark.parametrize("line", LINES)
def test_many_lines_of_anything_are_read_in_time_that_grows_with_their_number(
    line: str, suffix: str
) -> None:
    head = "WEBVTT\n\n00:01.000 --> 00:02.000\nAda: so\n\n" if suffix == ".vtt" else ""
    data = (head + f"{line}\n" * LINES[line] + "Ada: so it was\n").encode("utf-8")
    started = time.process_time()
    with suppress(SourceError):
        read_interview(data, PurePath(f"a{suffix}"))
    assert time.process_time() - started < 2 * SECONDS  # with time that grows faster, it is ten


def test_a_link_out_of_a_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("Ada: private\nBea: so\n", encoding="utf-8", newline="\n")
    folder = tmp_path / "theirs"
    folder.mkdir()
    _linked(folder / "talk.txt", tmp_path / "mine.txt")
    (found,) = find_files([folder])
    assert (found.kind, found.reason) == ("skipped", "a link out of the folder; name it to read it")


def test_a_link_that_is_named_is_followed(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("Ada: so\nBea: so\n", encoding="utf-8", newline="\n")
    _linked(tmp_path / "talk.txt", tmp_path / "mine.txt")
    (found,) = find_files([tmp_path / "talk.txt"])
    assert found.kind == "interview"


def _linked(link: Path, target: Path) -> None:
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("this system makes no links for this user")


@pytest.fixture
def huge(tmp_path: Path) -> Path:
    """Return a file of three gigabytes that takes no room on the disk."""
    path = tmp_path / "answers.csv"
    with path.open("wb") as file:
        file.truncate(3_000_000_000)
    return path


_TOO_LARGE = "answers.csv: 2,861 MB; files up to 256 MB are read"


def test_a_file_of_gigabytes_is_refused_without_being_read(tmp_path: Path, huge: Path) -> None:
    with create_study(tmp_path / "study", name="Attacked", charter=Charter()) as study:
        started = time.process_time()
        (outcome,) = ingest(study, [huge]).outcomes
    assert outcome.reason == _TOO_LARGE
    assert time.process_time() - started < SECONDS


def test_a_survey_of_gigabytes_is_not_read_to_ask_about_its_columns(
    tmp_path: Path, huge: Path
) -> None:
    with create_study(tmp_path / "study", name="Attacked", charter=Charter()) as study:
        started = time.process_time()
        assert list(unconfirmed(study, [huge], IngestOptions())) == []
    assert time.process_time() - started < SECONDS


def test_a_file_of_gigabytes_takes_no_sources_place(tmp_path: Path, huge: Path) -> None:
    (tmp_path / "talk.txt").write_text("Ada: so\nBea: so\n", encoding="utf-8", newline="\n")
    with create_study(tmp_path / "study", name="Attacked", charter=Charter()) as study:
        ingest(study, [tmp_path / "talk.txt"])
        with pytest.raises(SourceError, match="files up to 256 MB are read"):
            replace_source(study, "talk.txt", huge, by="Ada")


def test_a_roster_of_gigabytes_is_refused_without_being_read(huge: Path) -> None:
    with pytest.raises(SourceError, match="files up to 256 MB are read"):
        read_roster([huge])


def test_a_bad_file_among_good_ones_is_told_with_its_exit_code_and_stops_none(
    tmp_path: Path, qualcode: Run
) -> None:
    (tmp_path / "good.docx").write_bytes(docx())
    (tmp_path / "bad.docx").write_bytes(docx(more=[("../../evil.txt", b"out")]))
    qualcode("init", "study", "--yes")
    done = qualcode("ingest", "--study", "study", "bad.docx", "good.docx", expect=None)
    assert done.returncode != 0
    assert "'../../evil.txt' leads elsewhere" in " ".join((done.stdout + done.stderr).split())
    with Study(tmp_path / "study") as study:
        assert [record.path for record in study.repository.sources.all()] == ["good.docx"]
