"""The API on a real study: what a page asks for and sends."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qualcode.review_events import Part
from qualcode.store.repository import Repository
from tests.unit.review.conftest import Browser

Connect = Callable[[], Browser]
FAMILIES = ["stage", "pain_point", "need"]
_numbers = itertools.count()


def event(segment_id: str, action: str, **more: Any) -> dict[str, Any]:
    return {"uid": f"uid-{next(_numbers)}", "segment_id": segment_id, "action": action, **more}


def done(segment_id: str) -> dict[str, Any]:
    return event(segment_id, "done", value={"families": FAMILIES})


def an_item(browser: Browser, queue: str, *, is_blind: bool) -> dict[str, Any]:
    """Return the queue's first item that is, or is not, blind; which are is drawn at random."""
    ids = browser.send("batch", {"queue": queue, "size": 36})["segment_ids"]
    for first in range(0, len(ids), 10):
        items = browser.get(f"items?ids={','.join(ids[first : first + 10])}")["items"]
        for item in items:
            if item["is_blind"] is is_blind:
                assert isinstance(item, dict)
                return item
    raise AssertionError(f"none of {len(ids)} items is fit")


def assisted(browser: Browser) -> dict[str, Any]:
    return an_item(browser, "new", is_blind=False)


def test_the_session_tells_who_is_signed_in(ada: Browser) -> None:
    told = ada.get("session")
    assert (told["reviewer"], told["part"], len(told["csrf"])) == ("Ada", "reviewer", 64)


def test_the_book_holds_every_family_with_its_codes_and_the_reasons(ada: Browser) -> None:
    book = ada.get("book")
    assert [family["id"] for family in book["families"]] == ["stage", "pain_point", "need"]
    slow = book["families"][1]["codes"][0]
    assert (slow["id"], slow["name"], slow["definition"]) == ("pain_slow", "Slow", "It takes long.")
    assert book["reasons"][0] == {"id": "wrong_code", "name": "wrong code"}


def test_a_batch_has_the_size_asked_for_and_each_segment_once(ada: Browser) -> None:
    batch = ada.send("batch", {"queue": "new", "size": 7})
    assert len(set(batch["segment_ids"])) == len(batch["segment_ids"]) == 7


def test_a_batch_has_the_studys_size_otherwise(ada: Browser) -> None:
    assert len(ada.send("batch", {"queue": "new"})["segment_ids"]) == 5


@pytest.mark.parametrize("size", [0, 201, "5", True, 2.5])
def test_a_batch_of_no_sensible_size_is_refused(ada: Browser, size: object) -> None:
    ada.send("batch", {"queue": "new", "size": size}, expect=400)


def test_a_queue_that_is_not_there_is_a_conflict(ada: Browser) -> None:
    ada.send("batch", {"queue": "nowhere"}, expect=409)


def test_items_come_in_the_order_asked_for_and_a_wrong_id_says_so(ada: Browser) -> None:
    first, second = ada.send("batch", {"queue": "new", "size": 2})["segment_ids"]
    items = ada.get(f"items?ids={second},seg_x,{first}")["items"]
    assert [item["segment_id"] for item in items] == [second, "seg_x", first]
    assert "no segment" in items[1]["refused"]


@pytest.mark.parametrize("ids", ["", ",", ",".join("abcdefghijk")])
def test_no_item_or_too_many_are_refused(ada: Browser, ids: str) -> None:
    assert ada.client.get(f"/api/items?ids={ids}").status_code == 400


def test_the_words_of_an_item_lie_where_its_offsets_say(ada: Browser) -> None:
    item = assisted(ada)
    (turn,) = [turn for turn in item["turns"] if turn["is_current"]]
    span, suggestion = item["segment"], item["suggestions"][0]
    words = turn["text"][span["start_char"] - turn["start_char"] :]
    assert words.startswith(("I waited", "The price", "I rang"))
    assert suggestion["start_char"] == span["start_char"]


def test_an_event_sent_twice_is_stored_once(ada: Browser, study_path: Path) -> None:
    flag = event(assisted(ada)["segment_id"], "flag")
    (first,) = ada.send("events", {"events": [flag]})["receipts"]
    (second,) = ada.send("events", {"events": [flag]})["receipts"]
    assert (first["is_new"], second["is_new"]) == (True, False)
    assert first["id"] == second["id"]
    with Repository(study_path / "qualcode.db") as repository:
        assert len(repository.review_events.all()) == 1


def test_refused_events_come_back_with_reasons_and_the_others_are_stored(ada: Browser) -> None:
    segment_id = assisted(ada)["segment_id"]
    events = [
        event(segment_id, "flag"),
        event(segment_id, "dance"),
        event("seg_x", "flag"),
        event(segment_id, "reject", family="pain_point", code="pain_nowhere"),
        event(segment_id, "add", family="pain_point", code="pain_slow", start_char=5, end_char=5),
        {"segment_id": segment_id, "action": "flag"},
        event(segment_id, "skip"),
    ]
    receipts = ada.send("events", {"events": events})["receipts"]
    assert [bool(receipt["refused"]) for receipt in receipts] == [False, *[True] * 5, False]


