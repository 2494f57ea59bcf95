"""Machines' codes on all segments as arrays: what queues are ordered and counted by."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from qualcode.codebook import Codebook
from qualcode.store.review_overview import Suggested

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int32]
    Columns = tuple[Numbers, Numbers, Numbers, NDArray[np.float32]]

__all__ = ["STATUSES", "Suggestions"]

STATUSES = ("draft", "accepted", "rejected", "contested", "bulk", "adjudicated")
"""What people made of a suggestion; `Suggestions.status` holds places in this."""

_MOST_CODERS = 4096  # of all families together; a factor that keeps keys apart
_MOST_CODES = 65536  # likewise


class Suggestions:
    """Hold each code that any machine proposes on a segment once, with its highest score.

    Attributes:
        codes: Family and id of each code that occurs; arrays hold places in this.
        at: Segment numbers, rising, int32.
        code: Numbers of codes, int32.
        score: Chances, float32.
        status: Numbers of statuses, int8.

    Args:
        place: Segment id to segment number; other segments are left out.
        n: How many segments there are.
        book: Codes are taken as it has them: merged ones for their survivors, others left out.
    """

    def __init__(
        self, rows: Sequence[Suggested], place: Mapping[str, int], n: int, book: Codebook
    ) -> None:
        self._place = place
        self._n = n
        self._standing = {code.id: book.standing(code.id) for code in book.codes}
        self._active = {(c.family, c.id) for c in book.codes if c.status != "retired"}
        self.codes: list[tuple[str, str]] = []
        self._numbers: dict[tuple[str, str], int] = {}
        self._coder_numbers: dict[tuple[str, str], int] = {}
        self._raw = self._read(rows)
        self._renew()

    def update(self, judged: Collection[tuple[str, str, str]], rows: Sequence[Suggested]) -> None:
        """Take newer judgements, by segment, family and coder, in the place of the older.

        What stays proposed keeps its status; what is new has none yet.
        """
        import numpy as np

        at, code, coder, score = self._raw
        gone = {
            self._place[segment] * _MOST_CODERS + self._coder(family, coder_name)
            for segment, family, coder_name in judged
            if segment in self._place
        }
        keys = at.astype(np.int64) * _MOST_CODERS + coder
        kept = ~np.isin(keys, np.fromiter(gone, np.int64, len(gone)))
        fresh = self._read(rows)
        self._raw = (
            np.concatenate([at[kept], fresh[0]]),
            np.concatenate([code[kept], fresh[1]]),
            np.concatenate([coder[kept], fresh[2]]),
            np.concatenate([score[kept], fresh[3]]),
        )
        before, status = self._keys(), self.status
        self._renew()
        if len(before):
            at_before = np.minimum(np.searchsorted(before, self._keys()), len(before) - 1)
            is_there = before[at_before] == self._keys()
            self.status[is_there] = status[at_before[is_there]]

    def number(self, family: str, code: str) -> int | None:
        """Return a code's number, None where no machine proposes it."""
        return self._numbers.get((family, code))

    def of(self, segment: int) -> slice:
        """Return where a segment's suggestions stand in the arrays."""
        return slice(int(self._first[segment]), int(self._first[segment + 1]))

    def codes_of(self, segment: int) -> list[tuple[str, str]]:
        """Return family and code of a segment's suggestions."""
        return [self.codes[number] for number in self.code[self.of(segment)].tolist()]

    def score_of(self, segment: int, family: str, code: str) -> float | None:
        """Return how likely a code is said to be on a segment, None where it is not proposed."""
        number = self.number(family, code)
        here = self.of(segment)
        for own, score in zip(self.code[here].tolist(), self.score[here].tolist(), strict=True):
            if own == number:
                return round(float(score), 4)
        return None

    def disagreements(
        self,
        coders: Mapping[str, Collection[str]],
        judged_for: Mapping[str, Iterable[tuple[str, str]]],
    ) -> Numbers:
        """Count, for each segment, the codes on which machines that judged them differ.

        Args:
            coders: Family to its machines.
            judged_for: Of families with several machines: segment and coder of each judgement
                that says yes or no.
        """
        import numpy as np

        found = np.zeros(self._n, np.int32)
        for family in (f for f, names in coders.items() if len(names) > 1):
            judges = np.zeros(self._n, np.int32)
            for segment, _ in judged_for[family]:
                if segment in self._place:
                    judges[self._place[segment]] += 1
            at, code, coder, _ = self._raw
            own = np.isin(code, [k for k, key in enumerate(self.codes) if key[0] == family])
            voted = np.unique(np.stack([at[own], code[own], coder[own]]), axis=1)
            pairs, votes = np.unique(voted[:2], axis=1, return_counts=True)
            np.add.at(found, pairs[0][votes < judges[pairs[0]]], 1)
        return found

    def _read(self, rows: Sequence[Suggested]) -> Columns:
        """Return segment, code, machine and score of each row that counts."""
        import numpy as np

        kept = []
        for row in rows:
            key = (row.family, self._standing.get(row.code, row.code))
            at = self._place.get(row.segment_id)
            if at is None or key not in self._active:
                continue
            number = self._numbers.get(key)
            if number is None:
                number = self._numbers[key] = len(self.codes)
                self.codes.append(key)
            kept.append((at, number, self._coder(row.family, row.coder), row.score))
        segments, code, coder, score = zip(*kept, strict=True) if kept else ((), (), (), ())
        return (
            np.array(segments, np.int32),
            np.array(code, np.int32),
            np.array(coder, np.int32),
            np.array(score, np.float32),
        )

    def _coder(self, family: str, coder: str) -> int:
        number = self._coder_numbers.get((family, coder))
        if number is None:
            number = self._coder_numbers[family, coder] = len(self._coder_numbers)
        return number

    def _keys(self) -> NDArray[np.int64]:
        """Return a number for each segment and code, rising as the arrays do."""
        import numpy as np

        keys: NDArray[np.int64] = self.at.astype(np.int64) * _MOST_CODES + self.code
        return keys

    def _renew(self) -> None:
        """Keep the strongest of each segment and code, in the order of segments."""
        import numpy as np

        at, code, _, score = self._raw
        order = np.lexsort((-score, code, at))
        at, code, score = at[order], code[order], score[order]
        first = np.ones(len(at), bool)
        first[1:] = (at[1:] != at[:-1]) | (code[1:] != code[:-1])
        self.at: Numbers = at[first]
        self.code: Numbers = code[first]
        self.score: NDArray[np.float32] = score[first]
        self.status: NDArray[np.int8] = np.zeros(len(self.at), np.int8)
        self._first = np.searchsorted(self.at, np.arange(self._n + 1))
