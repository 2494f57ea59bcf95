"""What people make of proposed codes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qualcode.codebook import load_codebook
from qualcode.errors import CodebookError, UsageError
from qualcode.records import Role
from qualcode.store.candidates import CandidateStatus
from qualcode.workflow import candidates, codebook, edit_log
from qualcode.workflow.codebook_apply import Changed
from qualcode.workflow.speakers import set_role, voices
from qualcode.workflow.study import Study
from tests.codebook_sample import BOOK
from tests.proposing_sample import NOISE, STAIRS, make_study, run

NOISE_NUMBER, STAIRS_NUMBER = 2, 1


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("candidates")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUALCODE_DATA_HOME", str(folder / "data"))
        with make_study(folder) as study:
            run(study, {"loud": NOISE, "stairs": STAIRS})
    return folder / "study"


@pytest.fixture
def offered(template: Path, tmp_path: Path) -> Iterator[Study]:
    """Yield a study in which two codes are proposed."""
    with Study(shutil.copytree(template, tmp_path / "study")) as study:
        yield study


def status(study: Study, number: int) -> CandidateStatus:
    held = study.repository.candidates.get(number)
    assert held is not None
    return held.status


def test_an_adopted_code_stands_in_the_book_with_name_and_definition(offered: Study) -> None:
    changed = candidates.adopt(offered, STAIRS_NUMBER, by="Ada")
    book = load_codebook(offered.path / "codebook.yaml")
    code = book.code("stairs_in_the_way")
    assert (code.name, code.definition, code.family) == (STAIRS[1], STAIRS[2], STAIRS[0])
    assert code.examples == ()
    assert changed.decision is not None
    assert (changed.decision.author, changed.decision.action) == ("Ada", "adopt")
    assert status(offered, STAIRS_NUMBER) is CandidateStatus.ACCEPTED


def test_adopting_stores_a_version_of_the_book_with_author_and_reason(offered: Study) -> None:
    candidates.adopt(offered, STAIRS_NUMBER, by="Ada", reason="many speak of it")
    version = offered.repository.codebook_versions.all()[-1]
    assert (version.author, version.reason) == ("Ada", "many speak of it")


def test_name_id_family_and_place_can_be_others(offered: Study) -> None:
    candidates.adopt(
        offered,
        STAIRS_NUMBER,
        name="Get up the stairs",
        code_id="stage_up",
        family="Stage",
        after="pay",
        by="Ada",
    )
    assert [code.id for code in offered.codebook.family("stage")] == [
        "find",
        "pay",
        "stage_up",
        "return",
    ]


def test_a_dry_run_decides_nothing(offered: Study) -> None:
    changed = candidates.adopt(offered, STAIRS_NUMBER, by="Ada", dry_run=True)
    assert [difference.code for difference in changed.differences] == ["stairs_in_the_way"]
    assert (offered.codebook, status(offered, STAIRS_NUMBER)) == (BOOK, CandidateStatus.OPEN)


def test_a_name_that_the_book_has_is_refused_and_the_candidate_stays_open(offered: Study) -> None:
    with pytest.raises(CodebookError, match="is used twice"):
        candidates.adopt(offered, STAIRS_NUMBER, name="Waiting", by="Ada")
    assert status(offered, STAIRS_NUMBER) is CandidateStatus.OPEN


def test_a_dismissed_candidate_is_listed_no_more(offered: Study) -> None:
    candidates.dismiss(offered, STAIRS_NUMBER, by="Ada", reason="one person's staircase")
    assert [row.candidate.id for row in candidates.offered(offered)] == [NOISE_NUMBER]
    assert len(candidates.offered(offered, ())) == 2
    assert offered.repository.decisions.all()[-1].reason == "one person's staircase"


def test_dismissing_changes_no_code(offered: Study) -> None:
    before = (offered.path / "codebook.yaml").read_bytes()
    assert candidates.dismiss(offered, STAIRS_NUMBER, by="Ada").differences == ()
    assert (offered.path / "codebook.yaml").read_bytes() == before


Decide = Callable[..., Changed]
DECISIONS: list[Decide] = [candidates.adopt, candidates.dismiss]


@pytest.mark.parametrize("decide", DECISIONS)
def test_undo_opens_a_candidate_again_and_undoing_that_decides_it_again(
    offered: Study, decide: Decide
) -> None:
    decide(offered, STAIRS_NUMBER, by="Ada")
    decided, book = status(offered, STAIRS_NUMBER), offered.codebook
    undone = codebook.undo(offered, by="Bo")
    assert (status(offered, STAIRS_NUMBER), offered.codebook) == (CandidateStatus.OPEN, BOOK)
    assert undone.decision is not None
    edit_log.undo(offered, undone.decision.id, by="Bo")
    assert (status(offered, STAIRS_NUMBER), offered.codebook) == (decided, book)


@pytest.mark.parametrize("decide", DECISIONS)
def test_a_candidate_is_decided_on_once(offered: Study, decide: Decide) -> None:
    candidates.dismiss(offered, STAIRS_NUMBER, by="Ada")
    with pytest.raises(UsageError, match="candidate 1 was dismissed by Ada"):
        decide(offered, STAIRS_NUMBER, by="Bo")


@pytest.mark.parametrize("decide", DECISIONS)
def test_a_number_that_nobody_proposed_is_told(offered: Study, decide: Decide) -> None:
    with pytest.raises(UsageError, match="there is no candidate 9"):
        decide(offered, 9, by="Bo")


def test_what_most_people_speak_of_comes_first(offered: Study) -> None:
    rows = candidates.offered(offered)
    assert [row.n_people for row in rows] == sorted((r.n_people for r in rows), reverse=True)


def test_the_nearest_code_of_the_family_is_told(offered: Study) -> None:
    (row,) = (r for r in candidates.offered(offered) if r.candidate.id == STAIRS_NUMBER)
    assert row.nearest in {code.id for code in BOOK.family("pain_point")}
    assert row.nearness is not None
    assert row.nearness < 0.65


def test_words_of_a_voice_that_is_the_interviewers_are_shown_no_more(offered: Study) -> None:
    before = {q.path for row in candidates.offered(offered) for q in row.quotes}
    (ada,) = (v.label for v in voices(offered) if v.role is Role.PARTICIPANT)
    assert ada is not None
    set_role(offered, ada, Role.INTERVIEWER)
    after = {q.path for row in candidates.offered(offered) for q in row.quotes}
    assert (before, after) == ({"talk.txt", "survey.csv"}, {"survey.csv"})
