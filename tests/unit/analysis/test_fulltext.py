"""Words are found whatever their case and accents, and only whole."""

import pytest

from qualcode.analysis.fulltext import parse_query
from qualcode.errors import UsageError


def found(query: str, text: str) -> list[str] | None:
    """Return the words that a query marks in a text, None when it does not find the text."""
    asked = parse_query(query)
    return [span.of(text) for span in asked.spans(text)] if asked.holds(text) else None


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("late", "Late again, so LATE", ["Late", "LATE"]),
        ("cafe", "the Café and cafe\u0301", ["Café", "cafe\u0301"]),
        ("CAFÉ", "a cafe", ["cafe"]),
        ("strasse", "Die Straße", ["Straße"]),
        ("fix", "they ﬁx it", ["ﬁx"]),
        ("σοφος", "ΣΟΦΌΣ", ["ΣΟΦΌΣ"]),
        ("deliver*", "delivered, a delivery", ["delivered", "delivery"]),
        ("late bus", "the bus was late", ["bus", "late"]),
        ('"never again"', "Never, again and again", ["Never, again"]),
        ("“never again”", "never again", ["never again"]),
        ('"money ba"*', "my money back", ["money back"]),
        ("don't", "I don’t", ["don’t"]),
        ("e-bike", "an E bike", ["E bike"]),
        ("person_3", "[PERSON_3] rang", ["PERSON_3"]),
        ("brand", "Brand™", ["Brand"]),
        ("lieferung", "Liefer\u00adung", ["Liefer\u00adung"]),
        ("配達", "配達が遅い", ["配達"]),
        ("🙄", "so 🙄", ["🙄"]),
        ('"unclosed wor', "unclosed wor", ["unclosed wor"]),
        ("late -refund", "late money", ["late"]),
        ('late -"money back"', "late money, no back", ["late"]),
    ],
)
def test_a_text_that_holds_the_words_is_found_and_they_are_marked(
    query: str, text: str, marked: list[str]
) -> None:
    assert found(query, text) == marked


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("late", "plate, later, chocolate"),
        ("deliver", "delivery"),
        ("late bus", "late train"),
        ('"late bus"', "late, the bus"),
        ("e-bike", "ebike"),
        ("late -refund", "late Refund"),
        ("late -refund*", "late refunds"),
        ('late -"money back"', "late: money-back"),
        ("कि", "का"),  # another vowel sign is another word
    ],
)
def test_a_text_that_lacks_a_word_or_holds_an_excluded_one_is_not_found(
    query: str, text: str
) -> None:
    assert found(query, text) is None


def test_a_hyphen_within_a_word_excludes_nothing() -> None:
    assert parse_query("e-bike").unwanted == ()


def test_an_excluded_word_is_told_apart_from_a_missing_one() -> None:
    asked = parse_query("late -refund")
    assert (asked.holds("early"), asked.holds("early refund")) == (False, None)


def test_overlapping_words_are_marked_once() -> None:
    assert found('bus "late bus" late', "the late bus") == ["late bus"]


def test_the_query_without_signs_is_what_it_is_about() -> None:
    assert parse_query('deliver* "never again" -refund e-bike').text == "deliver never again e-bike"


@pytest.mark.parametrize("query", ["", "  ", "*", '""', "-", "- *"])
def test_a_query_with_nothing_to_look_for_is_refused(query: str) -> None:
    with pytest.raises(UsageError):
        parse_query(query)
