"""Compute the draft: criteria and map, from what the store holds now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qualcode.codebook import Codebook
from qualcode.draft import Draft, Group, ModelWords
from qualcode.errors import UsageError
from qualcode.records import Corpus, Decision
from qualcode.workflow.model_words import model_words
from qualcode.workflow.study import Study

if TYPE_CHECKING:
    from qualcode.analysis.lookup import Lookup

__all__ = ["Drafted", "draft", "machines_draft", "with_edits"]


@dataclass(frozen=True, slots=True)
class Drafted:
    """Hold a draft with everything that it points at."""

    draft: Draft
    corpus: Corpus
    codebook: Codebook
    participants: dict[str, dict[str, str]]


def draft(study: Study, *, group: Group | None = None) -> Drafted:
    """Cluster needs and pains to criteria, count the map's cells and apply people's edits.

    The same each time for the same codings and decisions. Where the study has a draft at hand
    (`HeldDraft`), that one is the machine's.

    Raises:
        UsageError: No participant has one of the group's attributes.
    """
    if group is None and study.held_draft is not None:
        return study.held_draft.drafted(study)
    return with_edits(
        machines_draft(study, group=group),
        study.codebook,
        study.repository.decisions.standing(),
        words=model_words(study),
    )


def with_edits(
    machines: Drafted,
    codebook: Codebook,
    decisions: Sequence[Decision],
    *,
    words: Sequence[ModelWords] = (),
    found: Lookup | None = None,
) -> Drafted:
    """Return a machine's draft with what a language model drafted and people decided.

    Args:
        machines: The draft.
        codebook: The book of today.
        decisions: Those that stand.
        words: What a language model drafted last.
        found: The draft's corpus to look things up in, where it is at hand.
    """
    from qualcode.analysis.edited_quotes import hidden_quotes
    from qualcode.analysis.edits import apply_edits
    from qualcode.analysis.lookup import Lookup
    from qualcode.analysis.model_words import with_model_words

    found = found or Lookup(machines.corpus, codebook, machines.participants)
    base = machines.draft
    if words:
        hidden = hidden_quotes([d for d in decisions if d.subject == "quote"], found)
        base = with_model_words(base, words, found, hidden)
    edited = apply_edits(
        base,
        decisions,
        codebook,
        corpus=machines.corpus,
        participants=machines.participants,
        found=found,
    )
    return replace(machines, draft=edited, codebook=codebook)


def machines_draft(study: Study, *, group: Group | None = None) -> Drafted:
    """Draft criteria and map as if nobody had decided anything on them; takes seconds.

    Raises:
        UsageError: No participant has one of the group's attributes.
    """
    from qualcode.analysis.criteria import FAMILIES_READ, draft_criteria
    from qualcode.analysis.journey import build_journey
    from qualcode.workflow.embed import code_vectors, segment_vectors, vectors_of

    repository = study.repository
    corpus = study.corpus()
    people = {key: dict(value) for key, value in repository.people.participants().items()}
    group = _known(group or Group(), people)
    seed = study.settings.coding.seed
    wanted = {c.segment_id for c in corpus.codings() if c.family in FAMILIES_READ}
    criteria = draft_criteria(
        corpus,
        study.codebook,
        segment_vectors(study, corpus, wanted),
        code_vectors={k: v for f in FAMILIES_READ for k, v in code_vectors(study, f).items()},
        seed=seed,
        participants=people,
        embed=lambda texts: vectors_of(study, texts),
    )
    journey = build_journey(corpus, study.codebook, group=group, seed=seed, participants=people)
    return Drafted(Draft(criteria, journey), corpus, study.codebook, people)


def _known(group: Group, people: Mapping[str, Mapping[str, str]]) -> Group:
    """Return the group with its attributes spelt as they are in the study."""
    spelt = {}
    for name, value in group.attributes.items():
        values = {
            (key, held.strip())
            for attributes in people.values()
            for key, held in attributes.items()
            if key.casefold() == name.casefold()
        }
        match = sorted(kv for kv in values if kv[1].casefold() == value.strip().casefold())
        if not match:
            known = sorted({held for _, held in values if held})
            raise UsageError(
                f"no participant has the {name} {value!r}",
                hint=f"there are: {', '.join(known)}"
                if known
                else f"set it with --attr {name}=… or --participants when you ingest",
            )
        key, held = match[0]
        spelt[key.casefold() if key.casefold() == "persona" else key] = held
    return Group(spelt, group.checked_only)
