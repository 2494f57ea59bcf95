"""Drafted words: the newest of each thing counts, each sentence with its codings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from qualcode.store.narratives import DraftedSentence, Wording
from qualcode.store.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    with Repository(tmp_path / "q.db", create=True) as opened:
        opened.judgements.begin_run("draft", code_version="1")
        yield opened


def cell(target: str, *sentences: str, n_removed: int = 0) -> Wording:
    drafted = tuple(DraftedSentence(text, ("cod_1", "cod_2")) for text in sentences)
    return Wording("cell", target, drafted, n_removed)


def test_drafted_words_come_back_with_their_codings(repository: Repository) -> None:
    wording = cell("need/stage_wait", "They wait.", "It is long.", n_removed=1)
    repository.narratives.add(1, [wording])
    held = repository.narratives.newest("cell")["need/stage_wait"]
    assert (held.sentences, held.n_removed) == (wording.sentences, 1)
    assert held.text == "They wait. It is long."


def test_the_newest_words_of_each_thing_count(repository: Repository) -> None:
    repository.narratives.add(1, [cell("a", "Old."), cell("b", "Other.")])
    repository.narratives.add(1, [cell("a", "New.")])
    told = {target: held.text for target, held in repository.narratives.newest("cell").items()}
    assert told == {"a": "New.", "b": "Other."}


def test_words_of_another_kind_are_left_out(repository: Repository) -> None:
    repository.narratives.add(1, [cell("a", "Words.")])
    assert repository.narratives.newest("criterion") == {}


def test_all_that_was_ever_drafted_is_kept(repository: Repository) -> None:
    repository.narratives.add(1, [cell("a", "Old.")])
    repository.narratives.add(1, [cell("a", "New.")])
    assert [held.text for held in repository.narratives.all()] == ["Old.", "New."]
