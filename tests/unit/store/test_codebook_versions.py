"""Versions of the codebook are stored once each time the book changes."""

from pathlib import Path

import pytest

from qualcode.store.repository import Repository


def fingerprints(repository: Repository) -> list[str]:
    return [version.fingerprint for version in repository.codebook_versions.all()]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "q.db", create=True)


def add(repository: Repository, fingerprint: str) -> None:
    repository.codebook_versions.add(
        fingerprint=fingerprint, book_yaml=f"of {fingerprint}", author="Ada", reason="why"
    )


def test_versions_come_back_in_order_with_their_text(repository: Repository) -> None:
    with repository:
        add(repository, "one")
        add(repository, "two")
        first, second = repository.codebook_versions.all()
        assert (first.fingerprint, first.author, first.reason) == ("one", "Ada", "why")
        assert repository.codebook_versions.text(second.id) == "of two"
        assert repository.codebook_versions.text(99) is None


def test_the_newest_version_is_not_stored_twice_and_an_older_one_that_returns_is(
    repository: Repository,
) -> None:
    with repository:
        for fingerprint in ("one", "one", "two", "one"):
            add(repository, fingerprint)
        assert fingerprints(repository) == ["one", "two", "one"]