def test_what_was_judged_is_told_as_ones_own_and_counts(ada: Browser) -> None:
    item = assisted(ada)
    one = item["suggestions"][0]
    accept = event(
        item["segment_id"],
        "accept",
        family=one["family"],
        code=one["code"],
        start_char=one["start_char"],
        end_char=one["end_char"],
        value={"coding_id": one["coding_id"]},
    )
    answer = ada.send("events", {"events": [accept, done(item["segment_id"])], "reviewer": "Ada"})
    assert answer["progress"]["done"] == 1
    (again,) = ada.get(f"items?ids={item['segment_id']}")["items"]
    assert [(m["code"], m["applies"]) for m in again["mine"]["marks"]] == [(one["code"], True)]
    assert sorted(again["mine"]["complete"]) == sorted(FAMILIES)


def test_decisions_of_another_person_are_not_taken_for_those_of_who_is_signed_in(
    ada: Browser,
) -> None:
    flag = event(assisted(ada)["segment_id"], "flag")
    ada.send("events", {"events": [flag], "reviewer": "Ben"}, expect=409)


def test_a_blind_item_shows_suggestions_only_once_it_is_judged_and_they_are_asked_for(
    ada: Browser,
) -> None:
    item = an_item(ada, "random", is_blind=True)
    segment_id = item["segment_id"]
    assert (item["suggestions"], item["similar"], item["others"]) == ([], [], [])
    ada.send("reveal", {"segment_id": segment_id}, expect=409)
    ada.send("events", {"events": [done(segment_id)]})
    shown = ada.send("reveal", {"segment_id": segment_id})
    assert shown["is_blind"] is False
    assert shown["suggestions"]


def test_nobody_sees_what_others_judged_before_the_own_judgement(
    ada: Browser, connect: Connect
) -> None:
    segment_id = assisted(ada)["segment_id"]
    ada.send("events", {"events": [done(segment_id)]})
    ben = connect().come_in("Ben")
    (before,) = ben.get(f"items?ids={segment_id}")["items"]
    assert before["others"] == []
    ben.send("events", {"events": [done(segment_id)]})
    (after,) = ben.get(f"items?ids={segment_id}")["items"]
    assert [other["author"] for other in after["others"]] == ["Ada"]


def test_a_search_finds_segments_and_tells_nothing_of_their_codes(ada: Browser) -> None:
    hits = ada.get("search?q=price")["hits"]
    assert len(hits) >= 12
    assert set(hits[0]) == {"segment_id", "document_id", "excerpt", "source"}
    assert "price" in hits[0]["excerpt"]


@pytest.mark.parametrize("query", ["", "%20", "-price", "x" * 501])
def test_a_search_for_nothing_is_refused(ada: Browser, query: str) -> None:
    assert ada.client.get(f"/api/search?q={query}").status_code in (400, 409)


def test_progress_tells_of_me_the_team_and_each_code(ada: Browser) -> None:
    told = ada.get("progress")
    assert {"mine", "team", "codes", "sample"} <= set(told)


def test_a_bulk_acceptance_needs_judgements_first(ada: Browser) -> None:
    wanted = {"filter": {"family": "pain_point", "code": "pain_slow", "min_score": 0.1}}
    preview = ada.send("bulk/preview", wanted)
    assert (preview["n_judged"], preview["n_needed"], bool(preview["refused"])) == (0, 10, True)
    ada.send("bulk/accept", wanted, expect=409)
    ada.send("bulk/undo", {"batch": "none"}, expect=409)


def test_a_codebook_that_is_edited_meanwhile_is_read_again(ada: Browser, study_path: Path) -> None:
    book = study_path / "codebook.yaml"
    text = book.read_text(encoding="utf-8")
    assert ada.get("book")["families"][1]["codes"][0]["name"] == "Slow"
    book.write_text(text.replace("name: Slow", "name: Sluggish"), encoding="utf-8", newline="\n")
    assert ada.get("book")["families"][1]["codes"][0]["name"] == "Sluggish"
    ada.send("batch", {"queue": "new"})


def test_a_codebook_that_does_not_validate_waits_for_its_repair(
    ada: Browser, study_path: Path
) -> None:
    book = study_path / "codebook.yaml"
    text = book.read_text(encoding="utf-8")
    book.write_text("codes: 7\n", encoding="utf-8", newline="\n")
    assert ada.client.get("/api/book").status_code == 503
    book.write_text(text, encoding="utf-8", newline="\n")
    assert ada.get("book")["families"]


def test_an_adjudicators_choice_is_a_third_record(ada: Browser, connect: Connect) -> None:
    item = assisted(ada)
    segment_id, one = item["segment_id"], item["suggestions"][0]
    code = {"family": one["family"], "code": one["code"]}
    span = {"start_char": one["start_char"], "end_char": one["end_char"]}
    ben = connect().come_in("Ben")
    ada.send("events", {"events": [event(segment_id, "add", **code, **span), done(segment_id)]})
    ben.send("events", {"events": [event(segment_id, "reject", **code), done(segment_id)]})
    zed = connect().come_in("Zed", Part.ADJUDICATOR)
    assert zed.get("cases")["differing"] == [segment_id]
    case = zed.get(f"cases/{segment_id}")
    (row,) = case["rows"]
    assert [(o["applies"], o["by"]) for o in row["options"]] == [(True, ["Ada"]), (False, ["Ben"])]
    zed.send("events", {"events": [event(segment_id, "add", **code, **span), done(segment_id)]})
    assert zed.get("cases") == {"differing": [], "agreed": [], "n_decided": 1}
    assert zed.get(f"cases/{segment_id}")["rows"][0]["chosen"] == 0
