"""What becomes one proposed code, and what is no new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from qualcode.codebook import Code, load_codebook
from qualcode.coders.local.encoder import Encoder
from qualcode.resources import default_codebook_path
from qualcode.store.candidates import Candidate, CandidateQuote, CandidateStatus, Proposal
from qualcode.workflow.propose_merge import merged, sorted_out, told, united

ORDER = {f"seg_{n}": n for n in range(10)}


def quote(n: int, start: int = 0, end: int = 10) -> CandidateQuote:
    return CandidateQuote(f"seg_{n}", start, end)


def proposal(name: str, *segments: int, family: str = "pain_point") -> Proposal:
    return Proposal(family, name, "", tuple(map(quote, segments)))


def candidate(number: int, name: str, status: CandidateStatus) -> Candidate:
    return Candidate(number, 1, "pain_point", name, "", (quote(9),), status, "", "2026-01-01")


def leaning(**cosines: float) -> Mapping[str, NDArray[np.float32]]:
    """Return unit vectors with these cosines to the first axis, equal ones where they are equal."""
    return {
        name.replace("_", " "): np.array([c, np.sqrt(1 - c * c)], np.float32)
        for name, c in cosines.items()
    }


def names(proposals: Sequence[Proposal]) -> list[str]:
    return [p.name for p in proposals]


VECTORS = leaning(loud=1.0, noise=0.9, noisy_place=0.85, stairs=0.0)


def test_proposals_that_mean_the_same_become_one_with_all_quotes() -> None:
    some = [proposal("loud", 3), proposal("stairs", 1), proposal("noise", 2), proposal("loud", 5)]
    loud, stairs = merged(some, VECTORS, ORDER)
    assert loud.quotes == (quote(2), quote(3), quote(5))
    assert stairs.quotes == (quote(1),)


def test_the_name_is_that_of_the_member_nearest_to_the_middle() -> None:
    some = [proposal("loud", 1), proposal("noise", 2), proposal("noisy place", 3)]
    assert names(merged(some, VECTORS, ORDER)) == ["noise"]


def test_of_two_members_as_near_the_one_with_more_quotes_names_the_group() -> None:
    some = [proposal("loud", 1), proposal("noise", 2, 3)]
    assert names(merged(some, VECTORS, ORDER)) == ["noise"]


def test_codes_of_two_families_are_never_one() -> None:
    some = [proposal("loud", 1), proposal("loud", 2, family="need")]
    assert [p.family for p in merged(some, VECTORS, ORDER)] == ["pain_point", "need"]


def test_one_name_is_one_code_whatever_its_definitions_mean() -> None:
    some = [
        Proposal("need", "Quiet", "No noise.", (quote(1),)),
        Proposal("need", "quiet", "Few people.", (quote(2),)),
    ]
    vectors = {
        "Quiet: No noise.": np.array([1, 0], np.float32),
        "quiet: Few people.": np.array([0, 1], np.float32),
    }
    assert len(merged(some, vectors, ORDER)) == 1


def test_a_quote_inside_another_one_is_left_out() -> None:
    assert united([quote(1, 3, 8), quote(1, 0, 10), quote(1, 8, 12)], ORDER) == (
        quote(1, 0, 10),
        quote(1, 8, 12),
    )


@pytest.mark.parametrize(
    ("cosine", "n_in_book"), [(0.66, 1), (0.64, 0)], ids=["near", "not near enough"]
)
def test_a_proposal_near_a_code_of_the_book_is_counted_and_left_out(
    cosine: float, n_in_book: int
) -> None:
    vectors = leaning(loud=1.0, din=cosine)
    found = sorted_out([proposal("din")], [Code("l", "loud", "pain_point")], [], vectors)
    assert (found.n_in_book, len(found.new)) == (n_in_book, 1 - n_in_book)


def test_a_retired_code_is_not_proposed_again() -> None:
    retired = Code("l", "loud", "pain_point", status="retired")
    assert sorted_out([proposal("noise")], [retired], [], VECTORS).n_in_book == 1


def test_a_code_of_another_family_keeps_nothing_out() -> None:
    other = Code("l", "loud", "need")
    assert names(sorted_out([proposal("noise")], [other], [], VECTORS).new) == ["noise"]


def test_a_proposal_near_an_open_candidate_joins_it() -> None:
    held = [candidate(4, "loud", CandidateStatus.OPEN), candidate(5, "x", CandidateStatus.OPEN)]
    found = sorted_out([proposal("noise")], [], held, {**VECTORS, **leaning(x=0.1)})
    assert {number: names(some) for number, some in found.joined.items()} == {4: ["noise"]}


@pytest.mark.parametrize(
    ("status", "counts"), [(CandidateStatus.REFUSED, (0, 1)), (CandidateStatus.ACCEPTED, (1, 0))]
)
def test_a_proposal_near_one_that_people_decided_on_is_left_out(
    status: CandidateStatus, counts: tuple[int, int]
) -> None:
    found = sorted_out([proposal("noise")], [], [candidate(4, "loud", status)], VECTORS)
    assert (found.n_in_book, found.n_dismissed) == counts
    assert found.new == ()


IN_OTHER_WORDS = {
    "pain_waiting": "Long waits: Customers wait too long for service, delivery or an answer.",
    "pain_unclear_information": "Left in the dark: Customers receive too little, late or "
    "conflicting information.",
    "pain_unfair_charge": "Hidden fees: Customers are billed for things they did not expect or "
    "agree to.",
    "pain_too_expensive": "Costs too much: The price is higher than customers can afford.",
    "pain_does_not_work": "It keeps breaking down: The device or service stops working or crashes.",
    "pain_rude_treatment": "Unfriendly staff: Employees are rude or do not care.",
    "need_clear_costs": "Transparent prices: Customers want to know all costs in advance.",
    "need_easy": "Make it simple: Customers want few steps and little effort.",
    "stage_find_out": "Compare my options: The customer looks for information and weighs offers.",
}
NEW = (
    "Nowhere to park: Customers cannot find a parking space near the site.",
    "Too noisy: Noise disturbs customers while they use the place.",
    "Cold food: Meals arrive lukewarm or cold.",
    "Embarrassed in front of others: Customers feel ashamed or exposed in public.",
    "Language barrier: Staff and letters do not speak the customer's language.",
)


def as_proposal(text: str, family: str) -> Proposal:
    name, _, definition = text.partition(": ")
    return Proposal(family, name, definition)


def test_the_encoder_finds_codes_of_the_default_book_in_other_words_and_no_new_ones_there() -> None:
    codes = load_codebook(default_codebook_path()).codes
    families = {code.id: code.family for code in codes}
    known = [as_proposal(text, families[code_id]) for code_id, text in IN_OTHER_WORDS.items()]
    new = [as_proposal(text, "pain_point") for text in NEW]
    texts = [told(one) for one in (*codes, *known, *new)]
    vectors = dict(zip(texts, Encoder().encode(texts), strict=True))
    found = sorted_out([*known, *new], codes, [], vectors)
    assert found.new == tuple(new)


def test_the_encoder_merges_two_ways_to_say_a_new_code_and_no_two_codes() -> None:
    texts = (*NEW, "A lot of noise: It is so noisy that customers are disturbed.")
    vectors = dict(zip(texts, Encoder().encode(texts), strict=True))
    some = [as_proposal(text, "pain_point") for text in texts]
    assert len(merged(some, vectors, ORDER)) == len(NEW)
