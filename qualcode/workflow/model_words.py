"""Keep and read what a language model drafted: the last of each thing counts."""

from __future__ import annotations

import json
from collections.abc import Sequence

from qualcode.draft import ModelWords, Supported
from qualcode.workflow.study import Study

__all__ = ["STORED_KINDS", "keep_words", "model_words"]

STORED_KINDS = ("cell", "criterion", "persona", "stage")
_BEHIND = "model_words_behind"
"""Key under which the study keeps the fingerprint of what each draft was made from."""


def model_words(study: Study) -> tuple[ModelWords, ...]:
    """Return the last drafts that a model made of each kind and target."""
    repository = study.repository
    newest = [n for kind in STORED_KINDS for n in repository.narratives.newest(kind).values()]
    if not newest:
        return ()
    coders = {run.id: run.coder for run in repository.judgements.runs()}
    behind = _behind(study)
    return tuple(
        ModelWords(
            kind=one.kind,
            target=one.target,
            texts=tuple(Supported(s.text, s.coding_ids) for s in one.sentences),
            author=coders.get(one.run_id, ""),
            behind=behind.get(f"{one.kind}:{one.target}", ""),
        )
        for one in newest
    )


def keep_words(study: Study, run_id: int, words: Sequence[tuple[ModelWords, int]]) -> None:
    """Save drafts in one transaction.

    Args:
        run_id: The run that they came from; it names the model.
        words: Drafts, each with how many of its sentences were removed.
    """
    from qualcode.store.narratives import DraftedSentence, Wording

    if not words:
        return
    repository = study.repository
    wordings = [
        Wording(
            one.kind,
            one.target,
            tuple(DraftedSentence(text.text, text.codings) for text in one.texts),
            n_removed,
        )
        for one, n_removed in words
    ]
    behind = _behind(study) | {f"{one.kind}:{one.target}": one.behind for one, _ in words}
    with repository.writing():
        repository.narratives.add(run_id, wordings)
        repository.set_meta(_BEHIND, json.dumps(behind, sort_keys=True))


def _behind(study: Study) -> dict[str, str]:
    kept = study.repository.meta(_BEHIND)
    return dict(json.loads(kept)) if kept else {}
