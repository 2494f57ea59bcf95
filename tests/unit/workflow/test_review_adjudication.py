"""People's judgements side by side: what is merged, what is to choose, when a case is decided."""

import pytest

from qualcode.errors import UsageError
from qualcode.review_events import Part
from qualcode.workflow.review_adjudication import (
    DIFFERS,
    SAME,
    WORDS,
    CaseRow,
    Cases,
    case,
    open_cases,
)
from qualcode.workflow.review_index import ReviewIndex
from tests.review_sample import FAMILIES, Reviewer

SLOW = ("pain_point", "wait")


class Team:
    """Let Ada and Ben judge one segment, and Zed adjudicate it."""

    def __init__(self, index: ReviewIndex) -> None:
        self.index = index
        self.ada, self.ben = Reviewer(index, "Ada"), Reviewer(index, "Ben")
        self.zed = Reviewer(index, "Zed", Part.ADJUDICATOR)
        heard = [at for at, is_heard in enumerate(index.is_heard) if is_heard]
        self.segments = [index.texts[at].segment for at in heard]
        self.id = self.segments[0].id

    def cases(self) -> Cases:
        return open_cases(self.index)

    def rows(self) -> tuple[CaseRow, ...]:
        return case(self.index, "Zed", self.id).rows

    def narrow(self, who: Reviewer) -> None:
        """Give the code on the first word alone."""
        start = self.segments[0].start_char
        span = {"start_char": start, "end_char": start + 3}
        who.send("add", self.id, family=SLOW[0], code=SLOW[1], **span)

    def both_done(self) -> None:
        self.ada.done(self.id)
        self.ben.done(self.id)


@pytest.fixture
def team(index: ReviewIndex) -> Team:
    return Team(index)


def test_what_one_person_judged_is_no_case(team: Team) -> None:
    team.ada.mark("add", team.id, *SLOW)
    team.ada.done(team.id)
    assert team.cases() == Cases((), (), 0)
    with pytest.raises(UsageError, match="two people"):
        team.rows()


def test_people_who_say_the_same_of_the_same_words_are_merged(team: Team) -> None:
    team.ada.mark("add", team.id, *SLOW)
    team.ben.mark("add", team.id, *SLOW)
    team.both_done()
    (row,) = team.rows()
    assert (row.state, row.chosen, row.options[0].by) == (SAME, 0, ("Ada", "Ben"))
    assert team.cases() == Cases((), (team.id,), 0)


def test_people_who_judge_all_absent_leave_nothing_to_choose(team: Team) -> None:
    team.both_done()
    assert team.rows() == ()
    assert team.cases() == Cases((), (team.id,), 0)


def test_a_code_that_one_of_two_gave_is_to_choose(team: Team) -> None:
    team.ada.mark("add", team.id, *SLOW)
    team.both_done()
    (row,) = team.rows()
    assert (row.state, row.chosen) == (DIFFERS, None)
    assert [(o.applies, o.by) for o in row.options] == [(True, ("Ada",)), (False, ("Ben",))]
    assert team.cases().differing == (team.id,)


def test_other_words_of_the_same_code_are_to_choose(team: Team) -> None:
    team.ada.mark("add", team.id, *SLOW)
    team.narrow(team.ben)
    team.both_done()
    (row,) = team.rows()
    assert row.state == WORDS
    assert [(o.applies, o.by) for o in row.options] == [
        (True, ("Ada",)),
        (True, ("Ben",)),
        (False, ()),
    ]


def test_the_answer_of_most_people_comes_first(team: Team) -> None:
    eve = Reviewer(team.index, "Eve")
    team.ada.mark("add", team.id, *SLOW)
    team.both_done()
    eve.done(team.id)
    assert [o.by for o in team.rows()[0].options] == [("Ben", "Eve"), ("Ada",)]


def test_who_did_not_judge_a_code_is_named_apart(team: Team) -> None:
    team.ada.mark("add", team.id, *SLOW)
    team.ada.done(team.id)
    team.ben.done(team.id, families=("stage",))
    (row,) = team.rows()
    assert (row.state, row.unsaid) == (SAME, ("Ben",))


def test_reasons_of_those_who_said_no_are_told(team: Team) -> None:
    team.ada.mark("add", team.id, *SLOW)
    team.ben.send("reject", team.id, family=SLOW[0], code=SLOW[1], reason="wrong_place")
    assert team.rows()[0].options[1].reasons == ("wrong_place",)


def test_a_choice_decides_the_case_and_leaves_peoples_own_records(team: Team) -> None:
    team.ada.mark("add", team.id, *SLOW)
    team.both_done()
    team.zed.mark("add", team.id, *SLOW)
    assert team.cases().differing == (team.id,)
    team.zed.done(team.id)
    assert team.cases() == Cases((), (), 1)
    (row,) = team.rows()
    assert (row.state, row.chosen) == (DIFFERS, 0)
    assert [o.by for o in row.options] == [("Ada",), ("Ben",)]


def test_the_adjudicator_may_say_what_nobody_said(team: Team) -> None:
    team.ada.mark("add", team.id, *SLOW)
    team.both_done()
    team.narrow(team.zed)
    team.zed.done(team.id)
    (row,) = team.rows()
    assert row.chosen is not None
    chosen = row.options[row.chosen]
    assert (chosen.applies, chosen.by) == (True, ())
    assert chosen.end_char == team.segments[0].start_char + 3


def test_a_decision_that_is_taken_back_opens_the_case_again(team: Team) -> None:
    team.ada.mark("add", team.id, *SLOW)
    team.both_done()
    team.zed.mark("add", team.id, *SLOW)
    done = team.zed.done(team.id)
    team.zed.undo(done.uid)
    assert team.cases().differing == (team.id,)


def test_a_case_names_the_families_that_were_judged(team: Team) -> None:
    team.both_done()
    found = case(team.index, "Zed", team.id)
    assert found.families == FAMILIES
    assert found.codebook == team.index.book.fingerprint()
    assert found.item.others == ()
