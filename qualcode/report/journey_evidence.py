"""Choose the quotes that the page of a journey map embeds, and pack them for its script."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qualcode.draft import MapEdits, Quote
from qualcode.report.quote_sources import Sources

__all__ = ["Evidence", "Room", "embeddable_json"]

_UNSAFE = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def embeddable_json(value: Any) -> str:
    """Return JSON that cannot end or open an element when it stands inside `<script>`."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


@dataclass(frozen=True, slots=True)
class Room:
    """Say how many quotes of a cell a page embeds: the strongest, and some of every group."""

    strongest: int
    of_each_group: int


class Evidence:
    """Collect what the panel shows for each cell; each quote is embedded once.

    Args:
        sources: Where quotes are cut.
        room: Quotes a cell embeds at most; the others are counted.
        groups: Participant id to the groups by which the page can be filtered.
        edits: Quotes that people pinned or hid.
    """

    def __init__(
        self,
        sources: Sources,
        room: Room,
        groups: Mapping[str, Sequence[str]] | None = None,
        edits: MapEdits | None = None,
    ) -> None:
        self._sources = sources
        self._room = room
        self._groups = groups or {}
        self._edits = edits or MapEdits()
        self._index: dict[tuple[str, int, int], int] = {}
        self._quotes: list[dict[str, Any]] = []
        self._cells: dict[str, dict[str, Any]] = {}
        self.beyond: dict[str, tuple[str, tuple[Quote, ...]]] = {}
        """Cells of which not every quote is embedded: key to title and all quotes."""

    def add(self, key: str, title: str, *, about: Sequence[str], quotes: Sequence[Quote]) -> str:
        """Embed the strongest quotes of a cell and return its key.

        Args:
            key: Names the cell in links: family/stage/code.
            title: Head of the panel.
            about: Sentences under it that hold whatever is filtered, such as the definition.
            quotes: Strongest first.
        """
        pinned, shown = self.arranged(key, quotes)
        chosen = _chosen(shown, self._room, self._groups, keep=len(pinned))
        if len(chosen) < len(shown):
            self.beyond[key] = (title, tuple(shown))
        hidden = [q for q in quotes if q.coding_id in self._edits.hidden]
        self._cells[key] = {
            "title": title,
            "about": list(about),
            "quotes": [self._embed(quote) for quote in chosen],
            "pinned": len(pinned),
            "hidden": len(hidden),
            "n": len(shown),
        }
        return key

    def arranged(self, key: str, quotes: Sequence[Quote]) -> tuple[list[Quote], list[Quote]]:
        """Return the pinned quotes of a cell, and all but the hidden ones, pinned first."""
        shown = [q for q in quotes if q.coding_id not in self._edits.hidden]
        wanted = self._edits.pinned.get(key, ())
        by_coding: dict[str, Quote] = {}
        for quote in shown:
            by_coding.setdefault(quote.coding_id, quote)
        pinned = [by_coding[coding_id] for coding_id in wanted if coding_id in by_coding]
        return pinned, pinned + [q for q in shown if q not in pinned]

    def _embed(self, quote: Quote) -> int:
        key = (quote.coding_id, quote.start_char, quote.end_char)
        if key not in self._index:
            self._index[key] = len(self._quotes)
            self._quotes.append(self._sources.record(quote))
        return self._index[key]

    def as_json(self, facts: Mapping[str, Any] | None = None) -> str:
        """Return the cells, quotes and facts; every text of a quote stands once, in `texts`."""
        texts: dict[str, int] = {}

        def placed(value: Any) -> Any:
            return texts.setdefault(value, len(texts)) if isinstance(value, str) else value

        quotes = []
        for quote in self._quotes:
            context = [{k: placed(v) for k, v in piece.items()} for piece in quote["context"]]
            because = [placed(word) for word in quote["because"]]
            packed = {
                k: placed(v) for k, v in quote.items() if k not in ("id", "context", "because")
            }
            quotes.append({**packed, "id": quote["id"], "context": context, "because": because})
        return embeddable_json(
            {
                "texts": list(texts),
                "quotes": quotes,
                "cells": self._cells,
                "facts": dict(facts or {}),
            }
        )


def _chosen(
    quotes: Sequence[Quote], room: Room, groups: Mapping[str, Sequence[str]], *, keep: int
) -> list[Quote]:
    """Choose the quotes to embed, in their order: pinned, of different people, of every group.

    A person's second quote comes after everybody's first, so that nobody fills a cell.
    """
    given: Counter[str] = Counter()
    ranked = []
    for place, quote in enumerate(quotes):
        who = quote.participant_id or quote.document_id
        ranked.append((place >= keep, given[who], place))
        given[who] += 1
    ranked.sort()
    chosen = {place for _, _, place in ranked[: room.strongest]}
    have: Counter[str] = Counter()
    for place in chosen:
        have.update(groups.get(quotes[place].participant_id or "", ()))
    for _, _, place in ranked[room.strongest :]:
        mine = groups.get(quotes[place].participant_id or "", ())
        if any(have[group] < room.of_each_group for group in mine):
            chosen.add(place)
            have.update(mine)
    return [quotes[place] for place in sorted(chosen)]
