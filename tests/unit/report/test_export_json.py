"""The JSON export: its keys, its quotes, what it leaves out and that it never varies."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from export_samples import (
    BOOK,
    PARTICIPANTS,
    comment,
    corpora,
    draft_of,
    sample,
    segments_of,
)
from hypothesis import given, settings

from qualcode.codebook import Codebook
from qualcode.draft import CriteriaDraft
from qualcode.errors import StoreError
from qualcode.records import Corpus, Role, Speaker
from qualcode.report.export_json import export_json

DOCS = Path(__file__).parents[3] / "docs"
SCHEMA = json.loads((DOCS / "export.schema.json").read_text(encoding="utf-8"))
PYTHON_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def exported(corpus, draft=None, **study):
    text = export_json(
        corpus,
        BOOK,
        draft or draft_of(corpus),
        participants=PARTICIPANTS,
        study=study or {"name": "Test", "personas": ("Planner",)},
        masked=True,
    )
    return json.loads(text)


def problems(value, schema, at="$"):
    """Compare a value with the part of JSON Schema that ours uses; undocumented keys count too."""
    if "$ref" in schema:
        yield from problems(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], at)
        return
    if "anyOf" in schema:
        yield from min((list(problems(value, way, at)) for way in schema["anyOf"]), key=len)
        return
    known = {"$schema", "$id", "$defs", "title", "description", "type", "required", "properties"}
    known |= {"items", "additionalProperties", "enum", "const", "pattern", "minimum", "maximum"}
    if set(schema) - known:
        yield f"{at}: the schema uses {set(schema) - known}, which is not checked here"
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    as_bool = isinstance(value, bool) and "boolean" not in types
    if types and (as_bool or not any(isinstance(value, PYTHON_TYPES[t]) for t in types)):
        yield f"{at}: {value!r} is no {types}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is not one of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r} does not fit"
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    if isinstance(value, int | float) and not low <= value <= high:
        yield f"{at}: {value} is out of range"
    if isinstance(value, dict):
        listed = schema.get("properties", {})
        yield from (f"{at}: no {key}" for key in schema.get("required", ()) if key not in value)
        for key, entry in value.items():
            inner = listed.get(key, schema.get("additionalProperties"))
            if inner is None:
                if at != "$.study":
                    yield f"{at}.{key} is not documented"
            else:
                yield from problems(entry, inner, f"{at}.{key}")
    if isinstance(value, list):
        for number, entry in enumerate(value):
            yield from problems(entry, schema.get("items", {}), f"{at}[{number}]")


def test_an_export_has_exactly_the_documented_keys():
    assert list(problems(exported(sample()), SCHEMA)) == []


def test_the_check_of_keys_notices_a_missing_an_unknown_and_a_wrong_one():
    whole = exported(sample())
    del whole["codings"][0]["quote"]
    whole["documents"][0]["colour"] = "red"
    whole["segments"][0]["role"] = "host"
    assert len(list(problems(whole, SCHEMA))) == 3


def test_every_key_of_the_schema_is_described_in_the_documentation():
    prose = (DOCS / "export.md").read_text(encoding="utf-8")

    def keys(schema):
        for name, inner in schema.get("properties", {}).items():
            yield name
            yield from keys(inner)
        yield from keys(schema["items"]) if "items" in schema else ()
        for inner in schema.get("properties", {}).values():
            yield from keys(inner)

    # The fields of a code are the codebook's and described there.
    parts = [SCHEMA, *(part for name, part in SCHEMA["$defs"].items() if name != "code")]
    missing = {key for part in parts for key in keys(part) if f"`{key}`" not in prose}
    assert missing == set()


def test_the_keys_of_the_file_stand_in_the_documented_order():
    assert list(exported(sample())) == SCHEMA["required"]


@given(corpora())
@settings(max_examples=60, deadline=None)
def test_every_quote_is_its_slice_and_every_id_comes_back_once(corpus):
    whole = exported(corpus)
    texts = {d["id"]: d["text"] for d in whole["documents"]}
    assert [d["id"] for d in whole["documents"]] == [d.id for d in corpus.documents]
    assert [s["id"] for s in whole["segments"]] == [s.id for s in corpus.segments]
    assert texts == {d.id: d.text for d in corpus.documents}
    for found in whole["codings"] + whole["criteria"]["criteria"][0]["quotes"]:
        assert (
            found["quote"] == texts[found["document_id"]][found["start_char"] : found["end_char"]]
        )
    spoken = {s["id"]: s["role"] for s in whole["segments"]}
    assert [c["id"] for c in whole["codings"]] == [
        c.id for j in corpus.judgements for c in j.codings if spoken[c.segment_id] != "interviewer"
    ]


def test_nothing_judged_on_an_interviewers_words_is_exported():
    whole = exported(sample())
    asked = {s["id"] for s in whole["segments"] if s["role"] == "interviewer"}
    assert asked == {"seg-doc-talk-1"}
    assert asked.isdisjoint(entry["segment_id"] for entry in whole["codings"])
    assert asked.isdisjoint(entry["segment_id"] for entry in whole["judgements"])


def test_a_judgement_names_codings_that_are_in_the_file():
    whole = exported(sample())
    named = [i for judgement in whole["judgements"] for i in judgement["codings"]]
    assert sorted(named) == sorted(coding["id"] for coding in whole["codings"]) != []


def test_the_four_verdicts_stay_apart():
    verdicts = {j["verdict"] for j in exported(sample())["judgements"]}
    assert verdicts == {"coded", "none", "abstained", "unprocessed"}


def test_the_same_input_gives_the_same_bytes_whatever_the_order_of_its_mappings():
    corpus = sample()
    turned = {who: dict(reversed(a.items())) for who, a in reversed(PARTICIPANTS.items())}
    draft = draft_of(corpus)
    figures = dict(reversed(draft.criteria.figures.items()))
    cells = dict(reversed(draft.map.cells.items()))
    same = replace(
        draft,
        criteria=replace(draft.criteria, figures=figures),
        map=replace(draft.map, cells=cells),
    )
    one, two = (
        export_json(corpus, BOOK, drawn, participants=people, study={}, masked=False)
        for drawn, people in ((draft, PARTICIPANTS), (same, turned))
    )
    assert one == two


def test_each_record_has_its_own_line_and_the_layout_costs_little():
    whole = exported(sample())
    text = export_json(
        *(sample(), BOOK, draft_of(sample())), participants={}, study={"name": "Test"}, masked=True
    )
    for coding in whole["codings"]:
        assert sum(f'"id": "{coding["id"]}"' in line for line in text.splitlines()) == 1
    assert len(text) < 1.05 * len(json.dumps(json.loads(text), ensure_ascii=False))


def test_an_interview_has_its_only_participants_attributes_and_a_comment_its_rows():
    talk, row = exported(sample())["documents"][:2]
    assert (talk["participant"], talk["participants"]) == ("P10", ["P10"])
    assert talk["attributes"] == {"persona": "Wanderer", "wave": "1"}
    assert (row["participant"], row["attributes"]) == ("P2", {"nps": "2"})


def test_an_interview_with_two_participants_names_both_and_no_only_one():
    corpus = sample()
    talk = corpus.documents[0]
    speakers = (*talk.speakers, Speaker("Di", Role.PARTICIPANT, "P2"))
    whole = exported(
        replace(corpus, documents=(replace(talk, speakers=speakers), *corpus.documents[1:]))
    )
    assert whole["documents"][0]["participant"] is None
    assert whole["documents"][0]["participants"] == ["P10", "P2"]
    assert whole["participants"][1] == {"id": "P2", "attributes": PARTICIPANTS["P2"]}


def test_a_voice_that_is_not_assigned_has_codings_and_no_participant():
    strangers = [c for c in exported(sample())["codings"] if c["segment_id"] == "seg-doc-talk-3"]
    assert [c["participant"] for c in strangers] == [None]


def test_a_code_that_left_the_book_is_named_by_its_id():
    corpus = sample()
    text = export_json(
        *(corpus, Codebook("Empty", ()), draft_of(corpus)), participants={}, study={}, masked=True
    )
    assert {c["code_name"] for c in json.loads(text)["codings"]} >= {"waiting", "joy"}


def test_numbers_are_rounded_to_six_digits_and_the_undefined_is_null():
    corpus = sample()
    draft = replace(draft_of(corpus), criteria=CriteriaDraft((), "too few", {"k": math.nan}))
    whole = exported(corpus, draft)
    assert whole["codings"][0]["score"] == 0.712346
    assert whole["map"]["cells"][0]["findings"][0]["share"]["low"] == 0.012346
    assert whole["criteria"] == {
        "criteria": [],
        "set_aside": [],
        "reason": "too few",
        "choice": "",
        "figures": {"k": None},
    }


def test_what_people_decided_and_wrote_is_exported():
    whole = exported(sample())
    (criterion,), (rejected,) = whole["criteria"]["criteria"], whole["criteria"]["set_aside"]
    assert (criterion["status"], criterion["author"]) == ("edited", "Ann")
    assert rejected["status"] == "rejected"
    written = whole["map"]
    assert written["opportunities"][0]["text"] == "Call people back."
    assert written["summaries"][0]["status"] == "written"
    assert written["owners"] == {"choose": "Sales", "crit-1": "Ops"}
    assert written["sign_offs"][0]["agrees"] is False
    assert written["pinned"] == {"pain_point/choose/waiting": [whole["codings"][0]["id"]]}
    assert written["hidden"] == {"cod-x": "names a street"}


def test_cells_stand_in_the_order_of_lanes_whatever_the_drafts_order():
    assert [c["family"] for c in exported(sample())["map"]["cells"]] == ["pain_point", "own"]


@pytest.mark.parametrize("path", ["/home/me/talk.txt", "C:\\Users\\me\\talk.txt"])
def test_an_absolute_path_is_cut_to_its_name(path):
    corpus = Corpus((replace(comment(2, "Hi"), path=path),), (), ())
    assert exported(corpus)["documents"][0]["path"] == "talk.txt"


def test_lone_surrogates_are_escaped_and_offsets_stay_true():
    document = comment(2, "a\ud800b \ud83d\ude00 c\udc9f")
    corpus = Corpus((document,), tuple(segments_of(document)), ())
    text = export_json(
        corpus, BOOK, draft_of(corpus), participants={}, study={"name": "\udcff"}, masked=True
    )
    whole = json.loads(text.encode("utf-8"))
    assert whole["documents"][0]["text"] == "a\ud800b \ufffd\ufffd c\udc9f"
    assert len(whole["documents"][0]["text"]) == len(document.text)
    assert whole["study"]["name"] == "\udcff"


def test_a_coding_that_points_beyond_its_text_is_an_error_without_the_words():
    corpus = sample()
    shorter = replace(corpus.documents[0], text=corpus.documents[0].text[:60])
    broken = replace(corpus, documents=(shorter, *corpus.documents[1:]))
    with pytest.raises(StoreError, match="outside its document doc-talk") as error:
        exported(broken)
    assert "waited" not in error.value.message


def test_the_study_says_whether_names_were_masked():
    assert exported(sample(), name="N")["study"] == {"name": "N", "masked": True}


def test_an_empty_study_exports_empty_lists():
    whole = exported(Corpus((), (), ()))
    assert [whole[key] for key in ("documents", "segments", "codings", "judgements")] == [[]] * 4
