"""Changes of a study's codebook: file, log, versions and codings together."""

from collections.abc import Callable
from pathlib import Path

import pytest

from qualcode.codebook import load_codebook
from qualcode.codebook.codes import Code
from qualcode.codebook.names import find_code
from qualcode.errors import CodebookError, StudyError, UsageError
from qualcode.records import Coding
from qualcode.report.quotes import select_quotes
from qualcode.workflow import codebook
from qualcode.workflow.code import code
from qualcode.workflow.codebook_apply import Changed
from qualcode.workflow.codebook_exchange import export_codebook, import_codebook
from qualcode.workflow.codebook_review import codes_in_use
from qualcode.workflow.codebook_versions import compare
from qualcode.workflow.study import Study
from tests.codebook_sample import BOOK, TEXT, WordCoder

Do = Callable[[Study], Changed]
CHANGES: list[Do] = [
    lambda s: codebook.rename(s, "Waiting", "It takes ages", by="Ada"),
    lambda s: codebook.merge(s, ["Broken machine", "wait"], into="dear", by="Ada"),
    lambda s: codebook.split(s, "wait", into=["To enter", "To leave"], by="Ada"),
    lambda s: codebook.move(s, "Come back", before="Find a place", by="Ada"),
    lambda s: codebook.move(s, "dear", to_family="Need", by="Ada"),
    lambda s: codebook.retire(s, "wait", by="Ada"),
    lambda s: codebook.add(s, Code("", "Lost", "pain_point", include=("told",)), by="Ada"),
]


def coded(study: Study, *, again: bool = False) -> list[tuple[str, str]]:
    """Code the study and return the segments and families that were judged."""
    coder = WordCoder(study.codebook)
    report = code(study, coder, again=again)
    pending = {segment for segment, _ in coder.judged}
    assert report.n_judged <= len(pending)
    return coder.judged


def codings(study: Study) -> list[Coding]:
    return list(study.corpus().codings())


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_and_its_undoing_leave_file_book_and_codings_as_they_were(
    parking: Study, change: Do
) -> None:
    coded(parking)
    before = codings(parking)
    done = change(parking)
    assert done.decision is not None
    assert parking.codebook != BOOK
    assert load_codebook(parking.path / "codebook.yaml") == parking.codebook
    codebook.undo(parking, by="Bo")
    assert load_codebook(parking.path / "codebook.yaml") == BOOK
    assert codings(parking) == before


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_and_its_undoing_lead_back_also_when_the_study_was_coded_between(
    parking: Study, change: Do
) -> None:
    coded(parking)
    before = parking.corpus()
    change(parking)
    coded(parking)
    codebook.undo(parking, by="Bo")
    coded(parking)
    assert parking.corpus() == before


@pytest.mark.parametrize("change", CHANGES)
def test_a_dry_run_tells_the_same_and_changes_nothing(parking: Study, change: Do) -> None:
    coded(parking)
    versions = parking.repository.codebook_versions.all()
    asked: list[Changed] = []
    apply = codebook.apply_change
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(codebook, "apply_change", lambda *a, **k: apply(*a, **{**k, "dry_run": True}))
        asked.append(change(parking))
    assert asked[0].decision is None
    assert (parking.path / "codebook.yaml").read_text(encoding="utf-8") == TEXT
    assert parking.repository.decisions.all() == ()
    assert parking.repository.codebook_versions.all() == versions
    done = change(parking)
    assert done.differences == asked[0].differences
    assert (done.touched, done.judged_again) == (asked[0].touched, asked[0].judged_again)


def test_a_rename_keeps_codings_and_the_old_name_still_finds_them(parking: Study) -> None:
    coded(parking)
    before = codings(parking)
    changed = codebook.rename(parking, "waiting", "It takes ages", by="Ada", reason="their words")
    assert codings(parking) == before
    assert changed.touched.n_codings == sum(c.code == "wait" for c in before)
    assert find_code(parking.codebook, "Waiting").id == "wait"
    quotes = select_quotes(parking.corpus(), parking.codebook, {}, code="Waiting")
    assert {row.code_name for row in quotes} >= {"It takes ages"}


def test_a_merge_counts_codings_for_the_survivor_and_its_names_find_them(parking: Study) -> None:
    coded(parking)
    before = codings(parking)
    moved = {c.id for c in before if c.code == "broken"}
    assert moved
    codebook.merge(parking, ["broken"], into="dear", by="Ada")
    assert {c.id for c in codings(parking) if c.code == "dear"} >= moved
    assert not any(c.code == "broken" for c in codings(parking))
    quotes = select_quotes(parking.corpus(), parking.codebook, {}, code="Broken machine")
    assert {row.code for row in quotes} == {"dear"}
    assert moved <= {row.coding_id for row in quotes}


def test_a_decision_holds_the_entries_before_and_after_with_who_and_why(parking: Study) -> None:
    codebook.merge(parking, ["broken"], into="dear", by="Ada", reason="one thing")
    (decision,) = parking.repository.decisions.standing(["codebook"])
    assert (decision.author, decision.reason) == ("Ada", "one thing")
    assert (decision.action, decision.target) == ("merge", "dear")
    assert decision.value["codes"]["broken"]["merged_into"] == "dear"
    assert "merged_into" not in decision.replaced["codes"]["broken"]


