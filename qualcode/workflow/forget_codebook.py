"""Take a person's words out of the codebook, its stored versions and its comments."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from qualcode.codebook import Code, parse_codebook
from qualcode.codebook.files import read_text
from qualcode.codebook.text import rewritten
from qualcode.errors import CodebookError
from qualcode.resources import default_codebook_path
from qualcode.workflow.study import Study
from qualcode.workflow.their_words import TheirWords

__all__ = ["BookTraces"]

_RUN = 6
"""Words in a row by which a text counts as holding theirs; an example goes if all of it is."""
_FREE_TEXTS = ("definition", "goal", "statement")
_LISTS = ("include", "exclude", "examples", "counter_examples")
_COMMENTS = re.compile(r"(?:^|(?<=\s))#[^\n]*(?:\n[^\S\n]*#[^\n]*)*", re.MULTILINE)
"""A comment with those on the lines below it; a text that looks like one is told by parsing."""


class BookTraces:
    """Find and erase one person's words in a study's codebook.

    Args:
        study: The study.
        words: The person's.
    """

    def __init__(self, study: Study, words: TheirWords) -> None:
        self._study = study
        self._words = words

    def erase(self) -> int:
        """Take the words out of the file and the stored versions; return how many changed.

        Comments and everything else that is not the person's stays to the letter.
        """
        versions = self._study.repository.codebook_versions
        n_changed = 0
        for version in versions.all():
            text = versions.text(version.id) or ""
            try:
                newer = self._without(text, Path(f"version {version.id} of the codebook"))
            except CodebookError:
                continue
            if newer != text:
                versions.rewrite_text(version.id, newer)
                n_changed += 1
        text = self._without(self._study.codebook_text, self._study.path / "codebook.yaml")
        if text != self._study.codebook_text:
            self._study.save_codebook_text(text)
            n_changed += 1
        return n_changed

    def is_theirs(self, text: str) -> bool:
        """Tell whether a text of the book is the person's or holds a long stretch of theirs."""
        if text in _default_texts():
            return False  # chance: it was there before anybody said it
        return self._words.is_quote(text) or self._words.cut(text, run=_RUN) != text

    def scrubbed(self, text: str) -> str:
        """Return a text of the book without what is the person's."""
        return self._words.scrubbed(text, run=_RUN) if self.is_theirs(text) else text

    def _without(self, text: str, path: Path) -> str:
        """Return the text of a codebook's file without the words.

        Raises:
            CodebookError: It cannot be read.
        """
        before = parse_codebook(text, path)
        book = replace(before, codes=tuple(map(self._code, before.codes)))
        text = rewritten(text, before, book)
        for place in reversed(list(_COMMENTS.finditer(text))):
            comment = self._words.cut(place.group(), run=_RUN)
            if comment == place.group():
                continue
            changed = text[: place.start()] + comment + text[place.end() :]
            try:
                if parse_codebook(changed, path) == book:
                    text = changed
            except CodebookError:
                continue  # no comment, but a text with a number sign in it
        return text

    def _code(self, code: Code) -> Code:
        changes: dict[str, Any] = {}
        for field in _LISTS:
            held = getattr(code, field)
            left = tuple(text for text in held if not self.is_theirs(text))
            if left != held:
                changes[field] = left
        for field in _FREE_TEXTS:
            held = getattr(code, field)
            if held and self.is_theirs(held):
                changes[field] = self.scrubbed(held)
        return replace(code, **changes) if changes else code


@cache
def _default_texts() -> frozenset[str]:
    path = default_codebook_path()
    book = parse_codebook(read_text(path), path)
    texts = [text for code in book.codes for f in _LISTS for text in getattr(code, f)]
    return frozenset([*texts, *(getattr(code, f) for code in book.codes for f in _FREE_TEXTS)])
