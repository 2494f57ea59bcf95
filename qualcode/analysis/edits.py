"""Fold what people decided into a draft: the same decisions on the same draft give the same.

The subjects and actions here are those that `workflow/edit_*.py` record. Decisions that a step
before made impossible, such as the edit of an opportunity whose writing was taken back, have no
effect; nothing is lost by that, because taking the taking back brings both again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from qualcode.analysis.edited_criteria import edited_criteria
from qualcode.analysis.edited_quotes import (
    hidden_quotes,
    pinned_quotes,
    with_pins,
    without_quotes,
)
from qualcode.analysis.lookup import Lookup
from qualcode.analysis.model_words import PERSONA, persona_ids
from qualcode.codebook import Codebook
from qualcode.draft import Draft, MapEdits, Opportunity, SignOff, Summary
from qualcode.records import Corpus, Decision

__all__ = ["SUBJECTS", "TEXTS", "apply_edits", "opportunity_id", "stages_fingerprint"]

SUBJECTS = ("criterion", "need", "quote", "summary", "opportunity", "owner", "stages")
"""Kinds of things that people decide on here; codes are decided on in the codebook."""

TEXTS = ("statement", "text", "note", "reason", "participants")
"""Keys of a decision's JSON under which names may stand that are masked later."""


def apply_edits(
    draft: Draft,
    decisions: Sequence[Decision],
    codebook: Codebook,
    *,
    corpus: Corpus,
    participants: Mapping[str, Mapping[str, str]] | None = None,
    found: Lookup | None = None,
) -> Draft:
    """Return the draft with what people decided.

    It follows from the machine's draft and the standing decisions alone: edits that are in
    `draft` already are taken out first.

    Args:
        decisions: Those that stand, in any order; of other subjects than `SUBJECTS` none is used.
        corpus: What the draft was made of.
        participants: Participant id to attributes.
        found: The same three to look things up in, where somebody has made that already.
    """
    base = draft.unedited or draft
    standing = sorted((d for d in decisions if d.subject in SUBJECTS), key=lambda d: d.id)
    found = found or Lookup(corpus, codebook, participants)
    hidden = hidden_quotes(standing, found)
    journey, pinned = with_pins(base.map, pinned_quotes(standing, found), hidden, found)
    criteria = edited_criteria(base.criteria, standing, found)
    edits = MapEdits(
        opportunities=_opportunities(standing, codebook),
        summaries=_summaries(standing, base.edits.summaries, codebook, found),
        owners=_owners(standing, codebook),
        pinned=pinned,
        hidden={coding_id: reason for coding_id, (_, reason) in hidden.items()},
        sign_offs=_sign_offs(standing, codebook),
    )
    return Draft(without_quotes(criteria, hidden), journey, edits, unedited=base)


def opportunity_id(decision: Decision) -> str:
    """Return the id of the opportunity that a decision wrote."""
    return f"O{decision.id}"


def _opportunities(decisions: Sequence[Decision], codebook: Codebook) -> tuple[Opportunity, ...]:
    found: dict[str, dict[str, Any]] = {}
    for decision in decisions:
        if decision.subject != "opportunity":
            continue
        if decision.action == "write":
            found[opportunity_id(decision)] = {**decision.value, "author": decision.author}
        elif decision.action == "remove":
            found.pop(decision.target, None)
        elif decision.target in found:
            found[decision.target] |= decision.value
            if "text" in decision.value:
                found[decision.target]["author"] = decision.author
    return tuple(
        Opportunity(
            id=key,
            stage=codebook.standing(value["stage"]),
            text=value["text"],
            owner=value["owner"],
            author=value["author"],
        )
        for key, value in found.items()
    )


def _summaries(
    decisions: Sequence[Decision],
    drafted: Sequence[Summary],
    codebook: Codebook,
    found: Lookup,
) -> tuple[Summary, ...]:
    """Return people's summaries, and a model's where no person decided otherwise."""
    own: dict[tuple[str, str], Summary | None] = {}
    names = persona_ids(found.participants)
    rejected: set[tuple[str, str, str]] = set()
    for decision in decisions:
        if decision.subject != "summary":
            continue
        lane, _, stage = decision.target.partition("/")
        cell = (lane, codebook.standing(stage))
        text = str(decision.value["text"])
        if decision.action == "reject":
            own[cell] = None
            rejected.add((*cell, text))
        else:
            status = "accepted" if decision.action == "accept" else decision.value["status"]
            name = names.get(cell[1], cell[1]) if lane == PERSONA else ""
            codings = tuple(decision.value.get("codings", ()))
            own[cell] = Summary(cell[1], lane, text, str(status), decision.author, name, codings)
    standing = {cell: summary for cell, summary in own.items() if summary is not None}
    for summary in drafted:
        cell = (summary.lane, summary.stage)
        if (*cell, summary.text) not in rejected:
            standing.setdefault(cell, summary)
    return tuple(standing.values())


def _owners(decisions: Sequence[Decision], codebook: Codebook) -> dict[str, str]:
    """Return who answers for what: the codebook's owners, and over them what people set here."""
    owners = {code.id: code.owner for code in codebook.codes if code.owner}
    for decision in decisions:
        if decision.subject == "owner":
            owners[codebook.standing(decision.target)] = str(decision.value["owner"])
    return {thing: owner for thing, owner in owners.items() if owner}


def stages_fingerprint(codebook: Codebook) -> str:
    """Return 12 hex digits that change when a stage is renamed, moved, added or retired."""
    told = json.dumps([[s.id, s.name] for s in codebook.family("stage")], ensure_ascii=False)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _sign_offs(decisions: Sequence[Decision], codebook: Codebook) -> tuple[SignOff, ...]:
    """Return what people said of the stages; of one person on one state the last word."""
    now = stages_fingerprint(codebook)
    said: dict[tuple[str, str], SignOff] = {}
    for decision in decisions:
        if decision.subject == "stages" and decision.action == "sign":
            value = decision.value
            key = (decision.author, str(value["fingerprint"]))
            said.pop(key, None)
            said[key] = SignOff(
                author=decision.author,
                role=str(value["role"]),
                at=decision.at,
                agrees=bool(value["agrees"]),
                note=str(value["note"]),
                is_current=value["fingerprint"] == now,
            )
    return tuple(said.values())
