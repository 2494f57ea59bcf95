"""Whatever the text: what is marked is what was looked for, at exact offsets."""

import re
import unicodedata
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qualcode.analysis.fulltext import fold, parse_query
from qualcode.errors import UsageError

# Letters that fold to other lengths or to nothing, next to plain ones.
TRICKY = st.sampled_from(
    [*"aeßﬁİıſΣσςéñøÅﬀ½²™ª配한_", "e\u0301", "n\u0303", "\u00ad", "\u200b", "\ufe0f", "कि", "ไม่"]
)
CHARS = st.one_of(TRICKY, st.characters(exclude_categories=["Cs", "Cc"]), st.sampled_from(" .,-'"))
TEXTS = st.lists(CHARS, max_size=40).map("".join)
WORDS = st.lists(CHARS, min_size=1, max_size=4).map("".join)


def plain(text: str) -> str:
    """Fold letters and digits in another way than the product: the whole string at once."""
    letters = "".join(c for c in text if c.isalnum())
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", letters).casefold())
    return "".join(c for c in parts if c.isalnum())


@settings(max_examples=400, deadline=None)
@given(before=TEXTS, word=WORDS, after=TEXTS)
def test_a_word_that_stands_in_a_text_is_found_and_marked_whole(
    before: str, word: str, after: str
) -> None:
    assume(not re.search(r'["“”„*\s-]', word))
    text = f"{before} {word} {after}"
    try:
        asked = parse_query(word)
    except UsageError:  # nothing of it is seen
        return
    assert asked.holds(text)
    marked = [span.of(text) for span in asked.spans(text)]
    assert any(plain(word) == plain(cut) for cut in marked)


@settings(max_examples=400, deadline=None)
@given(text=TEXTS, query=st.lists(WORDS, min_size=1, max_size=3).map(" ".join))
def test_what_is_marked_holds_a_wanted_word_and_no_space_around_it(text: str, query: str) -> None:
    try:
        asked = parse_query(query)
    except UsageError:
        return
    spans = asked.spans(text)
    for span in spans:
        cut = span.of(text)
        assert cut == cut.strip()
        assert any(term.is_in(fold(cut)) for term in asked.wanted)
    for one, two in pairwise(spans):
        assert one.end_char <= two.start_char
    if asked.holds(text) and asked.wanted:
        assert spans


@settings(max_examples=200, deadline=None)
@given(text=TEXTS, word=WORDS)
def test_a_text_with_an_excluded_word_is_never_found(text: str, word: str) -> None:
    assume(not re.search(r'["“”„*\s-]', word))
    try:
        asked = parse_query(f"zebra -{word}")
    except UsageError:
        return
    assume(asked.unwanted)
    assert asked.holds(f"zebra {text} {word}") is None
