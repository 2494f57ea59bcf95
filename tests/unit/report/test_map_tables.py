"""The journey map as JSON, CSV and Markdown says what the page says."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from journey_sample import (
    CHARTER,
    HOSTILE,
    Sample,
    edited_sample,
    empty_sample,
    make_sample,
)

from qualcode.draft import Group, MapEdits, Opportunity, Summary
from qualcode.report.map_tables import map_csv, map_json, map_markdown


@pytest.fixture(scope="module")
def sample() -> Sample:
    return make_sample()


def table(sample: Sample) -> list[dict[str, str]]:
    text = map_csv(*sample.arguments, masked=True).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def markdown(sample: Sample, *, masked: bool = True) -> str:
    return map_markdown(*sample.arguments, title="Broadband", charter=CHARTER, masked=masked)


def test_the_table_has_a_row_for_every_stage_and_finding(sample: Sample) -> None:
    drawn = sample.draft.map
    rows = table(sample)
    assert [r["stage_id"] for r in rows if r["lane"] == "stage"] == [s.code for s in drawn.stages]
    found = {
        (family, stage, f.code, str(f.share.count), str(f.share.total), str(len(f.quotes)))
        for (family, stage), cell in drawn.cells.items()
        for f in cell.findings
    }
    told = {
        (r["lane"], r["stage_id"], r["code"], r["people"], r["people_at_stage"], r["quotes"])
        for r in rows
        if r["lane"] not in ("stage", "feeling")
    }
    assert told == found


def test_quotes_of_the_table_are_the_slices_that_its_offsets_name(sample: Sample) -> None:
    texts = {document.path: document.text for document in sample.corpus.documents}
    quoted = [row for row in table(sample) if row["strongest_quote"]]
    assert len(quoted) > 40
    for row in quoted:
        cut = texts[row["document"]][int(row["start_char"]) : int(row["end_char"])]
        assert row["strongest_quote"].removeprefix("'") == cut


def test_an_interval_stands_in_the_table_with_what_it_covers(sample: Sample) -> None:
    with_interval = [row for row in table(sample) if row["low"] and row["lane"] != "feeling"]
    assert with_interval
    for row in with_interval:
        assert float(row["low"]) <= float(row["share"]) <= float(row["high"])
        assert "sampling only, codings unchecked" in row["interval"]


def test_the_json_reads_back_with_the_group_it_is_of() -> None:
    sample = make_sample(group=Group({"persona": "Works at home"}))
    value = json.loads(map_json(sample.draft, sample.corpus, masked=False))
    assert value["masked"] is False
    assert value["map"]["group"] == {
        "attributes": {"persona": "Works at home"},
        "checked_only": False,
    }
    assert value["map"]["n_people"] == sample.draft.map.n_people


def test_the_text_tells_stages_in_order_with_counts_of_people(sample: Sample) -> None:
    told = markdown(sample)
    heads = [line for line in told.splitlines() if line.startswith("## ")]
    assert heads[0] == "## 1. Realise I need it" and heads[-1] == "## Design criteria"
    assert "Counts are people; quotes are verbatim." in told
    assert CHARTER.purpose in told


def test_markup_in_words_stays_text_in_markdown(sample: Sample) -> None:
    told = markdown(sample)
    assert HOSTILE not in told and "<script>" not in told.replace("\\<", "")
    assert "\\<script\\>" in told


def test_opportunities_stand_at_their_stage_and_are_yours_to_write_elsewhere(
    sample: Sample,
) -> None:
    written = Opportunity("o1", "connect", "Text before the van leaves", "Install team", "Ann")
    edited = replace(sample, draft=replace(sample.draft, edits=MapEdits(opportunities=(written,))))
    told = markdown(edited)
    assert "- Text before the van leaves (owner: Install team)" in told
    assert told.count("yours to write") == len(sample.draft.map.stages) - 1


def test_what_people_wrote_over_a_cell_and_the_moments_stand_in_the_text() -> None:
    told = markdown(edited_sample())
    assert "**Doing**: Waits in, rings twice, plans the day anew" in told
    assert "**Pain points**: Nobody owns it until it works" in told
    assert "- Phone: mood −1.2, 6 of 8 people" in told


def test_a_models_words_are_marked_as_its_draft_in_the_text(sample: Sample) -> None:
    note = "rests on 2 quotes of 2 people"
    summaries = (
        Summary("connect", "doing", "They wait in", "draft", "llm:x", note=note),
        Summary("p1", "persona", "They work at home", "draft", "llm:x", "At home", note=note),
    )
    first, *rest = sample.draft.criteria.criteria
    criteria = replace(
        sample.draft.criteria,
        criteria=(replace(first, statement="Say when", author="llm:x"), *rest),
    )
    draft = replace(sample.draft, criteria=criteria, edits=MapEdits(summaries=summaries))
    told = markdown(replace(sample, draft=draft))
    assert f"**Doing**: They wait in (draft by llm:x; {note})" in told
    assert f"- **At home**: They work at home (draft by llm:x; {note})" in told
    assert "1. Say when (draft by llm:x;" in told


def test_every_fact_of_the_head_is_a_paragraph_of_its_own() -> None:
    head = markdown(make_sample(group=Group({"persona": "Works at home"}, True))).split("## 1.")[0]
    paragraphs = [part.strip() for part in head.split("\n\n") if part.strip()]
    assert paragraphs[2:4] == [
        "Only persona: Works at home.",
        "Only codings that a person decided on.",
    ]
    assert all("\n" not in part for part in paragraphs)


def test_names_that_were_not_masked_are_said(sample: Sample) -> None:
    assert "Names were not masked." in markdown(sample, masked=False)
    assert "Names were not masked." not in markdown(sample)


def test_an_empty_study_gives_a_header_and_a_reason() -> None:
    assert table(empty_sample()) == []
    assert "None yet: no needs or pains are coded yet." in markdown(empty_sample())
