"""What differs between two versions of a codebook, and which codings that touches."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from qualcode.codebook import Codebook
from qualcode.codebook.changes import (
    Effect,
    differences,
    family_effect,
    standing_judgements,
    touched,
)
from qualcode.codebook.codes import Code
from qualcode.codebook.edits import added, merged, moved, refamilied, renamed, retired, split
from qualcode.records import Coding, Corpus, Judgement, Rationale, Segment, Verdict
from tests.codebook_sample import BOOK

Change = Callable[[Codebook], Codebook]


def with_(code_id: str, **values: object) -> Codebook:
    codes = tuple(
        replace(code, **values) if code.id == code_id else code  # type: ignore[arg-type]
        for code in BOOK.codes
    )
    return replace(BOOK, codes=codes)


def without(code_id: str) -> Codebook:
    return replace(BOOK, codes=tuple(code for code in BOOK.codes if code.id != code_id))


def told(old: Codebook, new: Codebook) -> dict[str, str]:
    return {difference.code: difference.text for difference in differences(old, new)}


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (BOOK, {}),
        (renamed(BOOK, "wait", "I wait"), {"wait": "renamed from “Waiting” to “I wait”"}),
        (with_("wait", definition="New."), {"wait": "definition changed"}),
        (with_("broken", definition="New."), {"broken": "definition written"}),
        (with_("wait", definition=""), {"wait": "definition taken out"}),
        (with_("wait", include=("slow", "jam")), {"wait": "include: 1 added, 1 taken out"}),
        (with_("wait", include=("slow", "queue")), {"wait": "include: in another order"}),
        (with_("dear", status="active"), {"dear": "status now active"}),
        (with_("sign", owner="Ada", statement=""), {"sign": "statement taken out; owner written"}),
        (with_("wait_exit", parent=None), {"wait_exit": "now at the top"}),
        (with_("dear", parent="wait"), {"dear": "now under “Waiting”"}),
        (with_("dear", former_names=("Costly",)), {"dear": "former names: 1 added"}),
        (retired(BOOK, "dear"), {"dear": "retired"}),
        (merged(BOOK, ["broken"], "dear"), {"broken": "merged into “Too dear”"}),
        (
            split(BOOK, "dear", ["Dear fees", "Dear fines"]),
            {
                "dear": "split into “Dear fees” and “Dear fines”",
                "dear_fees": "added, a part of “Too dear”",
                "dear_fines": "added, a part of “Too dear”",
            },
        ),
        (added(BOOK, Code("lost", "Lost", "need")), {"lost": "added"}),
        (without("dear"), {"dear": "no longer in the book"}),
        (moved(BOOK, "return", before="find"), {"return": "moved, now first"}),
        (moved(BOOK, "find", after="return"), {"find": "moved, now after “Come back”"}),
        (refamilied(BOOK, "dear", "need"), {"dear": "moved from family pain_point to need"}),
    ],
)
def test_a_difference_is_told_in_words(new: Codebook, expected: dict[str, str]) -> None:
    assert told(BOOK, new) == expected


def test_a_code_that_comes_back_is_in_use_again() -> None:
    assert told(merged(BOOK, ["broken"], "dear"), BOOK) == {"broken": "in use again"}


def test_a_change_holds_the_values_before_and_after() -> None:
    (difference,) = differences(BOOK, with_("wait", definition="New."))
    (change,) = difference.changes
    assert (change.kind, change.before, change.after) == (
        "definition",
        "It takes too long.",
        "New.",
    )


def test_only_the_code_that_moved_is_called_moved() -> None:
    codes = BOOK.codes
    shuffled = replace(BOOK, codes=(codes[2], *codes[:2], *codes[3:]))
    assert list(told(BOOK, shuffled)) == ["return"]


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (BOOK, Effect()),
        (renamed(BOOK, "wait", "I wait"), Effect()),
        (with_("wait", owner="Ada", status="draft", goal="x", statement="y"), Effect()),
        (with_("dear", parent="wait"), Effect()),
        (with_("wait", name="Written over"), Effect(redefined=frozenset({"wait"}))),
        (with_("wait", definition="New."), Effect(redefined=frozenset({"wait"}))),
        (with_("wait", exclude=()), Effect(redefined=frozenset({"wait"}))),
        (with_("wait", valence=-1.0), Effect(redefined=frozenset({"wait"}))),
        (retired(BOOK, "dear"), Effect(lost=frozenset({"dear"}))),
        (without("dear"), Effect(lost=frozenset({"dear"}))),
        (refamilied(BOOK, "dear", "need"), Effect(lost=frozenset({"dear"}))),
        (merged(BOOK, ["broken"], "dear"), Effect()),
        (retired(merged(BOOK, ["broken"], "dear"), "dear"), Effect(lost=frozenset({"dear"}))),
        (split(BOOK, "dear", ["Fees", "Fines"]), Effect(lost=frozenset({"dear"}))),
        (added(BOOK, Code("lost", "Lost", "pain_point")), Effect(added=("lost",))),
        (added(BOOK, Code("lost", "Lost", "need")), Effect()),
    ],
)
def test_a_change_has_its_effect_on_the_family_that_was_judged(
    new: Codebook, expected: Effect
) -> None:
    assert family_effect(BOOK, new, "pain_point") == expected


def test_parts_of_a_part_are_no_codes_that_nobody_looked_for() -> None:
    twice = split(split(BOOK, "dear", ["Fees", "Fines"]), "fees", ["Day fee", "Night fee"])
    assert family_effect(BOOK, twice, "pain_point") == Effect(lost=frozenset({"dear"}))


def test_a_code_that_comes_back_is_one_that_nobody_looked_for() -> None:
    assert family_effect(retired(BOOK, "dear"), BOOK, "pain_point") == Effect(added=("dear",))


def coding(code: str, start: int, end: int, score: float = 0.5, segment: str = "s1") -> Coding:
    why = Rationale("cue", "x")
    name = f"{segment}-{code}-{start}"
    return Coding(name, "d", segment, start, end, "pain_point", code, "local:x", score, why)


def judgement(*codings: Coding, segment: str = "s1") -> Judgement:
    verdict = Verdict.CODED if codings else Verdict.NONE
    return Judgement(segment, "pain_point", "local:x", verdict, codings=codings)


def test_codings_of_a_merged_code_count_for_the_survivor_under_their_own_ids() -> None:
    book = merged(BOOK, ["broken"], "dear")
    one, two = coding("broken", 0, 5), coding("wait", 0, 9)
    (standing,) = standing_judgements([judgement(one, two)], book)
    assert standing.codings == (replace(one, code="dear"), two)


def test_of_two_codings_that_a_merge_puts_on_the_same_words_the_stronger_stays() -> None:
    book = merged(BOOK, ["broken"], "dear")
    weak, strong, apart = (
        coding("dear", 0, 5, 0.4),
        coding("broken", 0, 5, 0.7),
        coding("dear", 6, 9),
    )
    (standing,) = standing_judgements([judgement(weak, apart, strong)], book)
    assert standing.codings == (replace(strong, code="dear"), apart)


def test_codings_of_retired_codes_are_left_out_and_a_judgement_of_none_stays() -> None:
    book = retired(BOOK, "dear")
    judgements = [judgement(coding("dear", 0, 5)), judgement(segment="s2")]
    assert standing_judgements(judgements, book) == (judgement(segment="s2"),)


def test_people_are_counted_once_whatever_they_say() -> None:
    segments = tuple(
        Segment(f"s{n}", "d", n, n, 0, 9, participant_id=who)
        for n, who in enumerate(("P1", "P1", "P2", None))
    )
    judgements = tuple(
        judgement(
            coding("dear", 0, 5, segment=s.id), coding("wait", 0, 9, segment=s.id), segment=s.id
        )
        for s in segments
    )
    counts = touched({"dear", "wait"}, Corpus((), segments, judgements))
    assert counts.text == "8 codings in 4 segments of 2 people"
    assert touched({"sign"}, Corpus((), segments, judgements)).text == "no codings"
