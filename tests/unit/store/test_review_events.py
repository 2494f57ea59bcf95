"""What people did at the review is stored once, in order, and only ever added to."""

from dataclasses import replace
from pathlib import Path

import pytest

from qualcode.records import Turn
from qualcode.review_events import Action, Part, ReviewEvent
from qualcode.spans import Edit, apply_edits
from qualcode.store.draws import ASSISTED, BLIND, Drawn
from qualcode.store.repository import Repository
from qualcode.store.revisions import Rewrite
from tests.review_sample import event
from tests.unit.store.conftest import DOCUMENT, TEXT


@pytest.fixture
def repository(comment: Repository) -> Repository:
    return comment


ACCEPT = event(
    Action.ACCEPT,
    "a",
    family="pain_point",
    code="wait",
    start_char=0,
    end_char=10,
    value={"coding_id": "cod_1"},
    reason="as said",
    is_blind=True,
    part=Part.ADJUDICATOR,
    batch="b",
)


def undo(uid: str, own: str = "u", author: str = "Ada") -> ReviewEvent:
    return event(Action.UNDO, own, author=author, undoes=uid)


def refusal(repository: Repository, one: ReviewEvent) -> str:
    (receipt,) = repository.review_events.add([one])
    return receipt.refused


def test_an_event_comes_back_as_it_was_sent_with_number_and_time(repository: Repository) -> None:
    repository.review_events.add([ACCEPT])
    (found,) = repository.review_events.all()
    assert found == replace(ACCEPT, id=1, at=found.at)
    assert found.at.endswith("Z")


def test_an_event_that_is_sent_twice_is_stored_once(repository: Repository) -> None:
    repository.review_events.add([ACCEPT])
    (again,) = repository.review_events.add([replace(ACCEPT, code="dear")])
    assert (again.is_new, again.refused, again.event.code) == (False, "", "wait")
    assert len(repository.review_events.all()) == 1


def test_an_event_that_stands_twice_in_one_sending_is_stored_once(repository: Repository) -> None:
    receipts = repository.review_events.add([ACCEPT, ACCEPT])
    assert [receipt.is_new for receipt in receipts] == [True, False]


def test_a_uid_of_another_persons_event_is_refused(repository: Repository) -> None:
    repository.review_events.add([ACCEPT])
    assert refusal(repository, replace(ACCEPT, author="Bob")) == "another's event"


def test_an_event_on_no_segment_of_the_study_is_refused_and_the_others_are_saved(
    repository: Repository,
) -> None:
    lost = event(Action.FLAG, "x", segment_id="seg_9")
    receipts = repository.review_events.add([lost, ACCEPT])
    assert [r.refused for r in receipts] == ["the study has no such segment", ""]
    assert [e.uid for e in repository.review_events.all()] == ["a"]


def test_what_is_not_there_cannot_be_undone(repository: Repository) -> None:
    assert refusal(repository, undo("nothing")) == "what it takes back is not there"


def test_nobody_undoes_what_another_person_did(repository: Repository) -> None:
    repository.review_events.add([ACCEPT])
    assert refusal(repository, undo("a", author="Bob")) == "what it takes back is another's"


def test_nothing_is_undone_twice(repository: Repository) -> None:
    repository.review_events.add([ACCEPT, undo("a")])
    assert refusal(repository, undo("a", "v")) == "that is taken back already"


def test_an_undoing_may_be_sent_with_what_it_undoes_and_be_undone(repository: Repository) -> None:
    receipts = repository.review_events.add([ACCEPT, undo("a"), undo("u", "v")])
    assert [receipt.refused for receipt in receipts] == ["", "", ""]


def test_events_are_found_by_segment_person_number_and_uid(repository: Repository) -> None:
    events = repository.review_events
    flags = [
        event(Action.FLAG, "f1", segment_id="seg_2"),
        event(Action.FLAG, "f2", author="Bob"),
    ]
    events.add([ACCEPT, *flags])
    assert [e.uid for e in events.on(["seg_1", "seg_1"])] == ["a", "f2"]
    assert [e.uid for e in events.all(author="Ada")] == ["a", "f1"]
    assert [e.uid for e in events.all(since=2)] == ["f2"]
    assert set(events.called(["f1", "nothing"])) == {"f1"}
    assert events.last_id() == 3


