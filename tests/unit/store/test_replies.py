"""Replies: the newest checked answer counts, failures keep the words that came."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qualcode.store.replies import FailedReply, KeptReply
from qualcode.store.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    with Repository(tmp_path / "q.db", create=True) as opened:
        opened.judgements.begin_run("code", code_version="1")
        yield opened


def kept(key: str, answer: Any, document_id: str = "doc_1") -> KeptReply:
    return KeptReply(key, f"content {key}", "setup", "code", "llm:x:m", answer, document_id)


def failed(key: str, reason: str = "no JSON", raw: str = "Sure!") -> FailedReply:
    return FailedReply(key, f"content {key}", "setup", "code", "llm:x:m", reason, raw, "doc_1")


@pytest.mark.parametrize("answer", [{"b": [1, None, "ü"]}, [], 0, False, "", 1.5])
def test_an_answer_comes_back_as_it_was(repository: Repository, answer: Any) -> None:
    repository.replies.keep(1, [kept("a", answer)])
    assert repository.replies.valid(["a"]) == {"a": answer}


def test_an_answer_with_half_a_surrogate_pair_comes_back(repository: Repository) -> None:
    repository.replies.keep(1, [kept("a", "\ud83d")])
    assert repository.replies.valid(["a"]) == {"a": "\ud83d"}


def test_the_newest_answer_counts(repository: Repository) -> None:
    repository.replies.keep(1, [kept("a", 1)])
    repository.replies.keep(1, [kept("a", 2)])
    assert repository.replies.valid(["a"]) == {"a": 2}


def test_a_failure_after_an_answer_does_not_hide_it(repository: Repository) -> None:
    repository.replies.keep(1, [kept("a", 1)])
    repository.replies.fail(1, [failed("a")])
    assert repository.replies.valid(["a"]) == {"a": 1}


def test_a_key_that_only_failed_has_no_answer(repository: Repository) -> None:
    repository.replies.fail(1, [failed("a")])
    assert repository.replies.valid(["a", "b"]) == {}


def test_more_keys_than_a_query_takes_are_all_found(repository: Repository) -> None:
    repository.replies.keep(1, [kept(str(n), n) for n in range(1, 1203)])
    found = repository.replies.valid([str(n) for n in range(2000)])
    assert found == {str(n): n for n in range(1, 1203)}


def test_a_failure_keeps_the_reply_as_it_came(repository: Repository) -> None:
    repository.replies.keep(1, [kept("a", 1)])
    repository.replies.fail(1, [failed("b", raw='{"half')])
    (held,) = repository.replies.failures()
    assert (held.key, held.reason, held.raw_text) == ("b", "no JSON", '{"half')
    assert (held.is_valid, held.answer) == (False, None)


def test_a_reply_that_is_no_text_is_kept_readable(repository: Repository) -> None:
    repository.replies.fail(1, [failed("a", raw="so \ud83d")])
    (held,) = repository.replies.failures()
    assert held.raw_text == "so \\ud83d"


def test_forgetting_a_document_spares_the_others(repository: Repository) -> None:
    repository.replies.keep(1, [kept("a", 1, "doc_1"), kept("b", 2, "doc_2")])
    n_gone = repository.replies.forget(["doc_1"])
    assert (n_gone, repository.replies.valid(["a", "b"])) == (1, {"b": 2})


def test_forgetting_a_document_forgets_what_was_made_of_several(repository: Repository) -> None:
    repository.replies.keep(1, [kept("a", 1, "")])
    repository.replies.forget(["doc_1"])
    assert repository.replies.valid(["a"]) == {}


def test_all_replies_come_oldest_first_however_many(repository: Repository) -> None:
    repository.replies.keep(1, [kept(str(n), n + 1) for n in range(1100)])
    assert [reply.answer for reply in repository.replies.all()] == list(range(1, 1101))


def test_removed_replies_are_gone(repository: Repository) -> None:
    repository.replies.keep(1, [kept("a", 1), kept("b", 2)])
    first, _ = repository.replies.all()
    repository.replies.remove([first.id])
    assert repository.replies.valid(["a", "b"]) == {"b": 2}
