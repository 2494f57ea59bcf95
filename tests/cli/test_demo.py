"""qualcode demo --corpus: the names are told before and after a mistake."""

from pathlib import Path

from qualcode.resources import corpora
from tests.conftest import Run


def test_help_names_every_bundled_corpus(qualcode: Run) -> None:
    told = qualcode("demo", "--help").stdout
    assert len(corpora()) >= 2
    assert [name for name in corpora() if name not in told] == []


def test_an_unknown_corpus_is_a_usage_error_that_names_those_there_are(
    tmp_path: Path, qualcode: Run
) -> None:
    done = qualcode("demo", "made", "--corpus", "nope", expect=2)
    assert ", ".join(corpora()) in done.stderr
    assert not (tmp_path / "made").exists()
