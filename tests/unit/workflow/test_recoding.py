"""What a change of the codebook has judged again, and what it lets stand."""

from collections.abc import Callable

import pytest

from qualcode.codebook.codes import Code
from qualcode.records import Coding
from qualcode.workflow import codebook
from qualcode.workflow.code import CodeReport, code
from qualcode.workflow.codebook_apply import Changed
from qualcode.workflow.study import Study
from tests.codebook_sample import TEXT, WordCoder


def run(study: Study, *, again: bool = False) -> tuple[CodeReport, set[tuple[str, str]]]:
    """Code the study; return the report and which segments were judged for which family."""
    n_before = {f: len(_rows(study, f)) for f in study.codebook.families}
    report = code(study, WordCoder(study.codebook), again=again)
    fresh = {
        (segment_id, family)
        for family in study.codebook.families
        for segment_id in _rows(study, family)[n_before[family] :]
    }
    return report, fresh


def _rows(study: Study, family: str) -> list[str]:
    """Return the segments of a family's judgements, all that were ever stored, in order."""
    import sqlalchemy as sa

    from qualcode.store import schema

    table = schema.judgement
    connection = study.repository._database.read()
    found = sa.select(table.c.segment_id).where(table.c.family == family).order_by(table.c.id)
    return [str(segment_id) for segment_id in connection.execute(found).scalars()]


def having(study: Study, *codes: str) -> set[str]:
    return {c.segment_id for c in study.corpus().codings() if c.code in codes}


def segments(study: Study) -> set[str]:
    return {segment.id for segment in study.corpus().segments}


def edited(study: Study, *pairs: tuple[str, str]) -> Study:
    """Edit the codebook by hand and open the study again."""
    path = study.path / "codebook.yaml"
    text = path.read_text(encoding="utf-8")
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8", newline="\n")
    study.close()
    return Study(study.path)


DEFINED = ("definition: It takes too long.", "definition: It takes far too long.")


def test_the_first_run_judges_everything_and_the_next_nothing(parking: Study) -> None:
    _, fresh = run(parking)
    assert fresh == {(s, f) for s in segments(parking) for f in parking.codebook.families}
    report, fresh = run(parking)
    assert (report.n_judged, fresh, report.notes) == (0, set(), ())


def test_another_definition_has_the_segments_of_that_code_judged_again_and_no_others(
    parking: Study,
) -> None:
    run(parking)
    waiting = having(parking, "wait")
    assert 0 < len(waiting) < len(segments(parking))
    with edited(parking, DEFINED) as study:
        report, fresh = run(study)
        assert fresh == {(segment, "pain_point") for segment in waiting}
        assert report.n_judged == len(waiting)
        assert report.n_earlier == {"pain_point": len(segments(study)) - len(waiting)}
        assert run(study)[1] == set()


@pytest.mark.parametrize(
    "pair",
    [
        ("status: draft", "status: active"),
        ("statement: Show me the way.", "statement: Lead me there."),
        ("    include: [dear]", "    include: [dear]\n    owner: Ada"),
        ("goal: Where can I leave the car?", "goal: Where to?"),
        ("name: Too dear", "name: Too costly\n    former_names: [Too dear]"),
        ("    parent: wait\n", ""),
    ],
)
def test_what_says_nothing_of_where_a_code_applies_has_nothing_judged_again(
    parking: Study, pair: tuple[str, str]
) -> None:
    run(parking)
    with edited(parking, pair) as study:
        report, fresh = run(study)
        assert (fresh, report.n_earlier) == (set(), {})


def test_a_rename_a_merge_and_a_move_have_nothing_judged_again(parking: Study) -> None:
    run(parking)
    codebook.rename(parking, "wait", "I wait", by="Ada")
    codebook.merge(parking, ["broken"], into="dear", by="Ada")
    codebook.move(parking, "return", before="find", by="Ada")
    report, fresh = run(parking)
    assert fresh == set()
    count = len(segments(parking))
    assert report.n_earlier == {"stage": count, "pain_point": count}


def test_a_split_code_has_its_segments_judged_again_for_its_parts(parking: Study) -> None:
    run(parking)
    waiting = having(parking, "wait")
    codebook.split(parking, "wait", into=["Queue", "Slow"], by="Ada")
    assert having(parking, "wait") == set()
    pairs = (
        ("- id: queue\n    name: Queue\n", "- id: queue\n    name: Queue\n    include: [queue]\n"),
        ("- id: slow\n    name: Slow\n", "- id: slow\n    name: Slow\n    include: [slow]\n"),
    )
    with edited(parking, *pairs) as study:
        _, fresh = run(study)
        assert fresh == {(segment, "pain_point") for segment in waiting}
        assert having(study, "queue", "slow") == waiting


def test_a_retired_code_has_its_segments_judged_again(parking: Study) -> None:
    run(parking)
    waiting = having(parking, "wait")
    codebook.retire(parking, "wait", by="Ada")
    assert run(parking)[1] == {(segment, "pain_point") for segment in waiting}


def test_a_new_code_has_its_whole_family_judged_again_and_that_is_said(parking: Study) -> None:
    run(parking)
    codebook.add(parking, Code("", "Lost", "pain_point", include=("told",)), by="Ada")
    said: list[str] = []
    report = code(parking, WordCoder(parking.codebook), announce=said.append)
    count = len(segments(parking))
    assert report.n_judged == count
    assert said == [
        f"Pain point: nobody had looked for “Lost” in {count} segments, which are judged again."
    ]
    assert report.notes == (said[0].replace("are judged", "were judged"),)
    assert having(parking, "lost")


