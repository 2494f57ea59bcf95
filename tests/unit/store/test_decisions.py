"""Decisions are added to and never lost; what is taken back does not stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from qualcode.errors import StoreError
from qualcode.records import Decision, Document, DocumentKind, Turn
from qualcode.spans import Edit, Rebase
from qualcode.store.decisions import taken_back
from qualcode.store.repository import Repository
from qualcode.store.revisions import Rewrite
from qualcode.store.sources import Ingested, SourceRecord

TEXT = "Ada waited for Ada for hours."
DOCUMENT = Document(
    *("doc_1", "src_1", "a.txt", DocumentKind.INTERVIEW, TEXT, (Turn(0, 0, len(TEXT)),))
)
PLACE = {"document_id": "doc_1", "start_char": 4, "end_char": 18}


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    with Repository(tmp_path / "q.db", create=True) as opened:
        source = SourceRecord("src_1", "a.txt", "00", "interview", "txt", "utf-8", masked=True)
        opened.sources.begin(source)
        opened.sources.add("src_1", [(0, Ingested(DOCUMENT, (), {}))], is_last=True)
        yield opened


def decide(repository: Repository, target: str = "x", **more: object) -> Decision:
    values = {"author": "Ann", "subject": "owner", "action": "set", **more}
    return repository.decisions.add(target=target, **values)  # type: ignore[arg-type]


def undo(repository: Repository, decision: Decision) -> Decision:
    return decide(repository, action="undo", undoes=decision.id)


def test_decisions_come_back_as_they_were_in_their_order(repository: Repository) -> None:
    first = decide(repository, "a", value={"owner": "Ops", "n": [1, {"é": None}]}, reason="why")
    second = decide(repository, "b", replaced={"owner": "Sales"})
    assert repository.decisions.all() == (first, second)
    assert (first.id, second.id, first.value["n"]) == (1, 2, [1, {"é": None}])


def test_a_decision_that_is_taken_back_does_not_stand_and_stays_listed(
    repository: Repository,
) -> None:
    first, second = decide(repository, "a"), decide(repository, "b")
    undoing = undo(repository, first)
    assert repository.decisions.standing() == (second,)
    assert repository.decisions.all() == (first, second, undoing)


def test_taking_an_undoing_back_brings_the_decision_again(repository: Repository) -> None:
    first = decide(repository)
    undo(repository, undo(repository, first))
    assert repository.decisions.standing() == (first,)


def test_a_redone_decision_is_undone_by_taking_the_last_undoing_back(
    repository: Repository,
) -> None:
    first = decide(repository)
    last = first
    for n in range(1, 7):
        last = undo(repository, last)
        assert repository.decisions.standing() == (() if n % 2 else (first,))
    assert taken_back(repository.decisions.all()) == {2, 4, 6}


def test_nothing_is_taken_back_twice_or_unknown(repository: Repository) -> None:
    first = decide(repository)
    undo(repository, first)
    with pytest.raises(StoreError, match="taken back already"):
        undo(repository, first)
    with pytest.raises(StoreError, match="does not exist"):
        undo(repository, replace(first, id=99))


def test_decisions_are_asked_for_by_their_subjects(repository: Repository) -> None:
    decide(repository)
    book = decide(repository, subject="codebook")
    assert repository.decisions.standing(["codebook"]) == (book,)


def test_spans_in_decisions_move_with_a_text_that_is_rewritten(repository: Repository) -> None:
    decide(repository, value={"quote": PLACE, "more": [{"deep": PLACE}]}, replaced={"quote": PLACE})
    undo(repository, decide(repository, value={"quote": PLACE}))
    other = {**PLACE, "document_id": "doc_2"}
    decide(repository, value={"quote": other})
    edits = (Edit(0, 3, "[PERSON_1]"), Edit(15, 18, "[PERSON_1]"))
    text = "[PERSON_1] waited for [PERSON_1] for hours."
    turns = (Turn(0, 0, len(text)),)
    newer = replace(DOCUMENT, text=text, turns=turns, version=2)
    repository.revisions.rewrite([Rewrite(newer, edits)], reason="a name was masked")
    moved = {"document_id": "doc_1", "start_char": 11, "end_char": 32}
    assert text[11:32] == "waited for [PERSON_1]"
    assert Rebase(edits).offset(4) == 11
    one, two, _, three = repository.decisions.all()
    assert one.value == {"quote": moved, "more": [{"deep": moved}]}
    assert (one.replaced, two.value) == ({"quote": moved}, {"quote": moved})
    assert three.value == {"quote": other}


def test_texts_of_decisions_are_rewritten_and_nothing_else(repository: Repository) -> None:
    first, second = decide(repository, value={"text": "Ada"}), decide(repository)
    changed = replace(first, value={"text": "[PERSON_1]"}, reason="of [PERSON_1]", author="Bo")
    repository.decisions.rewrite_texts([changed])
    assert repository.decisions.all() == (replace(changed, author="Ann"), second)
