"""What people's decisions at the review become, as a user types it."""

import json
import shutil
from pathlib import Path

import pytest

from qualcode.review_events import Action, ReviewEvent
from qualcode.store.repository import Repository
from qualcode.workflow.review_sample import draw, reserved_blind
from qualcode.workflow.study import Study
from tests.conftest import Run

FIGURE = {"estimate", "low", "high", "n", "n_clusters", "reason"}
PAIN = "pain_slow"


@pytest.fixture
def study(coded_template: Path, tmp_path: Path) -> Path:
    """Return the folder of a study in which Ada judged blind places, and Ben others."""
    path = shutil.copytree(coded_template, tmp_path / "study")
    with Study(path) as opened:
        order = [place.segment_id for place in draw(opened)]
        blind = reserved_blind(opened)
        fingerprint = opened.codebook.fingerprint()
    done = {"families": ["pain_point"], "codebook": fingerprint}
    events: list[ReviewEvent] = []

    def judged(author: str, segment_id: str, *, is_blind: bool) -> None:
        for action in (Action.REJECT, Action.DONE):
            events.append(
                ReviewEvent(
                    uid=f"{author}{len(events)}",
                    author=author,
                    segment_id=segment_id,
                    action=action,
                    family="pain_point" if action is Action.REJECT else "",
                    code=PAIN if action is Action.REJECT else "",
                    value=done if action is Action.DONE else {},
                    is_blind=is_blind,
                )
            )

    for segment_id in [i for i in order if i in blind][:4]:
        judged("Ada", segment_id, is_blind=True)
    for segment_id in [i for i in order if i not in blind]:
        judged("Ben", segment_id, is_blind=False)
    with Repository(path / "qualcode.db") as repository:
        assert all(not receipt.refused for receipt in repository.review_events.add(events))
    return path


def test_a_studys_shares_are_told_code_by_code(study: Path, qualcode: Run) -> None:
    told = json.loads(
        qualcode("estimate", "--study", study, "--family", "pain_point", "--json").stdout
    )
    assert (told["target"], told["n_judged"]) == ("data", {"pain_point": 4})
    for name in ("naive", "human_only", "prediction_powered"):
        assert set(told["codes"][PAIN][name]) == FIGURE


def test_a_plan_says_how_many_blind_places_the_review_offers(study: Path, qualcode: Run) -> None:
    done = qualcode("estimate", "--study", study, "--code", PAIN, "--plan", "5")
    assert "Shares of segments with each code, in these data" in done.stdout
    assert "The review offers" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--human", "x"), "--human goes with --csv"),
        (("--by", "mood"), "nobody has an attribute 'mood'"),
        (("--plan", "0"), "no such width"),
        (("--coder", "llm:x"), "no coder 'llm:x'"),
    ],
)
def test_what_does_not_fit_a_study_is_refused(
    study: Path, qualcode: Run, arguments: tuple[str, ...], message: str
) -> None:
    done = qualcode("estimate", "--study", study, *arguments, expect=2)
    assert message in done.stderr and done.stdout == ""


def test_thresholds_are_told_or_how_many_judgements_they_would_take(
    study: Path, qualcode: Run
) -> None:
    told = json.loads(qualcode("calibrate", "--study", study, "--code", PAIN, "--json").stdout)
    one = told["codes"][PAIN]
    assert one["threshold"] is None and one["needed"] > 0
    assert told["scores"] == "of the machine before it learnt from people here"


def test_a_share_of_errors_beyond_all_is_refused(study: Path, qualcode: Run) -> None:
    assert "no such share" in qualcode("calibrate", "--error", "0", expect=2).stderr


def test_learning_tells_what_was_learnt_and_what_is_kept_to_measure(
    study: Path, qualcode: Run
) -> None:
    told = json.loads(qualcode("learn", "--study", study, "--json").stdout)
    assert told["n_blind"] == 4 and told["n_judged"] > 0
    assert told["codes"][PAIN] == {"n_yes": 0, "n_no": told["n_judged"]}
    assert told["n_proposed_anew"] == 0  # the machine of this study is another


def test_what_was_learnt_can_be_forgotten(study: Path, qualcode: Run) -> None:
    qualcode("learn", "--study", study)
    qualcode("learn", "--study", study, "--forget")
    with Repository(study / "qualcode.db") as repository:
        assert repository.learnt.all() == ()


def test_a_code_that_people_only_reject_is_told_with_its_places(study: Path, qualcode: Run) -> None:
    told = json.loads(qualcode("codebook", "suggest", "--study", study, "--json").stdout)
    (one,) = (one for one in told if one["codes"] == [PAIN])
    assert one["kind"] == "unaccepted"
    with Study(study) as opened:
        assert not set(one["segment_ids"]) & reserved_blind(opened)
