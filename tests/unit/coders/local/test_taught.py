"""The embedded coder after people have judged: what it proposes, drops and rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from qualcode.codebook import Code, Codebook, load_codebook
from qualcode.coders.base import Task
from qualcode.coders.local.coder import LocalCoder
from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.heads import Heads
from qualcode.coders.local.learning import Learnt, learn
from qualcode.coders.local.scores import LocalScorer
from qualcode.records import (
    Coding,
    Document,
    DocumentKind,
    Judgement,
    Role,
    Segment,
    Speaker,
    Turn,
    Verdict,
)
from qualcode.resources import default_codebook_path

PARKING = Code("theme_parking", "Parking", "theme", definition="Finding a place to park the car.")
FOOD = Code("theme_food", "Food", "theme", definition="What there is to eat, and how it tastes.")
OWN = (PARKING, FOOD)
# Nothing in the definition tells that at this place the lift belongs to parking.
LIFT = (
    "The lift was out of order again.",
    "We waited ages for the lift.",
    "The lift smells and it stops between the floors.",
    "No lift for three weeks now.",
    "The lift got stuck with my mother in it.",
    "They ought to mend the lift.",
)
OTHER = ("My sister works in an office.", "The nurse was kind.", "It rained all day.")
NEW = "The lift is broken."
SOUP = "The soup was cold and the bread was stale."


@pytest.fixture(scope="module")
def book() -> Codebook:
    default = load_codebook(default_codebook_path())
    return replace(default, codes=default.codes + OWN)


@pytest.fixture(scope="module")
def parts() -> tuple[Encoder, Heads]:
    return Encoder(threads=1), Heads()


@pytest.fixture(scope="module")
def untaught(book: Codebook, parts: tuple[Encoder, Heads]) -> LocalCoder:
    return LocalCoder(book, encoder=parts[0], heads=parts[1])


def _tasks(texts: Sequence[str]) -> list[Task]:
    tasks = []
    for n, text in enumerate(texts):
        document = Document(
            f"doc_{n}",
            "src",
            "survey.csv",
            DocumentKind.COMMENT,
            text,
            (Turn(0, 0, len(text)),),
            (Speaker(None, Role.PARTICIPANT, f"P{n}"),),
        )
        whole = Segment(f"seg_{n}", document.id, 0, 0, 0, len(text), Role.PARTICIPANT)
        tasks.append(Task(document, (whole,)))
    return tasks


def _learnt(
    coder: LocalCoder, family: str, code: str, yes: Sequence[str], no: Sequence[str]
) -> dict[str, Learnt]:
    grounds = coder.grounds(_tasks([*yes, *no]), family)
    own = grounds.odds[:, grounds.codes.index(code)]
    return {code: learn(own, grounds.seen, np.arange(len(own)) < len(yes))}


def _after(untaught: LocalCoder, book: Codebook, learnt: Mapping[str, Learnt]) -> LocalCoder:
    return LocalCoder(book, encoder=untaught._encoder, heads=untaught._heads, learnt=learnt)


def _judge(coder: LocalCoder, text: str, family: str) -> Judgement:
    (judgement,) = coder.code(_tasks([text]), [family]).items
    return judgement


def _coding(coder: LocalCoder, text: str, family: str, code: str) -> Coding | None:
    codings = {coding.code: coding for coding in _judge(coder, text, family).codings}
    return codings.get(code)


@pytest.fixture(scope="module")
def lift_is_parking(untaught: LocalCoder, book: Codebook) -> LocalCoder:
    return _after(untaught, book, _learnt(untaught, "theme", "theme_parking", LIFT, OTHER))


def test_nothing_learnt_changes_no_judgement(untaught: LocalCoder, book: Codebook) -> None:
    tasks = _tasks([NEW, SOUP, "I was furious.", "I waited for an hour on hold."])
    blank = _after(untaught, book, {code.id: Learnt() for code in book.codes})
    families = untaught.families
    assert blank.code(tasks, families).items == untaught.code(tasks, families).items


def test_nothing_learnt_leaves_the_basis_as_it_was(untaught: LocalCoder, book: Codebook) -> None:
    assert _after(untaught, book, {}).basis("theme") == untaught.basis("theme")


def test_what_was_learnt_of_a_code_changes_the_basis_of_its_family(
    untaught: LocalCoder, lift_is_parking: LocalCoder
) -> None:
    changed = [f for f in untaught.families if untaught.basis(f) != lift_is_parking.basis(f)]
    assert changed == ["theme"]


def test_what_people_coded_is_proposed_in_texts_like_it(
    untaught: LocalCoder, lift_is_parking: LocalCoder
) -> None:
    before = _coding(untaught, NEW, "theme", "theme_parking")
    after = _coding(lift_is_parking, NEW, "theme", "theme_parking")
    assert before is None and after is not None


def test_a_code_that_only_people_speak_for_says_so(lift_is_parking: LocalCoder) -> None:
    coding = _coding(lift_is_parking, NEW, "theme", "theme_parking")
    assert coding is not None and "people's judgements" in coding.rationale.note


def test_a_code_that_only_people_speak_for_stands_on_the_sentence_they_mean(
    lift_is_parking: LocalCoder,
) -> None:
    text = "My brother met us at the entrance with the children. The lift was broken again."
    coding = _coding(lift_is_parking, text, "theme", "theme_parking")
    assert coding is not None and coding.span.of(text) == "The lift was broken again."


def test_the_words_behind_it_are_those_that_people_coded(lift_is_parking: LocalCoder) -> None:
    coding = _coding(lift_is_parking, NEW, "theme", "theme_parking")
    assert coding is not None and coding.rationale.words[0].of(NEW) == "lift"


def test_texts_unlike_those_judged_keep_their_codes(
    untaught: LocalCoder, lift_is_parking: LocalCoder
) -> None:
    assert _judge(lift_is_parking, SOUP, "theme") == _judge(untaught, SOUP, "theme")


def test_what_people_rejected_is_not_proposed_again(untaught: LocalCoder, book: Codebook) -> None:
    soups = ("The soup was cold.", "Cold soup again.", "The bread was hard.", "Stale bread, ugh.")
    taught = _after(untaught, book, _learnt(untaught, "theme", "theme_food", (), soups * 4))
    judgement = _judge(taught, SOUP, "theme")
    assert (judgement.verdict, judgement.reason) == (
        Verdict.ABSTAINED,
        "people's judgements speak against what was near",
    )


def test_a_cut_that_was_learnt_goes_before_the_judges_own(
    untaught: LocalCoder, book: Codebook
) -> None:
    taught = _after(untaught, book, {"theme_food": Learnt(cut=0.999)})
    assert _coding(taught, SOUP, "theme", "theme_food") is None


def test_a_lower_cut_proposes_what_was_left_out(untaught: LocalCoder, book: Codebook) -> None:
    taught = _after(untaught, book, {"theme_parking": Learnt(cut=0.0001)})
    assert _coding(taught, NEW, "theme", "theme_parking") is not None


def test_an_emotion_that_people_added_has_intensity_and_valence(
    untaught: LocalCoder, book: Codebook
) -> None:
    learnt = _learnt(untaught, "emotion", "emo_anger", LIFT, OTHER)
    coding = _coding(_after(untaught, book, learnt), NEW, "emotion", "emo_anger")
    assert coding is not None
    assert coding.intensity in (1, 2, 3) and coding.valence is not None and coding.valence < 0


def test_a_pain_point_that_people_added_is_proposed_where_no_difficulty_was_heard(
    untaught: LocalCoder, book: Codebook
) -> None:
    code = book.family("pain_point")[0].id
    texts = tuple(f"We take the {w} lift at the side." for w in ("old", "small", "glass", "back"))
    learnt = _learnt(untaught, "pain_point", code, texts * 3, OTHER)
    taught = _after(untaught, book, learnt)
    text = "We take the new lift at the side."
    assert _coding(untaught, text, "pain_point", code) is None
    assert _coding(taught, text, "pain_point", code) is not None


def test_a_segment_has_one_stage_whatever_people_taught(
    untaught: LocalCoder, book: Codebook
) -> None:
    learnt: dict[str, Learnt] = {}
    for code in book.family("stage"):
        learnt |= _learnt(untaught, "stage", code.id, LIFT, ())
    assert len(_judge(_after(untaught, book, learnt), NEW, "stage").codings) == 1


def test_people_cannot_add_a_length_of_time_where_none_is_named(
    untaught: LocalCoder, book: Codebook
) -> None:
    learnt = _learnt(untaught, "duration", "dur_waiting", LIFT * 4, OTHER)
    taught = _after(untaught, book, learnt)
    assert _coding(taught, NEW, "duration", "dur_waiting") is None


def test_learning_again_starts_from_what_had_learnt_nothing(
    untaught: LocalCoder, lift_is_parking: LocalCoder
) -> None:
    tasks = _tasks([*LIFT, NEW])
    before, after = (c.grounds(tasks, "theme") for c in (untaught, lift_is_parking))
    assert before.odds.tobytes() == after.odds.tobytes()


def test_scores_of_whole_texts_follow_what_was_learnt(
    untaught: LocalCoder, lift_is_parking: LocalCoder, book: Codebook
) -> None:
    before, after = (
        LocalScorer(book, _tasks, coder=coder).score([NEW], "theme").scores[0, 0]
        for coder in (untaught, lift_is_parking)
    )
    assert after > before + 0.3
