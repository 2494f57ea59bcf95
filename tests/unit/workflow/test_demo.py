"""A bundled corpus becomes a study with its own charter and codebook."""

from pathlib import Path

import pytest

from qualcode import resources
from qualcode.errors import StudyError, UsageError
from qualcode.resources import corpora, corpus_path, default_codebook_path
from qualcode.workflow.demo import corpus_study, demo

TALK = """\
Interviewer: How did the course go?
P1: I waited three weeks for the books and nobody told me anything. It was so frustrating.
Interviewer: And the teacher?
P1: She was lovely, she explained everything twice, and I was really relieved.
Interviewer: Would you do it again?
P1: I had to ring four times before anybody answered. I just want to know when it starts.
"""
BOOK = """\
schema: 1
name: Evening classes
language: en
codes:
  - id: stage_sign_up
    name: Sign up for the course
    family: stage
    goal: How do I get a place?
    definition: The learner chooses a course and signs up for it.
    examples: [I signed up for the course on a Sunday evening.]
  - id: stage_wait
    name: Wait for the start
    family: stage
    goal: When does it begin?
    definition: The learner waits for books and for the first evening.
    examples: [I waited three weeks for the books to come.]
  - id: pain_no_word
    name: Nobody tells me anything
    family: pain_point
    definition: The learner waits and is told nothing.
    examples: [Nobody told me anything for weeks.]
"""


@pytest.fixture
def bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put two small corpora in the place of those that ship; `evening` has a codebook."""
    root = tmp_path / "corpora"
    for name in ("evening", "morning"):
        sources = root / name / "sources"
        sources.mkdir(parents=True)
        (sources / "talk.txt").write_text(TALK, encoding="utf-8", newline="\n")
        about = f'[study]\nname = "The {name}"\n\n[charter]\npurpose = "See why people stop"\n'
        (root / name / "study.toml").write_text(about, encoding="utf-8", newline="\n")
    (root / "evening" / "codebook.yaml").write_text(BOOK, encoding="utf-8", newline="\n")
    (root / "evening.txt").write_text("no corpus", encoding="utf-8", newline="\n")
    monkeypatch.setattr(resources, "_corpora_root", lambda: root)
    return root


def test_corpora_are_the_folders_with_sources(bundled: Path) -> None:
    assert corpora() == ["evening", "morning"]


def test_a_study_of_a_corpus_has_its_title_and_charter(bundled: Path, tmp_path: Path) -> None:
    with corpus_study(tmp_path / "made", "evening") as study:
        assert study.settings.study.name == "The evening"
        assert study.settings.charter.purpose == "See why people stop"


def test_a_study_of_a_corpus_has_its_codebook_to_the_byte(bundled: Path, tmp_path: Path) -> None:
    corpus_study(tmp_path / "made", "evening").close()
    own = (bundled / "evening" / "codebook.yaml").read_bytes()
    assert (tmp_path / "made" / "codebook.yaml").read_bytes() == own


def test_a_corpus_without_a_codebook_takes_the_default_one(bundled: Path, tmp_path: Path) -> None:
    corpus_study(tmp_path / "made", "morning").close()
    default = default_codebook_path().read_bytes()
    assert (tmp_path / "made" / "codebook.yaml").read_bytes() == default


def test_the_demo_codes_with_the_corpus_codebook(bundled: Path, tmp_path: Path) -> None:
    report = demo(tmp_path / "made", corpus="evening")
    stages = [code.id for code in report.drafted.codebook.family("stage")]
    assert stages == ["stage_sign_up", "stage_wait"]
    coded = {c.code for c in report.drafted.corpus.codings() if c.family == "stage"}
    assert coded <= set(stages)
    assert report.map_path.is_file()


def test_the_demo_names_a_pain_point_that_somebody_had(bundled: Path, tmp_path: Path) -> None:
    report = demo(tmp_path / "made", corpus="evening")
    assert report.example_code in {c.code for c in report.drafted.corpus.codings()}


def test_a_folder_with_the_study_of_another_corpus_is_refused(
    bundled: Path, tmp_path: Path
) -> None:
    corpus_study(tmp_path / "made", "evening").close()
    with pytest.raises(StudyError, match="holds another study"):
        corpus_study(tmp_path / "made", "morning")


def test_an_unknown_corpus_is_answered_with_those_there_are(bundled: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        corpus_study(tmp_path / "made", "noon")
    assert caught.value.hint == "there are: evening, morning"
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["kestrel", "rollwell"])
def test_a_bundled_corpus_makes_a_study_with_stages(name: str, tmp_path: Path) -> None:
    with corpus_study(tmp_path / "made", name) as study:
        assert len(study.codebook.family("stage")) >= 5
        assert (corpus_path(name) / "README.md").is_file()
