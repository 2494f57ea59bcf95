"""Masking changes what the edits say and nothing else, and leaves no address behind."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.ingest.pseudonyms import KINDS, Key, find_edits, mask_document
from qualcode.ingest.reading import Paragraph, assemble
from qualcode.ingest.segmentation import segment
from qualcode.records import Document, DocumentKind, Role, Speaker, TimeMark
from qualcode.spans import Edit, apply_edits

NAMES = ("Priya Nair", "Will Fenn", "Zoë", "王伟", "May")
EMAILS = st.from_regex(
    r"[a-z][a-z0-9_]{1,8}(\.[a-z]{2,5})?@[a-z]{2,8}\.(org|co\.uk)", fullmatch=True
)
PIECES = st.sampled_from(
    [
        "Priya",
        "Priya Nair’s",
        "Will",
        "will",
        "Zoe\u0308",
        "王伟",
        "07700 900146",
        "+44 7700 900146",
        "4111 1111 1111 1111",
        "HG1 2AB",
        "@priya",
        "2022-2023",
        "[PERSON_1]",
        "👍🏽",
        "שלום",
        "\u200b",
        "\n",
        ".",
        "and",
    ]
)
ANY = st.text(st.characters(exclude_characters="\r", exclude_categories=("Cs",)), max_size=60)
SAID = st.lists(st.one_of(PIECES, EMAILS, ANY), min_size=1, max_size=12).map(" ".join)
LABELS = st.sampled_from([None, "Priya Nair", "INT", "WILL", "Tom (research)", "P7"])


@st.composite
def documents(draw: st.DrawFn) -> Document:
    paragraphs = []
    for _ in range(draw(st.integers(1, 4))):
        said = draw(SAID)
        at = draw(st.integers(0, len(said)))
        marks = (TimeMark(0, 0.0, 1.0), TimeMark(at, 2.0, 3.0))
        paragraphs.append(Paragraph(said, draw(LABELS), True, marks))
    text, turns = assemble(paragraphs)
    labels = dict.fromkeys(turn.speaker for turn in turns)
    speakers = tuple(Speaker(label, Role.UNKNOWN) for label in labels)
    return Document("doc_1", "src_1", "a.txt", DocumentKind.INTERVIEW, text, turns, speakers)


@settings(max_examples=60, deadline=None)
@given(SAID)
def test_edits_are_in_order_apart_and_replace_by_placeholders(text: str) -> None:
    edits = find_edits(text, Key(), NAMES)
    at = 0
    for edit in edits:
        assert at <= edit.start_char < edit.end_char <= len(text)
        assert edit.replacement[1:-1].split("_")[0] in KINDS
        at = edit.end_char


@settings(max_examples=60, deadline=None)
@given(EMAILS, SAID, SAID)
def test_no_original_address_survives(email: str, before: str, after: str) -> None:
    text = f"{before} {email} {after}"
    assert email not in apply_edits(text, find_edits(text, Key(), NAMES))


@settings(max_examples=60, deadline=None)
@given(documents())
def test_every_turn_holds_the_words_of_the_original_with_its_edits(document: Document) -> None:
    new, edits = mask_document(document, Key(), NAMES)
    assert new.text == apply_edits(document.text, edits)
    assert len(new.turns) == len(document.turns)
    for old, turn in zip(document.turns, new.turns, strict=True):
        own = [
            Edit(e.start_char - old.start_char, e.end_char - old.start_char, e.replacement)
            for e in edits
            if old.start_char <= e.start_char and e.end_char <= old.end_char
        ]
        assert turn.span.of(new.text) == apply_edits(old.span.of(document.text), own)


@settings(max_examples=60, deadline=None)
@given(documents())
def test_labels_stand_in_the_new_text_as_the_turns_give_them(document: Document) -> None:
    new, _ = mask_document(document, Key(), NAMES)
    labels = [speaker.label for speaker in new.speakers]
    assert len(labels) == len(set(labels))
    for turn in new.turns:
        assert turn.speaker in labels
        if turn.speaker:
            assert new.text[: turn.start_char].endswith(f"{turn.speaker}: ")


@settings(max_examples=40, deadline=None)
@given(documents())
def test_marks_stay_inside_their_turn_and_in_order(document: Document) -> None:
    new, _ = mask_document(document, Key(), NAMES)
    for turn in new.turns:
        at = [mark.start_char for mark in turn.marks]
        assert at == sorted(at)
        assert all(turn.start_char <= char <= turn.end_char for char in at)


@settings(max_examples=40, deadline=None)
@given(documents())
def test_the_key_is_the_same_after_json_and_masks_the_same(document: Document) -> None:
    key = Key()
    first, _ = mask_document(document, key, NAMES)
    again = Key.from_json(key.to_json())
    assert mask_document(document, again, NAMES)[0] == first
    assert again.to_json() == key.to_json()


@settings(max_examples=60, deadline=None)
@given(documents())
def test_no_segment_cuts_a_placeholder(document: Document) -> None:
    new, edits = mask_document(document, Key(), NAMES)
    pieces = [s.span.of(new.text) for s in segment(new)]
    for edit in edits:
        assert any(edit.replacement in piece for piece in pieces) or any(
            edit.replacement in (turn.speaker or "") for turn in new.turns
        )