def test_the_change_of_a_survivor_touches_the_codings_that_were_merged_into_it(
    parking: Study,
) -> None:
    run(parking)
    touched = having(parking, "broken", "dear")
    codebook.merge(parking, ["broken"], into="dear", by="Ada")
    with edited(parking, ("include: [dear]", "include: [dear, broken]")) as study:
        assert run(study)[1] == {(segment, "pain_point") for segment in touched}


def test_a_segment_that_lost_a_code_is_judged_again_when_that_code_changes_once_more(
    parking: Study,
) -> None:
    run(parking)
    before = parking.corpus()
    waiting = having(parking, "wait")
    with edited(parking, ("      - queue\n", "")) as study:
        run(study)
        assert having(study, "wait") == waiting  # the word slow stands there too
        again = edited(study, ("      - slow\n", "      - sloow\n"))
    with again:
        run(again)
        assert having(again, "wait") == set()
        back = edited(again, ("      - sloow\n", "      - queue\n      - slow\n"))
    with back:
        run(back)
        assert back.corpus() == before


def test_again_judges_what_stands_on_an_earlier_version_as_a_new_study_would(
    parking: Study, other_parking: Study
) -> None:
    run(parking)
    pair = ("      - queue\n", "      - queue\n      - told\n")
    with edited(parking, pair) as study:
        run(study)
        without = len(having(study, "wait"))
        report, fresh = run(study, again=True)
        assert fresh and {family for _, family in fresh} == {"pain_point"}
        assert report.n_earlier == {}
        assert len(having(study, "wait")) > without
        with edited(other_parking, pair) as new:
            run(new)
            assert study.corpus().judgements == new.corpus().judgements
        assert run(study, again=True)[1] == set()


def test_an_interrupted_run_after_a_change_ends_like_an_uninterrupted_one(
    parking: Study, other_parking: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qualcode.workflow.code._SEGMENTS_A_TRANSACTION", 1)
    pair = ("      - slow\n", "      - barrier\n")
    ends = []
    for study, stops in ((parking, 0), (other_parking, 3)):
        run(study)
        with edited(study, pair) as changed:
            for _ in range(stops):
                with pytest.raises(KeyboardInterrupt):
                    code(changed, WordCoder(changed.codebook, stop_after=1))
            run(changed)
            ends.append(changed.corpus().judgements)
    assert ends[0] == ends[1]


def test_judgements_of_a_basis_that_nobody_can_read_are_judged_again_once(parking: Study) -> None:
    run(parking)
    with parking.repository._database.write() as connection:
        connection.exec_driver_sql("UPDATE judgement SET basis = 'abc123.1234'")
    assert len(run(parking)[1]) == len(segments(parking)) * len(parking.codebook.families)
    assert run(parking)[1] == set()


def test_judgements_of_a_book_that_nobody_stored_are_judged_again(parking: Study) -> None:
    run(parking)
    with parking.repository._database.write() as connection:
        connection.exec_driver_sql("DELETE FROM codebook_version")
    with edited(parking, DEFINED) as study:
        assert run(study)[1] == {(segment, "pain_point") for segment in segments(study)}


def test_a_new_segment_is_judged_whatever_stands_on_earlier_versions(
    parking: Study, write: Callable[[str, str], object]
) -> None:
    from qualcode.workflow.ingest import ingest

    run(parking)
    with edited(parking, DEFINED) as study:
        run(study)
        known = segments(study)
        ingest(study, [write("more.csv", "id,comment\nx,The queue was slow again today\n")])  # type: ignore[list-item]
        report, fresh = run(study)
        assert {segment for segment, _ in fresh} == segments(study) - known
        assert report.n_earlier


Do = Callable[[Study], Changed]


@pytest.mark.parametrize(
    "change",
    [
        lambda s: codebook.rename(s, "wait", "I wait", by="A"),
        lambda s: codebook.merge(s, ["broken"], into="dear", by="A"),
        lambda s: codebook.split(s, "wait", into=["One", "Two"], by="A"),
        lambda s: codebook.retire(s, "dear", by="A"),
        lambda s: codebook.move(s, "dear", to_family="need", by="A"),
        lambda s: codebook.move(s, "return", before="pay", by="A"),
        lambda s: codebook.add(s, Code("", "Lost", "stage", include=("x",)), by="A"),
        lambda s: codebook.add(s, Code("", "Lost", "theme", include=("x",)), by="A"),
    ],
)
def test_a_change_foretells_what_the_next_run_judges_again(parking: Study, change: Do) -> None:
    run(parking)
    foretold = change(parking).judged_again
    _, fresh = run(parking)
    known = {f for f in foretold if f != "theme"}
    counts = {f: sum(family == f for _, family in fresh) for f in known}
    assert counts == {f: foretold[f] for f in known}
    assert {family for _, family in fresh} - {"theme"} == known


def test_the_text_of_the_sample_is_what_the_study_begins_with(parking: Study) -> None:
    assert parking.codebook_text == TEXT


def test_codings_of_a_run_carry_the_ids_that_the_first_run_gave(parking: Study) -> None:
    run(parking)
    ids = {c.id for c in parking.corpus().codings()}
    with edited(parking, DEFINED) as study:
        run(study)
        again: list[Coding] = list(study.corpus().codings())
        assert {c.id for c in again} == ids
