"""The map's API: what the page is told, and what is kept back."""

from __future__ import annotations

from pathlib import Path

from qualcode.review_events import Part
from qualcode.workflow.draft_words import draft_words
from qualcode.workflow.study import Study
from tests.unit.review.conftest import Browser
from tests.unit.review.map.conftest import CELL, Connect, Page
from tests.words_sample import Model, text


def test_the_map_has_criteria_stages_and_a_section_for_each_stage(zed: Page) -> None:
    assert [one["id"] for one in zed.map["sections"]] == [
        *("criteria", "stages"),
        *("stage_order", "stage_wait", "stage_help"),
    ]
    assert [zed.criterion(at)["number"] for at in range(3)] == ["C1", "C2", "C3"]


def test_a_quote_comes_with_its_words_speaker_source_and_the_way_to_its_proof(zed: Page) -> None:
    quote = zed.items[f"cell/{CELL}"]["quotes"][0]
    assert quote["text"].startswith("I waited ")
    assert (quote["who"].startswith("c"), quote["place"].startswith("survey.csv, row ")) == (
        True,
        True,
    )
    page = zed.browser.client.get(
        f"/transcript/{quote['document_id']}?segment={quote['segment_id']}&from=map"
    ).text
    assert '<mark class="segment" id="segment">I waited ' in page
    assert 'href="/map"' in page


def test_a_page_that_has_this_version_gets_no_other(zed: Page) -> None:
    known = zed.map["version"]
    assert zed.browser.get(f"map?known={known}") == {"is_same": True}


def test_every_quote_of_a_cell_is_a_candidate(zed: Page) -> None:
    told = zed.browser.get(f"map/quotes?cell={CELL}")
    assert (len(told["quotes"]), told["n_quotes"], told["n_kept_back"]) == (12, 12, 0)
    assert len(zed.browser.get(f"map/quotes?cell={CELL}&most=2")["quotes"]) == 2


def test_a_cell_that_is_not_there_is_a_conflict(zed: Page) -> None:
    assert zed.browser.client.get("/api/map/quotes?cell=pain_point/x/y").status_code == 409


def test_quotes_of_segments_that_are_still_blind_are_kept_back(ada: Browser) -> None:
    page = Page(ada)
    cell = page.items[f"cell/{CELL}"]
    assert cell["n_quotes"] + cell["n_kept_back"] == 12
    total = sum(one["n_kept_back"] for one in page.items.values() if one["kind"] == "cell")
    assert total > 0
    shown = {quote["segment_id"] for quote in page.quotes()}
    ids = ",".join(sorted(shown)[:10])
    assert not any(item["is_blind"] for item in ada.get(f"items?ids={ids}")["items"])


def test_others_codings_are_kept_back_until_the_own_judgement(connect: Connect) -> None:
    ada = connect().come_in("Ada")
    item = next(
        item
        for id_ in ada.send("batch", {"queue": "new", "size": 36})["segment_ids"]
        for item in ada.get(f"items?ids={id_}")["items"]
        if not item["is_blind"] and item["suggestions"]
    )
    proposed = {one["code"] for one in item["suggestions"]}
    added = "pain_slow" if "pain_alone" in proposed else "pain_alone"
    event = {
        "uid": "u-1",
        "segment_id": item["segment_id"],
        "action": "add",
        "family": "pain_point",
        "code": added,
        "start_char": item["segment"]["start_char"],
        "end_char": item["segment"]["end_char"],
    }
    assert ada.send("events", {"events": [event]})["receipts"][0]["refused"] == ""
    (stage,) = (one["code"] for one in item["suggestions"] if one["family"] == "stage")
    cell = f"pain_point/{stage}/{added}"
    seen = [
        [quote["segment_id"] for quote in page.quotes(cell)]
        for page in (Page(ada), Page(connect().come_in("Ben")))
    ]
    assert seen == [[item["segment_id"]], []]


def draft_by_model(study_path: Path, kind: str, words: str, most: int = 2) -> None:
    """Have a model draft the same words on everything of a kind, on so many quotes."""
    with Study(study_path) as study:
        model = Model(lambda m: [text(words, *range(1, min(most, len(m.quotes)) + 1))])
        draft_words(study, model, kind, coder="llm:test")


def test_a_models_draft_is_told_as_that_with_what_it_rests_on(
    study_path: Path, connect: Connect
) -> None:
    draft_by_model(study_path, "cell", "They want it sooner.")
    told = Page(connect().come_in("Ada")).items["summary/pain_point/stage_wait"]
    assert (told["text"], told["status"], told["author"], told["note"]) == (
        "They want it sooner.",
        "draft",
        "llm:test",
        "rests on 2 quotes of 2 people",
    )


def test_a_draft_made_by_a_model_is_accepted_on_the_page(
    study_path: Path, connect: Connect
) -> None:
    draft_by_model(study_path, "cell", "They want it sooner.")
    page = Page(connect().come_in("Zed", Part.ADJUDICATOR))
    page.do("summary", "accept", "pain_point/stage_wait")
    told = page.items["summary/pain_point/stage_wait"]
    assert (told["status"], told["author"], told["note"]) == ("accepted", "Zed", "")


def test_descriptions_of_personas_have_a_section_and_are_worded_anew_there(
    study_path: Path, connect: Connect
) -> None:
    draft_by_model(study_path, "persona", "They want it sooner.")
    page = Page(connect().come_in("Zed", Part.ADJUDICATOR))
    key = page.section("personas")["items"][0]
    page.do("summary", "write", key.removeprefix("summary/"), "They plan ahead.")
    told = page.items[key]
    assert (told["lane"], told["text"], told["author"]) == (
        "Persona: Planner",
        "They plan ahead.",
        "Zed",
    )


def test_a_draft_that_quotes_a_segment_to_be_judged_blind_is_kept_back(
    study_path: Path, connect: Connect
) -> None:
    draft_by_model(study_path, "cell", "They say “for” a lot.", most=12)
    ada = Page(connect().come_in("Ada"))
    zed = Page(connect().come_in("Zed", Part.ADJUDICATOR))
    drafts = [
        {key for key, item in page.items.items() if item["kind"] == "summary" and item["text"]}
        for page in (ada, zed)
    ]
    assert drafts[0] < drafts[1]