def test_each_change_stores_a_version_and_so_does_an_edit_by_hand(parking: Study) -> None:
    codebook.rename(parking, "sign", "Signs", by="Ada", reason="shorter")
    path = parking.path / "codebook.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Too dear", "Too costly"), encoding="utf-8", newline="\n")
    with Study(parking.path) as again:
        codebook.retire(again, "sign", by="Bo")
        told = [(v.author, v.reason) for v in again.repository.codebook_versions.all()]
        assert told == [
            ("", "as first met"),
            ("Ada", "shorter"),
            ("", "found edited"),
            ("Bo", "retire sign"),
        ]


def test_undo_takes_back_the_last_decision_that_stands_or_the_one_that_is_named(
    parking: Study,
) -> None:
    first = codebook.rename(parking, "sign", "Signs", by="Ada").decision
    codebook.rename(parking, "dear", "Costly", by="Ada")
    assert first is not None
    codebook.undo(parking, first.id, by="Bo")
    assert parking.codebook.code("sign").name == "Clear signs"
    assert parking.codebook.code("dear").name == "Costly"
    codebook.undo(parking, by="Bo")
    assert parking.codebook == BOOK
    with pytest.raises(UsageError, match="no decision about the codebook stands"):
        codebook.undo(parking, by="Bo")


def test_undo_refuses_a_code_that_was_edited_since(parking: Study) -> None:
    codebook.rename(parking, "sign", "Signs", by="Ada")
    path = parking.path / "codebook.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Show me", "Lead me"), encoding="utf-8", newline="\n")
    with Study(parking.path) as again, pytest.raises(UsageError, match="sign was changed since"):
        codebook.undo(again, by="Bo")


def test_a_file_that_somebody_edits_meanwhile_is_not_overwritten(parking: Study) -> None:
    assert parking.codebook == BOOK
    path = parking.path / "codebook.yaml"
    path.write_text(TEXT + "# mine\n", encoding="utf-8", newline="\n")
    with pytest.raises(StudyError, match="was changed just now"):
        codebook.rename(parking, "sign", "Signs", by="Ada")
    assert path.read_text(encoding="utf-8") == TEXT + "# mine\n"
    assert parking.repository.decisions.all() == ()


def test_a_change_that_would_not_validate_changes_nothing(parking: Study) -> None:
    with pytest.raises(CodebookError, match="used twice"):
        codebook.rename(parking, "dear", "Waiting", by="Ada")
    assert (parking.path / "codebook.yaml").read_text(encoding="utf-8") == TEXT
    assert parking.repository.decisions.all() == ()


@pytest.mark.parametrize("suffix", ["yaml", "csv", "xlsx"])
def test_a_book_that_was_taken_out_comes_back_unchanged(
    parking: Study, tmp_path: Path, suffix: str
) -> None:
    export_codebook(parking, tmp_path / f"out.{suffix}")
    changed = import_codebook(parking, tmp_path / f"out.{suffix}", by="Ada")
    assert changed.decision is None
    assert parking.codebook == BOOK
    assert (parking.path / "codebook.yaml").read_text(encoding="utf-8") == TEXT


def test_an_import_is_one_decision_and_is_taken_back_as_one(parking: Study, tmp_path: Path) -> None:
    path = tmp_path / "theirs.csv"
    rows = "id,name,family,definition\nlost,Lost,need,No idea.\nwait,I wait,pain_point,Long.\n"
    path.write_text(rows, encoding="utf-8", newline="\n")
    changed = import_codebook(parking, path, by="Ada")
    assert {c.id for c in parking.codebook.codes if c.status != "retired"} == {"lost", "wait"}
    assert len(parking.repository.decisions.all()) == 1
    assert changed.decision is not None and changed.decision.target == "book"
    codebook.undo(parking, by="Bo")
    assert parking.codebook == BOOK


def test_versions_are_compared_by_number_fingerprint_and_file(
    parking: Study, tmp_path: Path
) -> None:
    coded(parking)
    codebook.rename(parking, "wait", "It takes ages", by="Ada")
    codebook.retire(parking, "dear", by="Ada")
    first = parking.repository.codebook_versions.all()[0]
    (tmp_path / "old.yaml").write_text(TEXT, encoding="utf-8", newline="\n")
    assert compare(parking).codes == ()
    for older in ("1", first.fingerprint, str(tmp_path / "old.yaml")):
        found = compare(parking, older).codes
        assert [(c.difference.code, c.difference.text) for c in found] == [
            ("wait", "renamed from “Waiting” to “It takes ages”"),
            ("dear", "retired"),
        ]
        assert all(c.touched.n_codings for c in found)
    assert [c.difference.code for c in compare(parking, "1", "2").codes] == ["wait"]
    with pytest.raises(UsageError, match="no version '9'"):
        compare(parking, "9")


def test_counts_are_those_of_codings_as_they_stand(parking: Study) -> None:
    coded(parking)
    codebook.merge(parking, ["broken"], into="dear", by="Ada")
    counts = {row.code.id: row.counts for row in codes_in_use(parking)}
    standing = codings(parking)
    assert counts["broken"].n_codings == 0
    assert counts["dear"].n_codings == sum(c.code == "dear" for c in standing)
    assert counts["dear"].n_people == len({c.document_id for c in standing if c.code == "dear"})


def test_nobody_who_decides_is_an_error_before_anything_is_written(
    parking: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> str:
        raise OSError("no login")

    monkeypatch.setattr("getpass.getuser", unknown)
    with pytest.raises(UsageError, match="not known who decides"):
        codebook.rename(parking, "sign", "Signs", by=None)
    assert (parking.path / "codebook.yaml").read_text(encoding="utf-8") == TEXT
