"""The embedded coder: what it keeps, what it rests on, and what it makes of plain sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from qualcode.codebook import Code, Codebook, load_codebook
from qualcode.coders.base import Task
from qualcode.coders.local.coder import LocalCoder, Vector
from qualcode.coders.local.encoder import Encoder
from qualcode.coders.local.heads import Heads
from qualcode.coders.local.readings import N_ANSWERS
from qualcode.coders.local.weights import model_id
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
from qualcode.store.vectors import text_key


class Memory:
    """Keep vectors as the store does."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, Vector]] = {}

    def get(self, keys: Sequence[str], model: str) -> Mapping[str, Vector]:
        held = self.held.get(model, {})
        return {key: held[key] for key in keys if key in held}

    def add(self, vectors: Mapping[str, Vector], model: str) -> None:
        self.held.setdefault(model, {}).update(vectors)


@pytest.fixture(scope="module")
def book() -> Codebook:
    return load_codebook(default_codebook_path())


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(threads=1)


@pytest.fixture(scope="module")
def heads() -> Heads:
    return Heads()


@pytest.fixture(scope="module")
def coder(book: Codebook, encoder: Encoder, heads: Heads) -> LocalCoder:
    return LocalCoder(book, encoder=encoder, heads=heads)


def _comment(text: str) -> Task:
    document = Document(
        "doc_1",
        "src",
        "survey.csv",
        DocumentKind.COMMENT,
        text,
        (Turn(0, 0, len(text)),),
        (Speaker(None, Role.PARTICIPANT, "P1"),),
    )
    return Task(document, (Segment("seg_1", "doc_1", 0, 0, 0, len(text), Role.PARTICIPANT),))


def _judge(coder: LocalCoder, text: str, family: str) -> Judgement:
    (judgement,) = coder.code([_comment(text)], [family]).items
    return judgement


def _codings(coder: LocalCoder, text: str, family: str) -> dict[str, Coding]:
    return {coding.code: coding for coding in _judge(coder, text, family).codings}


def test_its_name_is_that_of_the_weights(coder: LocalCoder) -> None:
    assert coder.name == f"local:{model_id()}"


def test_families_for_people_and_llms_are_left_to_them(coder: LocalCoder) -> None:
    assert set(coder.families) == {
        *("stage", "emotion", "pain_point", "need", "strength", "touchpoint", "duration")
    }


def test_a_basis_says_nothing_of_the_codes_which_are_compared_one_by_one(
    book: Codebook, coder: LocalCoder, encoder: Encoder, heads: Heads
) -> None:
    changed = tuple(replace(code, definition="Something else.") for code in book.codes)
    other = LocalCoder(replace(book, codes=changed), encoder=encoder, heads=heads)
    assert [coder.basis(f) for f in coder.families] == [other.basis(f) for f in coder.families]


def test_a_renamed_code_is_found_in_the_same_words_as_before(
    book: Codebook, coder: LocalCoder, encoder: Encoder, heads: Heads
) -> None:
    renamed = tuple(
        replace(code, name=f"Thing {n}", former_names=(code.name,))
        for n, code in enumerate(book.codes)
    )
    other = LocalCoder(replace(book, codes=renamed), encoder=encoder, heads=heads)
    text = "I waited three weeks and nobody told me anything, it was so frustrating."
    for family in coder.families:
        before, after = _judge(coder, text, family), _judge(other, text, family)
        assert [(c.code, c.score) for c in before.codings] == [
            (c.code, c.score) for c in after.codings
        ]


