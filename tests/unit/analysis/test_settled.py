"""What a study holds once people have judged: the adjudicator, else agreement, else a draft."""

from collections.abc import Sequence

from qualcode.analysis.reviewed import fold
from qualcode.analysis.settled import REJECTED, settle, settlements
from qualcode.records import Coding, Judgement, Verdict
from qualcode.review_events import Action, Part, ReviewEvent
from tests.review_sample import BOOK, END, SEGMENT, START, codes_of, event, judgement, numbered

PAIN = "pain_point"
DOCUMENTS = {SEGMENT: "doc_1"}


def does(action: Action, author: str = "Ada", code: str = "wait", **fields: object) -> ReviewEvent:
    return event(action, author=author, family=PAIN, code=code, **fields)


def done(author: str) -> ReviewEvent:
    return event(Action.DONE, author=author, value={"families": [PAIN]})


def settled(
    events: Sequence[ReviewEvent], *machines: Judgement
) -> tuple[list[Coding], tuple[Judgement, ...]]:
    held = fold(numbered(*events), codes_of).values()
    found = settle(machines, held, BOOK, DOCUMENTS)
    return [coding for one in found for coding in one.codings], found


def statuses(events: Sequence[ReviewEvent], *codes: str) -> dict[str, str]:
    return {c.code: c.status for c in settled(events, judgement(*codes))[0]}


def test_what_nobody_judged_is_a_draft() -> None:
    assert statuses([], "wait") == {"wait": "draft"}


def test_an_accepted_suggestion_keeps_its_id_and_score() -> None:
    (coding,), _ = settled([does(Action.ACCEPT)], judgement("wait"))
    assert (coding.status, coding.id, coding.score) == (
        "accepted",
        "cod_local:x_seg_1_wait",
        0.7,
    )


def test_a_rejected_suggestion_is_left_out_and_the_reason_said() -> None:
    codings, (one,) = settled([does(Action.REJECT)], judgement("wait"))
    assert codings == []
    assert (one.verdict, one.reason) == (Verdict.NONE, REJECTED)


def test_a_suggestion_that_was_not_set_when_the_person_was_done_is_left_out() -> None:
    assert statuses([does(Action.ACCEPT), done("Ada")], "wait", "dear") == {"wait": "accepted"}


def test_people_who_disagree_leave_a_suggestion_contested() -> None:
    assert statuses([does(Action.ACCEPT), done("Bob")], "wait") == {"wait": "contested"}


def test_who_did_not_judge_a_code_does_not_contest_it() -> None:
    flag = event(Action.FLAG, author="Bob")
    assert statuses([does(Action.ACCEPT), flag], "wait") == {"wait": "accepted"}


def test_the_adjudicator_decides_what_is_contested() -> None:
    events = [does(Action.ACCEPT), done("Bob")]
    judge = {"author": "Cy", "part": Part.ADJUDICATOR}
    assert statuses([*events, does(Action.ACCEPT, **judge)], "wait") == {"wait": "adjudicated"}
    assert statuses([*events, does(Action.REJECT, **judge)], "wait") == {}


def test_a_contested_code_that_no_machine_proposed_is_shown_as_contested() -> None:
    codings, _ = settled([does(Action.ADD), done("Bob")], judgement())
    assert [(c.coder, c.status) for c in codings] == [("human:Ada", "contested")]


def test_what_a_person_adds_is_that_persons_coding() -> None:
    codings, _ = settled([does(Action.ADD, code="dear")], judgement("wait"))
    assert [(c.code, c.coder, c.status) for c in codings] == [
        ("wait", "local:x", "draft"),
        ("dear", "human:Ada", "accepted"),
    ]


def test_other_words_make_another_coding_in_place_of_the_machines() -> None:
    moved = does(Action.SPAN, start_char=START + 2, end_char=END - 2)
    (coding,), _ = settled([moved], judgement("wait"))
    assert (coding.coder, coding.start_char, coding.end_char) == ("human:Ada", START + 2, END - 2)


def test_one_code_by_several_machines_is_settled_for_all_of_them() -> None:
    machines = (judgement("wait"), judgement("wait", coder="llm:y"))
    codings, _ = settled([does(Action.ACCEPT)], *machines)
    assert [(c.coder, c.status) for c in codings] == [
        ("local:x", "accepted"),
        ("llm:y", "accepted"),
    ]


def test_what_was_accepted_among_many_says_so() -> None:
    assert statuses([does(Action.ACCEPT, batch="b")], "wait") == {"wait": "bulk"}


def test_a_decision_by_hand_outweighs_a_bulk_one() -> None:
    events = [does(Action.ACCEPT, batch="b"), does(Action.REJECT, author="Bob")]
    assert statuses(events, "wait") == {}


def test_codings_on_segments_that_the_study_lost_are_not_made() -> None:
    held = fold(numbered(does(Action.ADD)), codes_of).values()
    assert settle((), held, BOOK, {}) == ()


def test_settlements_name_everybody_who_judged_the_code() -> None:
    held = list(fold(numbered(does(Action.ACCEPT), done("Bob")), codes_of).values())
    assert settlements(held, [])[PAIN, "wait"].by == ("Ada", "Bob")
