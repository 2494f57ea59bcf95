"""Proposed codes: offered, decided on by people, and moved with the text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qualcode.errors import StoreError
from qualcode.spans import Edit
from qualcode.store.candidates import CandidateQuote, CandidateStatus, Proposal
from qualcode.store.repository import Repository
from qualcode.store.revisions import Rewrite
from tests.unit.store.conftest import DOCUMENT, TEXT

PROPOSAL = Proposal(
    "pain_point", "Broken on arrival", "It breaks.", (CandidateQuote("seg_2", 31, 39),)
)


def proposed(repository: Repository, *proposals: Proposal) -> tuple[int, ...]:
    run = repository.judgements.begin_run("propose", code_version="1")
    return repository.candidates.add(run, proposals or [PROPOSAL])


def test_a_proposed_code_is_open_until_somebody_decides(comment: Repository) -> None:
    (number,) = proposed(comment)
    held = comment.candidates.get(number)
    assert held is not None
    assert (held.name, held.quotes, held.status) == (
        *(PROPOSAL.name, PROPOSAL.quotes),
        CandidateStatus.OPEN,
    )
    assert held.author == ""


def test_a_decision_on_a_proposed_code_names_its_author(comment: Repository) -> None:
    (number,) = proposed(comment)
    settled = comment.candidates.settle(number, CandidateStatus.ACCEPTED, author="Ann")
    assert (settled.status, settled.author) == (CandidateStatus.ACCEPTED, "Ann")
    assert comment.candidates.all() == (settled,)


def test_a_decision_that_is_taken_back_has_no_author(comment: Repository) -> None:
    (number,) = proposed(comment)
    comment.candidates.settle(number, CandidateStatus.REFUSED, author="Ann")
    settled = comment.candidates.settle(number, CandidateStatus.OPEN, author="Ann")
    assert (settled.status, settled.author) == (CandidateStatus.OPEN, "")


def test_deciding_on_no_proposed_code_is_refused(comment: Repository) -> None:
    with pytest.raises(StoreError, match="no proposed code 7"):
        comment.candidates.settle(7, CandidateStatus.ACCEPTED, author="Ann")


def test_proposed_codes_can_be_had_by_what_became_of_them(comment: Repository) -> None:
    first, second = proposed(comment, PROPOSAL, replace(PROPOSAL, name="Late"))
    comment.candidates.settle(first, CandidateStatus.REFUSED, author="Ann")
    assert [c.id for c in comment.candidates.all([CandidateStatus.OPEN])] == [second]


def test_quotes_move_with_the_text_that_they_point_at(comment: Repository) -> None:
    (number,) = proposed(comment)
    text = TEXT.replace("Ada", "[PERSON_1]")
    turn = replace(DOCUMENT.turns[0], end_char=len(text))
    newer = replace(DOCUMENT, text=text, turns=(turn,), version=2)
    comment.revisions.rewrite([Rewrite(newer, (Edit(0, 3, "[PERSON_1]"),))], reason="masked")
    held = comment.candidates.get(number)
    assert held is not None
    (quote,) = held.quotes
    assert text[quote.start_char : quote.end_char] == TEXT[31:39] == "it broke"
