"""Gather what a model drafts words from: quotes of the draft as people left it, counts by code."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qualcode.analysis.edited_quotes import TOLD_LANES
from qualcode.analysis.model_words import PORTRAYING, persona_ids, persona_name
from qualcode.codebook import Code, family_name
from qualcode.coders.llm.pieces import Veil
from qualcode.coders.llm.suspicious import suspicion
from qualcode.coders.llm.words_material import Cited, Material
from qualcode.draft import DesignCriterion, Quote, StageColumn
from qualcode.report.journey_lanes import lane_name, lanes_of

if TYPE_CHECKING:
    from qualcode.analysis.lookup import Lookup
    from qualcode.workflow.draft import Drafted

__all__ = ["Gathered", "gather"]

_MOST_QUOTES = 12
_MOST_OF_A_PERSONA = 20  # people are told apart by single letters
_CODES_OF_A_PERSONA = 8
"""Those that most of its people raised; more would come with a single quote each."""
_FEWEST_QUOTES = 2
_MOST_CHARS = 400
"""A quote with more characters is left to people: a few long ones would fill a request."""
_MOST_CODES = 6


@dataclass(slots=True)
class Gathered:
    """Hold what can be asked about, and what cannot.

    Attributes:
        materials: In the order of the map.
        n_written: Things that have a person's words, which no model touches.
        thin: Names of those with fewer quotes than a sentence is worth.
        n_held_back: Passages that read like an instruction to a model, or are too long.
    """

    materials: list[Material] = field(default_factory=list)
    n_written: int = 0
    thin: list[str] = field(default_factory=list)
    n_held_back: int = 0


def gather(
    drafted: Drafted,
    found: Lookup,
    kind: str,
    behind: Mapping[str, frozenset[str]],
    veil: Veil | None = None,
) -> Gathered:
    """Return the material of each thing of a kind.

    Args:
        drafted: The whole draft, with what people decided and without what a model drafted.
        found: The same to look things up in.
        kind: "cell", "criterion", "persona" or "stage".
        behind: Target to the ids of its codings: what is drafted stands on these alone.
        veil: Masks what leaves the machine.
    """
    gathering = _Gathering(drafted, found, kind, behind, veil)
    makers = {
        "cell": gathering.cells,
        "criterion": gathering.criteria,
        "persona": gathering.personas,
        "stage": gathering.stages,
    }
    makers[kind]()
    return gathering.made


class _Gathering:
    def __init__(
        self,
        drafted: Drafted,
        found: Lookup,
        kind: str,
        behind: Mapping[str, frozenset[str]],
        veil: Veil | None,
    ) -> None:
        self.made = Gathered()
        self._drafted = drafted
        self._draft = drafted.draft
        self._found = found
        self._kind = kind
        self._behind = behind
        self._veil = veil
        self._held_back: set[str] = set()
        self._codes = {code.id: code for code in drafted.codebook.codes}
        self._texts = {document.id: document.text for document in drafted.corpus.documents}

    def cells(self) -> None:
        written = {(s.lane, s.stage) for s in self._draft.edits.summaries if s.status != "draft"}
        lanes, _ = lanes_of(self._draft, self._drafted.codebook)
        for column in self._draft.map.stages:
            for lane in (*TOLD_LANES, *lanes):
                groups = self._groups_of(lane, column)
                if not any(quotes for _, quotes in groups):
                    continue
                if (lane, column.code) in written:
                    self.made.n_written += 1
                    continue
                name = lane.capitalize() if lane in TOLD_LANES else lane_name(lane)
                self._add(
                    f"{lane}/{column.code}",
                    f"{name}, at the stage “{column.name}”",
                    about=[*self._goal(column), *self._definitions(c for c, _ in groups)],
                    counts=[f"{_people(column.n_people)} spoke of this stage."],
                    groups=groups,
                )

    def _groups_of(self, lane: str, column: StageColumn) -> list[tuple[str, Sequence[Quote]]]:
        """Return the quotes of a cell by code, those of most people first."""
        if lane in TOLD_LANES:
            return [("", column.doing if lane == "doing" else column.thinking)]
        cell = self._draft.map.cells.get((lane, column.code))
        return [(f.code, f.quotes) for f in cell.findings] if cell else []

    def criteria(self) -> None:
        machines = self._draft.unedited or self._draft
        known = {criterion.id for criterion in machines.criteria.criteria}
        for criterion in self._draft.criteria.criteria:
            # One that people worked on is called by the id that they met it under.
            if criterion.status != "draft" or criterion.id not in known:
                self.made.n_written += 1
                continue
            self._add(
                criterion.id,
                "A group of what customers said",
                about=[
                    f"The wording that the team has now: {criterion.statement}",
                    *self._definitions(criterion.needs),
                ],
                counts=[
                    f"{_people(len(criterion.participants))}, "
                    f"{_counted(criterion.n_segments, 'passage')}.",
                    *self._counted_codes(criterion),
                ],
                groups=[("", criterion.quotes)],
            )

    def _counted_codes(self, criterion: DesignCriterion) -> list[str]:
        told = [
            f"{self._name(code)}: {_counted(n, 'passage')}"
            for code, n in list(criterion.codes.items())[:_MOST_CODES]
        ]
        return ["; ".join(told) + "."] if told else []

    def personas(self) -> None:
        written = {
            s.stage
            for s in self._draft.edits.summaries
            if s.lane == "persona" and s.status != "draft"
        }
        names = persona_ids(self._drafted.participants)
        ids = {name.casefold(): persona_id for persona_id, name in names.items()}
        persona_of = {
            who: ids[name.casefold()]
            for who, attributes in self._drafted.participants.items()
            if (name := persona_name(attributes))
        }
        by_persona: dict[str, dict[str, list[Quote]]] = defaultdict(lambda: defaultdict(list))
        people: dict[str, set[str]] = defaultdict(set)
        for item in sorted(self._found.evidence, key=lambda e: -e.coding.score):
            persona = persona_of.get(item.person or "")
            if persona is not None and item.coding.family in PORTRAYING:
                by_persona[persona][item.coding.code].append(item.quote())
                people[persona].add(item.person or "")
        for persona, name in names.items():
            if persona in written:
                self.made.n_written += 1
                continue
            groups = sorted(by_persona[persona].items(), key=lambda g: (-_n_people(g[1]), g[0]))
            groups = groups[:_CODES_OF_A_PERSONA]
            self._add(
                persona,
                f"The people whom the team calls “{name}”",
                about=self._definitions(code for code, _ in groups[:_MOST_CODES]),
                counts=[f"{_people(len(people[persona]))} of this group spoke."],
                groups=groups,
                most=_MOST_OF_A_PERSONA,
            )

    def stages(self) -> None:
        names = [column.name for column in self._draft.map.stages]
        for column in self._draft.map.stages:
            others = "; ".join(name for name in names if name != column.name)
            code = self._codes.get(column.code)
            about = [f"Its name now: {column.name}", *self._goal(column)]
            if code is not None and code.definition:
                about.append(f"What the codebook says of it: {code.definition}")
            self._add(
                column.code,
                "A stage of the journey",
                about=[*about, f"The other stages: {others}"] if others else about,
                counts=[f"{_people(column.n_people)} spoke of this stage."],
                groups=[("", column.quotes)],
            )

    def _goal(self, column: StageColumn) -> list[str]:
        return [f"The customer's question at this stage: {column.goal}"] if column.goal else []

    def _definitions(self, code_ids: Iterable[str]) -> list[str]:
        codes: list[Code] = [self._codes[i] for i in code_ids if i in self._codes]
        return [
            f"{family_name(code.family)} “{code.name}”: {code.definition}"
            for code in codes[:_MOST_CODES]
            if code.definition
        ]

    def _name(self, code_id: str) -> str:
        return self._codes[code_id].name if code_id in self._codes else code_id

    def _add(
        self,
        target: str,
        name: str,
        *,
        about: Sequence[str],
        counts: Sequence[str],
        groups: Sequence[tuple[str, Sequence[Quote]]],
        most: int = _MOST_QUOTES,
    ) -> None:
        """Take a thing in, unless it has too few quotes to be summed up.

        A quote that a person pinned may be of no coding any more, or of one that counts elsewhere:
        it is nobody's evidence here, and no sentence could stand on it.
        """
        own = self._behind.get(target, frozenset())
        usable = [
            (code, [q for q in quotes if q.coding_id in own and self._is_usable(q)])
            for code, quotes in groups
        ]
        told = [
            f"{self._name(code)}: {_people(_n_people(quotes))}"
            for code, quotes in usable[:_MOST_CODES]
            if code and _n_people(quotes)
        ]
        quotes = self._cited(usable, most)
        if len(quotes) < _FEWEST_QUOTES:
            self.made.thin.append(name)
            return
        counted = [*counts, "; ".join(told) + "."] if told else list(counts)
        self.made.materials.append(
            Material(self._kind, target, name, tuple(about), tuple(counted), quotes)
        )

    def _is_usable(self, quote: Quote) -> bool:
        """Say whether a quote may be sent: nobody hid it, it instructs nobody."""
        if quote.coding_id in self._draft.edits.hidden:
            return False
        words = self._words(quote)
        if len(words) > _MOST_CHARS or suspicion(words):
            self._held_back.add(quote.segment_id)
            self.made.n_held_back = len(self._held_back)
            return False
        return True

    def _words(self, quote: Quote) -> str:
        return self._texts[quote.document_id][quote.start_char : quote.end_char]

    def _cited(self, groups: Sequence[tuple[str, Sequence[Quote]]], most: int) -> tuple[Cited, ...]:
        """Return the first quotes of each code in turns, different people first, no words twice."""
        codes: dict[tuple[str, int, int], list[str]] = defaultdict(list)
        first: dict[tuple[str, int, int], Quote] = {}
        for code, quote in _in_turns(groups):
            place = (quote.document_id, quote.start_char, quote.end_char)
            first.setdefault(place, quote)
            codes[place] += [self._name(code)] if code else []
        given: Counter[str] = Counter()
        ranked = []
        for at, (place, quote) in enumerate(first.items()):
            who = quote.participant_id or quote.document_id
            ranked.append((given[who], at, place))
            given[who] += 1
        letters: dict[str, str] = {}
        cited = []
        for _, _, place in sorted(ranked)[:most]:
            quote = first[place]
            words = self._words(quote)
            shown = words if self._veil is None else self._veil(words)[0]
            shown = shown.encode("utf-8", "replace").decode("utf-8")  # half characters
            person = quote.participant_id
            letter = "?"
            if person is not None:
                letter = letters.setdefault(person, chr(ord("A") + len(letters)))
            cited.append(
                Cited(
                    quote.coding_id,
                    words,
                    " ".join(shown.split()),
                    letter,
                    tuple(dict.fromkeys(codes[place])),
                )
            )
        return tuple(cited)


def _in_turns(
    groups: Sequence[tuple[str, Sequence[Quote]]],
) -> Iterator[tuple[str, Quote]]:
    """Yield the first quote of each group, then the second of each, and so on."""
    longest = max((len(quotes) for _, quotes in groups), default=0)
    for at in range(longest):
        for code, quotes in groups:
            if at < len(quotes):
                yield code, quotes[at]


def _n_people(quotes: Iterable[Quote]) -> int:
    return len({q.participant_id for q in quotes if q.participant_id is not None})


def _people(n: int) -> str:
    return "1 person" if n == 1 else f"{n} people"


def _counted(n: int, one: str) -> str:
    return f"{n} {one}" if n == 1 else f"{n} {one}s"
