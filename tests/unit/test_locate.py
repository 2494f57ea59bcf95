"""A quote is found where the text says the same, and nowhere else."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qualcode.locate import Change, Tier, locate, normalised
from qualcode.spans import Span

TEXT = (
    "I didn’t like it — the non-refundable fee was $1,500, and it’s -5 degrees, ok?\r\n"
    "Straße, ﬁne cafe\u0301.  The 👨\u200d👩\u200d👧 screen went black… every day. "
    "It took 10² tries, 5½ hours and 5.5 % of my \u00a0 life. We paid .5 too."
)


@pytest.mark.parametrize(
    ("quote", "tier", "found"),
    [
        ("the non-refundable fee", Tier.EXACT, "the non-refundable fee"),
        ("$1,500, and", Tier.EXACT, "$1,500, and"),
        ("I didn't like it - the", Tier.TYPOGRAPHY, "I didn’t like it — the"),
        ("THE NON-REFUNDABLE FEE", Tier.TYPOGRAPHY, "the non-refundable fee"),
        ("“the non-refundable fee”", Tier.TYPOGRAPHY, "the non-refundable fee"),
        ("ok? Strasse", Tier.TYPOGRAPHY, "ok?\r\nStraße"),
        ("fine café", Tier.TYPOGRAPHY, "ﬁne cafe\u0301"),
        ("of my life", Tier.TYPOGRAPHY, "of my \u00a0 life"),
        ("-5 degrees", Tier.EXACT, "-5 degrees"),
        ("5½ hours", Tier.EXACT, "5½ hours"),
        ("went black... every day", Tier.TYPOGRAPHY, "went black… every day"),
        ("went black every day", Tier.PUNCTUATION, "went black… every day"),
        ("ok!", Tier.PUNCTUATION, "ok"),
        ("the 👨\u200d👩\u200d👧 screen", Tier.TYPOGRAPHY, "The 👨\u200d👩\u200d👧 screen"),
    ],
)
def test_a_quote_that_is_set_otherwise_is_found(quote: str, tier: Tier, found: str) -> None:
    located = locate(TEXT, quote)
    assert (located.tier, [span.of(TEXT) for span in located.spans]) == (tier, [found])


@pytest.mark.parametrize(
    "quote",
    [
        "I did",
        "refundable fee",
        "500",
        "1,50",
        "5 degrees",
        "the fee was",
        "stras",
        "cafe.",
        "102 tries",
        "5 hours",
        "5 too",
        "👧 screen",
        "life. we paid 5 too",
        "",
        " … ",
        "'\"",
    ],
)
def test_a_quote_that_cuts_a_word_number_or_sign_is_not_found(quote: str) -> None:
    assert not locate(TEXT, quote).is_accepted


def test_every_place_of_a_quote_is_given() -> None:
    assert locate("so slow, so slow", "so slow").spans == (Span(0, 7), Span(9, 16))


def test_a_quote_outside_the_given_stretch_is_not_found() -> None:
    assert locate("It was slow. It was fine.", "It was fine", Span(0, 12)).tier is Tier.NONE


def test_a_quote_over_the_border_of_the_stretch_is_not_found() -> None:
    assert locate("It was slow. It was fine.", "slow. It", Span(0, 12)).tier is Tier.NONE


def test_parts_around_an_ellipsis_are_found_as_several_spans() -> None:
    text = "The delivery was late, as so often, and the box was open."
    located = locate(text, "The delivery was late […] the box was open")
    assert [span.of(text) for span in located.spans] == [
        "The delivery was late",
        "the box was open",
    ]
    assert located.tier is Tier.ELLIPSIS


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("I was at first not really happy with it.", "I was at first ... happy with it"),
        ("I was happy with it. The box was late.", "The box was late ... I was happy"),
        (f"It was so slow. {'Well. ' * 100}I love the bike.", "It was so slow ... I love the bike"),
        ("I was so happy with it.", "I was ... with it"),
    ],
)
def test_an_ellipsis_hides_no_negation_no_order_and_no_great_distance(
    text: str, quote: str
) -> None:
    assert not locate(text, quote).is_accepted


def test_a_near_miss_is_shown_with_what_differs() -> None:
    text = "Well, the driver was on time and very friendly, too."
    located = locate(text, "the driver was not on time and very friendly")
    assert located.tier is Tier.NEAR
    assert located.spans[0].of(text) == "the driver was on time and very friendly"
    assert [change for change in located.diff if change.kind != "="] == [Change("+", "not")]
    assert located.n_changed == 1


def test_two_equally_near_places_are_none() -> None:
    text = "we waited one long hour. we waited two long hours, we waited one long hour."
    assert locate(text, "we waited six long hour").tier is Tier.NONE


# --- what 600 altered and 600 otherwise set quotes come to -----------------------------------

SYNONYMS = {
    "the": "this",
    "a": "one",
    "was": "seemed",
    "is": "seems",
    "and": "plus",
    "it": "that",
    "to": "towards",
    "my": "our",
    "i": "we",
    "had": "got",
    "you": "they",
    "of": "from",
    "in": "inside",
    "on": "upon",
}


@pytest.fixture(scope="module")
def interview() -> str:
    root = Path(__file__).resolve().parents[2]
    path = root / "corpora" / "rollwell" / "sources" / "interview-08.txt"
    return path.read_text(encoding="utf-8")


def _sentences(text: str) -> list[str]:
    found = re.findall(r"[A-Z][^.!?\n:]{30,160}[.!?]", text)
    return [sentence for sentence in found if len(sentence.split()) >= 7]


def _changed(words: list[str], rng: random.Random, kind: str) -> list[str] | None:
    inner = range(2, len(words) - 2)
    at = rng.choice(list(inner))
    if kind == "not":
        return [*words[:at], "not", *words[at:]]
    if kind == "dropped":
        return [*words[:at], *words[at + 1 :]]
    if kind == "synonym":
        places = [i for i in inner if words[i].casefold() in SYNONYMS]
        if not places:
            return None
        at = rng.choice(places)
        return [*words[:at], SYNONYMS[words[at].casefold()], *words[at + 1 :]]
    if kind == "digit":
        number = str(rng.randrange(2, 90))
        return [*words[:at], number, *words[at:]]
    raise AssertionError(kind)


def _altered(text: str, kind: str) -> Iterator[tuple[str, str]]:
    """Yield a text and a quote that it does not hold."""
    rng = random.Random(kind)
    sentences = _sentences(text)
    while True:
        words = rng.choice(sentences).split()
        if kind == "stitched":
            other = rng.choice(sentences).split()
            made: list[str] | None = [*words[: len(words) // 2], *other[len(other) // 2 :]]
        elif kind == "number":
            # The text says one number, the quote another.
            at = rng.randrange(2, len(words) - 2)
            said, quoted = rng.sample(["5", "15", "1,500", "6.5", "40%", "4%", "-3", "3"], 2)
            altered = " ".join([*words[:at], said, *words[at:]])
            yield f"{text[:2_000]}\n{altered}", " ".join([*words[:at], quoted, *words[at:]])
            continue
        else:
            made = _changed(words, rng, kind)
        quote = " ".join(made or [])
        plain = [re.sub(r"[^\w']", "", word.casefold()) for word in quote.split()]
        held = [re.sub(r"[^\w']", "", word.casefold()) for word in text.split()]
        n = len(plain)
        # A mutation that the text happens to hold is none.
        if made and not any(held[i : i + n] == plain for i in range(len(held))):
            yield text, quote


@pytest.mark.parametrize("kind", ["not", "digit", "number", "synonym", "dropped", "stitched"])
def test_none_of_100_altered_quotes_is_accepted(interview: str, kind: str) -> None:
    cases = _altered(interview, kind)
    drawn = [next(cases) for _ in range(100)]
    assert [quote for text, quote in drawn if locate(text, quote).is_accepted] == []


OUTER = " .!?\"'"
SETTINGS: dict[str, Callable[[str], str]] = {
    "white space": lambda quote: quote.replace(" ", " \n\t"),
    "curly": lambda quote: quote.replace("'", "’").replace("-", "‐"),
    "case": str.upper,
    "wrapped": lambda quote: f" “{quote}” ",
    "invisible": lambda quote: quote.replace(" ", "\u00a0\u200b"),
    "no stop": lambda quote: quote.rstrip(".!?"),
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_all_of_100_quotes_set_otherwise_are_found_as_they_stand(
    interview: str, setting: str
) -> None:
    rng = random.Random(setting)
    sentences = _sentences(interview)
    for _ in range(100):
        quote = rng.choice(sentences)
        located = locate(interview, SETTINGS[setting](quote))
        slices = {normalised(span.of(interview)).strip(OUTER) for span in located.spans}
        assert slices == {normalised(quote).strip(OUTER)}
