"""Whatever is done to a codebook: its files read back, and what is taken back leaves no trace."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from qualcode.codebook import Codebook, checked, dump_codebook, edits, load_codebook, parse_codebook
from qualcode.codebook.codes import Code
from qualcode.codebook.importing import imported
from qualcode.codebook.text import rewritten
from qualcode.codebook.undo import footprint, restored
from qualcode.errors import QualcodeError
from qualcode.report.codebook_sheet import codebook_csv, codebook_xlsx
from tests.codebook_sample import BOOK, TEXT

# What YAML, CSV and XLSX can all hold; control characters and half ones cannot be in any.
words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]) | st.just("\n"),
    max_size=12,
)
lists = st.lists(words, max_size=3).map(tuple)
codes = st.builds(
    Code,
    id=st.from_regex(r"[a-c][a-c0-9_]?", fullmatch=True),
    name=words,
    family=st.sampled_from(["stage", "need", "theme"]),
    definition=words,
    include=lists,
    exclude=lists,
    examples=lists,
    status=st.sampled_from(["active", "draft", "retired"]),
    valence=st.none() | st.integers(-8, 8).map(lambda quarters: quarters / 4),
    goal=words,
    former_names=lists,
    owner=words,
)


@st.composite
def books(draw: st.DrawFn) -> Codebook:
    drawn = draw(st.lists(codes, min_size=1, max_size=4, unique_by=lambda code: code.id))
    try:
        return checked(Codebook("Any", tuple(drawn)))
    except QualcodeError:
        assume(False)
        raise


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(books())
def test_every_format_reads_back_to_the_same_codes(book: Codebook) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for suffix, content in (
            ("yaml", dump_codebook(book).encode("utf-8")),
            ("csv", codebook_csv(book)),
            ("xlsx", codebook_xlsx(book)),
        ):
            path = Path(folder) / f"book.{suffix}"
            path.write_bytes(content)
            back = load_codebook(path)
            assert back.codes == book.codes, suffix
            assert imported(book, back.codes) == book


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(books(), books())
def test_a_file_that_is_rewritten_reads_as_the_book_that_was_asked_for(
    one: Codebook, two: Codebook
) -> None:
    text = "# Kept.\n" + dump_codebook(one)
    made = rewritten(text, one, two)
    assert parse_codebook(made, Path("codebook.yaml")) == two


steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "rename", "merge", "split", "move", "parent", "retire", "family"])
        | st.just("undo"),
        st.integers(0, 9),
        st.integers(0, 9),
    ),
    max_size=6,
)


def step(book: Codebook, what: str, one: int, two: int) -> Codebook:
    a, b = (book.codes[n % len(book.codes)] for n in (one, two))
    if what == "add":
        code = Code(edits.free_id(book, f"New {one}", a.family), f"New {one}", a.family)
        return edits.added(book, code, before=a.id)
    if what == "rename":
        return edits.renamed(book, a.id, f"Called {two}")
    if what == "merge":
        return edits.merged(book, [a.id], b.id)
    if what == "split":
        return edits.split(book, a.id, [f"Part {one}", f"Part {two}"])
    if what == "move":
        return edits.moved(book, a.id, before=b.id)
    if what == "parent":
        return edits.moved(book, a.id, parent="" if one == two else b.id)
    if what == "retire":
        return edits.retired(book, a.id)
    return edits.refamilied(book, a.id, b.family)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_undoing_leads_back_through_every_state_with_its_comments(
    taken: list[tuple[str, int, int]],
) -> None:
    book, text = BOOK, TEXT
    past: list[tuple[Codebook, str, str, str]] = []
    for what, one, two in [*taken, *[("undo", 0, 0)] * len(taken)]:
        if what == "undo":
            if not past:
                continue
            before, _, value, replaced = past.pop()
            after = restored(book, json.loads(value), json.loads(replaced))
            assert after == before
        else:
            try:
                after = step(book, what, one, two)
            except QualcodeError:
                continue
            left = (json.dumps(part, sort_keys=True) for part in footprint(book, after))
            past.append((book, text, *left))
        text = rewritten(text, book, after)
        book = after
    assert book == BOOK
    assert parse_codebook(text, Path("codebook.yaml")) == BOOK
    assert [line for line in text.splitlines() if line.lstrip().startswith("#")] == [
        line for line in TEXT.splitlines() if line.lstrip().startswith("#")
    ]