def test_a_name_masked_later_moves_the_words_that_people_marked(repository: Repository) -> None:
    repository.review_events.add([ACCEPT])
    edits = (Edit(0, 3, "[PERSON_1]"),)
    text = apply_edits(TEXT, edits)
    newer = replace(DOCUMENT, text=text, turns=(Turn(0, 0, len(text)),), version=2)
    repository.revisions.rewrite([Rewrite(newer, edits)], reason="masked")
    (found,) = repository.review_events.all()
    assert text[found.start_char : found.end_char] == "[PERSON_1] waited"


def test_notes_and_reasons_can_be_masked(repository: Repository) -> None:
    repository.review_events.add([ACCEPT])
    (found,) = repository.review_events.all()
    masked = replace(found, reason="[PERSON_1]", value={"text": "[PERSON_1]"})
    repository.review_events.rewrite_texts([masked])
    assert repository.review_events.all() == (masked,)


def test_removing_a_source_removes_its_events_places_and_leases(repository: Repository) -> None:
    repository.review_events.add([ACCEPT])
    repository.draws.add([Drawn("seg_1", "src_1/1", 0, BLIND)])
    repository.leases.take("Ada", ["seg_1"], minutes=30)
    repository.sources.remove("src_1")
    left = (repository.review_events.all(), repository.draws.all(), repository.leases.holders())
    assert left == ((), (), ())


def test_a_place_that_was_drawn_never_changes(repository: Repository) -> None:
    first = Drawn("seg_1", "src_1/1", 0, BLIND)
    repository.draws.add([first])
    second = Drawn("seg_2", "src_1/2", 0, ASSISTED)
    repository.draws.add([Drawn("seg_1", "src_1/2", 1, ASSISTED), second])
    assert repository.draws.all() == (first, second)


def test_a_leased_segment_goes_to_nobody_else(repository: Repository) -> None:
    leases = repository.leases
    assert leases.take("Ada", ["seg_1"], minutes=30) == ("seg_1",)
    assert leases.take("Bob", ["seg_1", "seg_2"], minutes=30) == ("seg_2",)
    assert set(leases.holders()) == {("seg_1", "Ada"), ("seg_2", "Bob")}


def test_a_segment_goes_to_as_many_people_as_judge_it(repository: Repository) -> None:
    got = [
        repository.leases.take(name, ["seg_1"], minutes=30, overlap=2)
        for name in ("Ada", "Bob", "Cy")
    ]
    assert got == [("seg_1",), ("seg_1",), ()]


def test_a_lease_that_ran_out_is_none(repository: Repository) -> None:
    repository.leases.take("Ada", ["seg_1"], minutes=-1)
    assert repository.leases.holders() == ()
    assert repository.leases.take("Bob", ["seg_1"], minutes=30) == ("seg_1",)


def test_a_lease_that_ran_out_is_not_prolonged_and_one_that_runs_is(
    repository: Repository,
) -> None:
    repository.leases.take("Ada", ["seg_1"], minutes=30)
    repository.leases.take("Ada", ["seg_2"], minutes=-1)
    repository.leases.prolong("Ada", minutes=60)
    assert repository.leases.holders() == (("seg_1", "Ada"),)


def test_leases_are_given_back_one_by_one_or_all(repository: Repository) -> None:
    leases = repository.leases
    leases.take("Ada", ["seg_1", "seg_2"], minutes=30)
    leases.release("Ada", ["seg_1"])
    assert leases.holders() == (("seg_2", "Ada"),)
    leases.release("Ada")
    assert leases.holders() == ()


def test_a_session_is_known_by_its_secret_which_is_not_stored(
    repository: Repository, tmp_path: Path
) -> None:
    sessions = repository.review_sessions
    secret = sessions.open("Ada", Part.REVIEWER, hours=1)
    found = sessions.find(secret)
    assert found is not None and (found.reviewer, found.part) == ("Ada", Part.REVIEWER)
    files = [path.read_bytes() for path in tmp_path.glob("q.db*")]
    assert not any(secret.encode() in content for content in files)


def test_a_session_that_was_closed_or_ran_out_is_none(repository: Repository) -> None:
    sessions = repository.review_sessions
    closed = sessions.open("Ada", Part.REVIEWER, hours=1)
    sessions.close(closed)
    late = sessions.open("Bob", Part.REVIEWER, hours=-1)
    assert [sessions.find(secret) for secret in (closed, late, "guess")] == [None, None, None]