def test_what_segments_gave_is_kept_and_used(
    book: Codebook, encoder: Encoder, heads: Heads, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory()
    text = "I waited for an hour."
    coder = LocalCoder(book, store=memory, encoder=encoder, heads=heads)
    first = coder.code([_comment(text)], ["touchpoint"]).items
    of_heads, of_encoder = sorted(memory.held, key=len, reverse=True)
    assert (of_encoder, of_heads.split("+")[0]) == (encoder.model_id, encoder.model_id)
    kept = memory.held[of_encoder][text_key(text)]
    np.testing.assert_array_equal(kept, encoder.encode([text])[0])
    assert memory.held[of_heads][text_key(text)].shape == (N_ANSWERS,)

    def refuse(texts: Sequence[str]) -> None:
        raise AssertionError(f"read again: {texts}")

    again = LocalCoder(book, store=memory, encoder=encoder, heads=heads)
    monkeypatch.setattr(encoder, "read_apart", refuse)
    assert again.code([_comment(text)], ["touchpoint"]).items == first


def test_a_family_that_the_book_lacks_is_refused(coder: LocalCoder) -> None:
    with pytest.raises(ValueError, match="outcome"):
        coder.code([], ["outcome"])


@pytest.mark.parametrize(
    ("family", "text", "code"),
    [
        ("pain_point", "I was on hold for ages and it took three weeks.", "pain_waiting"),
        ("pain_point", "The app crashes every time I open it.", "pain_does_not_work"),
        ("strength", "The staff were so friendly and patient with me.", "strength_kind_staff"),
        ("emotion", "I was absolutely furious about it.", "emo_anger"),
        ("emotion", "I love it, it makes me so happy!", "emo_joy"),
        ("stage", "I compared the offers of five companies online.", "stage_find_out"),
        ("need", "I just want to speak to a real person.", "need_reach_someone"),
        ("touchpoint", "Their website is out of date.", "touch_website"),
        ("duration", "I waited ten days for the answer.", "dur_waiting"),
        ("duration", "The form took me twenty minutes.", "dur_task"),
    ],
)
def test_a_plain_sentence_gets_the_code_it_is_about(
    coder: LocalCoder, family: str, text: str, code: str
) -> None:
    assert code in _codings(coder, text, family)


@pytest.mark.parametrize("family", ["emotion", "pain_point", "strength", "need"])
def test_neutral_talk_gets_none(coder: LocalCoder, family: str) -> None:
    text = "The office is on the corner by the station, next to the bank."
    assert _judge(coder, text, family).verdict is Verdict.NONE


def test_a_back_channel_says_nothing_about_the_journey(coder: LocalCoder) -> None:
    judgement = _judge(coder, "Mm-hm. Yeah.", "stage")
    assert (judgement.verdict, judgement.reason) == (
        Verdict.NONE,
        "nothing said about the journey",
    )


def test_a_difficulty_that_no_code_is_near_is_left_open(encoder: Encoder, heads: Heads) -> None:
    only = Code("pain_ads", "Too many adverts", "pain_point", definition="Adverts on television.")
    coder = LocalCoder(Codebook("small", (only,)), encoder=encoder, heads=heads)
    judgement = _judge(coder, "The brake is broken and nobody ever came, it's awful.", "pain_point")
    assert (judgement.verdict, judgement.reason) == (
        Verdict.ABSTAINED,
        "a difficulty is heard, no code of the book is near",
    )


def test_a_denied_feeling_is_not_proposed(coder: LocalCoder) -> None:
    assert "emo_anger" not in _codings(coder, "I was not angry at all.", "emotion")


def test_only_the_sentence_that_carries_a_code_is_coded(coder: LocalCoder) -> None:
    text = "We live near the old harbour with our dog. I was on hold for forty minutes."
    coding = _codings(coder, text, "pain_point")["pain_waiting"]
    assert coding.span.of(text) == "I was on hold for forty minutes."


def test_a_duration_names_its_words_and_length(coder: LocalCoder) -> None:
    text = "It took ten days until the van came."
    (coding,) = _codings(coder, text, "duration").values()
    assert [word.of(text) for word in coding.rationale.words] == ["ten days"]
    assert "about 10 days" in coding.rationale.note


def test_a_louder_feeling_is_more_intense(coder: LocalCoder) -> None:
    slight = _codings(coder, "It was a bit annoying.", "emotion")["emo_frustration"]
    strong = _codings(coder, "It was SO ANNOYING, really annoying!!", "emotion")["emo_frustration"]
    assert slight.intensity is not None and strong.intensity is not None
    assert slight.intensity < strong.intensity


def test_notes_hold_no_words_of_the_participant(coder: LocalCoder) -> None:
    text = "Zebedee kept me on hold for forty minutes, I was furious with Zebedee!"
    for judgement in coder.code([_comment(text)], coder.families).items:
        for coding in judgement.codings:
            assert "Zebedee" not in coding.rationale.note + coding.rationale.reference


def test_a_book_of_ones_own_with_names_only_works(encoder: Encoder, heads: Heads) -> None:
    codes = tuple(
        Code(f"theme_{name.lower()}", name, "theme") for name in ("Parking", "Food", "Waiting")
    )
    coder = LocalCoder(Codebook("own", codes), encoder=encoder, heads=heads)
    assert coder.families == ("theme",)
    assert "theme_food" in _codings(coder, "The food in the canteen was tasty.", "theme")


def test_an_emotion_without_goemotions_labels_goes_by_likeness(
    book: Codebook, encoder: Encoder, heads: Heads
) -> None:
    plain = tuple(replace(code, goemotions=()) for code in book.family("emotion"))
    coder = LocalCoder(replace(book, codes=plain), encoder=encoder, heads=heads)
    assert "emo_anger" in _codings(coder, "I was absolutely furious about it.", "emotion")
