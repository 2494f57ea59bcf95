"""The review page at a real keyboard: each key is one decision, and each can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from qualcode.review_events import Action
from tests.review_page_sample import Served, events_of

pytestmark = pytest.mark.browser

ComeIn = Callable[..., Any]
EXIT = "Waiting at the exit"  # suggested beside "Waiting" where a barrier and a queue are told of


def actions(served: Served, name: str, **options: Any) -> list[str]:
    return [event.action.value for event in events_of(served.study, name, **options)]


def test_twenty_fast_keys_are_twenty_decisions(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Fast").open()
    order = desk.page.evaluate(
        "JSON.parse(Object.entries(sessionStorage)[0][1]).batches.new.batch.segment_ids"
    )
    desk.press(*["Enter"] * 20).sent()
    events = events_of(served.study, "Fast")
    assert [(e.action, e.segment_id) for e in events] == [(Action.DONE, id_) for id_ in order]


def test_twenty_fast_keys_of_two_kinds_reach_the_segments_they_were_meant_for(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Alternating").open(size=10)
    desk.press(*["f", "Enter"] * 10).sent()
    events = events_of(served.study, "Alternating")
    assert [e.action.value for e in events] == ["flag", "done"] * 10
    assert [e.segment_id for e in events[::2]] == [e.segment_id for e in events[1::2]]


def test_a_key_held_down_is_one_decision(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Heavy hand").open(size=5)
    for _ in range(6):
        desk.page.keyboard.down("Enter")
    desk.page.keyboard.up("Enter")
    desk.sent()
    assert actions(served, "Heavy hand") == ["done"]


def test_accepting_and_rejecting_go_on_to_the_next_suggestion(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Judge").open("code:wait_exit", 5).until(False, has=EXIT)
    names = desk.lines()
    assert len(names) == 2
    desk.press("a", "x").sent()
    assert desk.page.locator(".line.yes .name").all_text_contents() == names[:1]
    assert desk.page.locator(".line.no .name").all_text_contents() == names[1:]
    assert actions(served, "Judge") == ["accept", "reject"]


def test_a_number_after_a_rejection_says_why_and_undo_takes_both_back(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Reasons").open("code:wait_exit", 5).until(False, has=EXIT)
    desk.press("x")
    assert desk.page.locator("#hints").text_content().count("span too wide") == 1
    desk.press("6").sent()
    assert events_of(served.study, "Reasons")[-1].reason == "too_wide"
    desk.press("u").sent()
    assert events_of(served.study, "Reasons", standing=True) == []


def test_any_other_key_after_a_rejection_goes_on_as_ever(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "No reason").open("code:wait_exit", 5).until(False, has=EXIT)
    desk.press("x", "Enter").sent()
    assert actions(served, "No reason") == ["reject", "done"]
    assert desk.page.locator("#hints").text_content().count("span too wide") == 0


def test_all_suggestions_are_accepted_with_one_key_and_taken_back_with_one(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "All").open("code:wait_exit", 5).until(False, has=EXIT)
    desk.press("A").sent()
    assert actions(served, "All") == ["accept", "accept"]
    desk.press("u").sent()
    assert actions(served, "All", standing=True) == []


def test_done_says_that_all_families_were_judged(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Done").open(size=5).press("Enter").sent()
    assert desk.place.startswith("2 of")
    (event,) = events_of(served.study, "Done")
    assert event.value["families"] == ["stage", "pain_point", "need"]


def test_undo_goes_back_across_segments_also_after_a_reload(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Undoer").open("code:wait", 5)
    desk.press("f", "Enter", "f", "Enter").sent()
    assert desk.place == "3 of 5"
    desk.page.reload()
    desk.settled()
    assert desk.place == "3 of 5"
    desk.press("u", "u")
    assert desk.place == "2 of 5"
    desk.press("u", "u").sent()
    assert desk.place == "1 of 5"
    desk.page.locator(".badge.flagged").wait_for(state="detached")
    assert actions(served, "Undoer", standing=True) == []
    desk.press("u")
    desk.page.get_by_text("There is nothing to take back").first.wait_for(state="attached")


def test_what_was_done_in_another_browser_can_be_taken_back_too(
    served: Served, come_in: ComeIn
) -> None:
    come_in(served, "Traveller").open(size=5).press("f", "Enter").sent()
    other = come_in(served, "Traveller").open(size=5)
    other.page.evaluate("localStorage.clear()")
    other.page.reload()
    other.settled()
    other.press("u")
    other.page.get_by_text("Took back: Done").first.wait_for(state="attached")
    other.press("u")
    other.page.get_by_text("Took back: Flagged").first.wait_for(state="attached")
    other.sent()
    assert actions(served, "Traveller", standing=True) == []


def test_what_was_taken_back_can_be_done_again(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Redoer").open(size=5).press("f", "u", "U").sent()
    assert actions(served, "Redoer") == ["flag", "undo", "undo"]
    assert actions(served, "Redoer", standing=True) == ["flag"]
    assert desk.page.locator(".badge.flagged").count() == 1


def test_a_number_sets_the_nth_code_of_the_focused_family_and_takes_it_away(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Numbers").open("code:wait_exit", 5).until(False, has=EXIT)
    desk.press("3")
    assert desk.said == "Set “Broken machine”"
    desk.press("3").sent()
    assert [(e.action.value, e.code) for e in events_of(served.study, "Numbers")] == [
        ("add", "broken"),
        ("clear", "broken"),
    ]


def test_a_code_is_found_by_typing_and_set_on_the_segment(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Typist").open("code:wait_exit", 5).until(False, has=EXIT).press("c")
    desk.page.keyboard.type("too de")
    desk.press("Enter").sent()
    (event,) = events_of(served.study, "Typist")
    segment = desk.text("mark.segment")
    assert (event.action, event.code) == (Action.ADD, "dear")
    assert event.end_char - event.start_char == len(segment)


def test_a_code_is_changed_to_another_of_its_family(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Changer").open("code:wait_exit", 5).until(False, has=EXIT).press("e")
    desk.page.keyboard.type("broken")
    desk.press("Enter").sent()
    (event,) = events_of(served.study, "Changer")
    assert (event.action, event.code, event.value["instead_of"]) == ("change", "broken", "wait")


def test_arrows_move_the_ends_of_a_coding_by_words_and_by_characters(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Mover").open("code:wait_exit", 5).until(False, has=EXIT)
    text = desk.text("mark.segment")
    assert text.startswith("The barrier and the queue were slow ")
    desk.press("s", "ArrowRight", "d", "ArrowLeft", "Shift+ArrowLeft", "Enter").sent()
    (event,) = events_of(served.study, "Mover")
    assert event.action is Action.SPAN
    assert text[event.start_char : event.end_char] == "barrier and the queue were slo"
    desk.press("s", "ArrowRight", "Escape")
    assert len(events_of(served.study, "Mover")) == 1


def test_words_chosen_with_the_keyboard_get_the_code(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Chooser").open("code:wait_exit", 5).until(False, has=EXIT)
    desk.press("w", "ArrowRight", "Shift+ArrowRight", "3").sent()
    (event,) = events_of(served.study, "Chooser")
    assert desk.text("mark.segment.coded") == "barrier and"
    assert (event.code, event.end_char - event.start_char) == ("broken", len("barrier and"))


def test_words_selected_with_the_mouse_get_the_code_whole(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Mouse").open("code:wait_exit", 5).until(False, has=EXIT)
    box = desk.page.evaluate(
        """() => { const node = document.querySelector('mark.segment').firstChild;
        const at = (n) => { const r = document.createRange(); r.setStart(node, n);
          r.setEnd(node, n + 1); const b = r.getBoundingClientRect();
          return [b.left + 1, b.top + b.height / 2]; };
        return [at(6), at(13)]; }"""
    )
    desk.page.mouse.move(*box[0])
    desk.page.mouse.down()
    desk.page.mouse.move(*box[1], steps=4)
    desk.page.mouse.up()
    assert desk.text(".chosen") == "barrier and"
    desk.press("c")
    desk.page.keyboard.type("signs")
    desk.press("Enter").sent()
    (event,) = events_of(served.study, "Mouse")
    assert (event.family, event.code, event.end_char - event.start_char) == ("need", "sign", 11)


def test_a_note_a_flag_and_a_skip_are_kept(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Noter").open(size=5).press("n")
    desk.page.keyboard.type("ask <b>Ada</b>")
    desk.press("Enter", "f", "Space").sent()
    events = events_of(served.study, "Noter")
    assert [e.action.value for e in events] == ["note", "flag", "skip"]
    assert events[0].value["text"] == "ask <b>Ada</b>"
    desk.press("k")
    assert desk.text(".notes li") == "ask <b>Ada</b>"


def test_the_end_of_a_batch_says_what_came_of_it_and_one_key_goes_on(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Finisher").open("code:dear", 3)
    desk.press("Enter", "Enter", "Enter")
    assert desk.text("#summary h1") == "3 segments done"
    desk.press("Enter")  # too soon to be meant
    assert desk.page.locator("#summary").is_visible()
    desk.page.wait_for_timeout(600)
    desk.press("Enter")
    desk.page.locator(".turn.current").wait_for()
    assert desk.place.startswith("1 of")


def test_a_key_that_a_person_chose_works_and_the_old_one_does_not(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Remapper")
    desk.page.goto(f"{served.base}/help")
    desk.page.locator('[data-id="flag"]').click()
    desk.press("m")
    desk.open(size=5).press("f", "m").sent()
    assert actions(served, "Remapper") == ["flag"]


def test_single_keys_can_be_switched_off_and_buttons_still_work(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Clicker")
    desk.page.goto(f"{served.base}/help")
    desk.page.locator("#keys-off").check()
    desk.open(size=5).press("f", "Enter", "3")
    desk.page.get_by_role("button", name="flag").click()
    desk.sent()
    assert actions(served, "Clicker") == ["flag"]


def test_caps_lock_does_not_accept_everything(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Caps").open("code:wait_exit", 5).until(False, has=EXIT)
    desk.page.evaluate(
        """() => { const press = new KeyboardEvent('keydown', {key: 'A', code: 'KeyA',
        bubbles: true, modifierCapsLock: true}); document.activeElement.dispatchEvent(press); }"""
    )
    desk.sent()
    assert actions(served, "Caps") == ["accept"]


def test_what_was_decided_is_announced(served: Served, come_in: ComeIn) -> None:
    desk = come_in(served, "Listener").open("code:wait_exit", 5).until(False, has=EXIT).press("a")
    assert desk.said == "Accepted “Waiting”"
    assert desk.page.locator("#said").get_attribute("role") == "status"
    desk.press("Enter").settled()
    assert desk.text("#here").startswith("2 of 5")
    assert desk.text("mark.segment") in desk.text("#here")


def test_keys_pressed_before_their_segment_is_there_mean_what_they_meant(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Early").open(size=20)
    held = []
    desk.page.route("**/api/items**", lambda route: held.append(route))
    desk.press(*["Enter"] * 12)  # further than the page has fetched
    desk.press("c", "Escape", "/")
    desk.page.keyboard.type("quex")
    desk.press("Backspace")
    desk.page.keyboard.type("ue")
    assert (desk.page.locator("dialog").count(), len(held) > 0) == (0, True)
    desk.page.unroute("**/api/items**")  # lets those that are held go on
    desk.page.locator("dialog.search [role=option]").first.wait_for()
    assert desk.page.locator("dialog").count() == 1
    assert desk.page.locator("dialog input").input_value() == "queue"
    desk.press("Escape").sent()
    assert actions(served, "Early") == ["done"] * 12


def test_the_transcript_is_one_key_away_and_so_is_the_way_back(
    served: Served, come_in: ComeIn
) -> None:
    desk = come_in(served, "Reader").open(size=5).press("Enter").settled()
    words = desk.text("mark.segment")
    desk.press("t")
    desk.page.wait_for_url("**/transcript/**")
    assert desk.text("#segment") == words
    desk.press("t")
    desk.page.wait_for_url("**/review**")
    desk.settled()
    assert desk.place == "2 of 5"
