"""What queues are made of is read at once, and then only what is new."""

from pathlib import Path

import pytest

from qualcode.records import Judgement, Verdict
from qualcode.store.repository import Repository
from qualcode.store.review_overview import Suggested
from tests.review_sample import judgement


@pytest.fixture
def repository(comment: Repository) -> Repository:
    save(comment, judgement("wait", "dear", span=(0, 21)))
    return comment


def save(repository: Repository, *judgements: Judgement) -> None:
    run_id = repository.judgements.begin_run("code", code_version="0")
    repository.judgements.add(run_id, [(one, "b") for one in judgements])


def told(found: object) -> set[tuple[str, str]]:
    return {(row.segment_id, row.code) for row in found}  # type: ignore[attr-defined]


def test_suggestions_are_those_of_the_newest_judgements(repository: Repository) -> None:
    save(repository, judgement("broken", span=(0, 21)))
    assert repository.review_overview.suggested() == [
        Suggested("seg_1", "pain_point", "local:x", "broken", 0.7)
    ]


def test_only_what_is_new_is_read_again(repository: Repository) -> None:
    overview = repository.review_overview
    last = overview.last_judgement()
    save(
        repository,
        Judgement("seg_1", "pain_point", "local:x", Verdict.NONE),
        judgement("broken", segment_id="seg_2", span=(22, 40)),
    )
    assert told(overview.suggested(since=last)) == {("seg_2", "broken")}
    assert set(overview.judged(since=last)) == {
        ("seg_1", "pain_point", "local:x"),
        ("seg_2", "pain_point", "local:x"),
    }


def test_the_version_changes_when_anybody_saves_anything_and_else_not(
    repository: Repository, tmp_path: Path
) -> None:
    overview = repository.review_overview
    before = overview.version()
    assert overview.version() == before
    with Repository(tmp_path / "q.db") as other:
        other.set_meta("key", "value")
    assert overview.version() != before


def test_another_role_changes_the_structure_and_a_judgement_does_not(
    repository: Repository,
) -> None:
    overview = repository.review_overview
    before = overview.structure()
    save(repository, judgement("broken", span=(0, 21)))
    assert overview.structure() == before
    repository.people.set_participant("P1", {"persona": "Planner"})
    assert overview.structure() != before


def test_machines_that_say_yes_or_no_are_known_for_each_family(repository: Repository) -> None:
    abstained = Judgement("seg_2", "pain_point", "llm:y", Verdict.ABSTAINED)
    none = Judgement("seg_1", "pain_point", "llm:y", Verdict.NONE)
    save(repository, abstained, none)
    overview = repository.review_overview
    assert overview.coders() == {"pain_point": frozenset({"local:x", "llm:y"})}
    assert set(overview.judged_for("pain_point")) == {("seg_1", "local:x"), ("seg_1", "llm:y")}


def test_documents_know_their_source(repository: Repository) -> None:
    assert repository.review_overview.document_sources() == {"doc_1": "src_1"}
