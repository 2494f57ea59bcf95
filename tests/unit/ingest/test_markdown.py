from pathlib import PurePath

import pytest

from qualcode.ingest.markdown import MarkdownReader, as_seen
from qualcode.ingest.reading import Reading

TALK = "\n\n".join(
    f"**Host:** How was step {n}?\n\n**Guest:** It was slow, and then it worked." for n in range(4)
)


def read(text: str) -> Reading:
    return MarkdownReader().read(text.encode(), PurePath("a.md"), None)


def said(text: str) -> list[tuple[str | None, str]]:
    return [(p.speaker, p.text) for p in read(text).paragraphs if p.is_speech]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("**bold** and *soft* and _low_", "bold and soft and low"),
        ("[the page](https://example.org/a_(b))", "the page"),
        ("f***ing and s***ty", "f***ing and s***ty"),
        ("snake_case_name", "snake_case_name"),
        (r"\*not\* `code`", "*not* code"),
        ("Q&amp;A", "Q&A"),
        ("2 * 3 * 4", "2 * 3 * 4"),
    ],
)
def test_a_line_is_shown_without_its_markup(source: str, shown: str) -> None:
    assert as_seen(source) == shown


@pytest.mark.parametrize(
    "label", ["**Ann:** ", "**Ann**: ", "Ann: ", "**Ann:**  \n", "- **Ann:** "]
)
def test_every_way_to_write_a_label_is_one(label: str) -> None:
    text = f"**Ann:** one\n\n**Bo:** two\n\n{label}three\n\n**Bo:** four"

    assert said(text)[2] == ("Ann", "three")


@pytest.mark.parametrize("text", [TALK, "# Talk\n\n> **Ann**\n\n- one\n\n- two\n\n**Bo:** x\n\n"])
def test_any_number_of_blank_lines_is_one(text: str) -> None:
    assert read(text.replace("\n\n", "\n \n\n\t\n")).paragraphs == read(text).paragraphs


def test_a_bold_name_over_its_words_is_a_label() -> None:
    assert said("**Ann Bly**  \nHello.\n\n**Bo Ek**  \nHi.") == [
        ("Ann Bly", "Hello."),
        ("Bo Ek", "Hi."),
    ]


def test_headings_are_seen_and_not_said() -> None:
    paragraphs = read(f"# The *talk*\n\n{TALK}").paragraphs

    assert (paragraphs[0].text, paragraphs[0].is_speech) == ("The talk", False)


def test_a_bold_line_of_its_own_is_a_heading() -> None:
    text = f"{TALK}\n\n**Next steps:**\n\n**Guest:** yes"

    assert [p.is_speech for p in read(text).paragraphs if p.text == "Next steps:"] == [False]


def test_front_matter_goes_and_is_reported() -> None:
    reading = read(f"---\ntitle: x\ntags:\n  - y\n---\n{TALK}")

    assert reading.skipped == ("lines 1-5: front matter",)
    assert reading.paragraphs[0].speaker == "Host"


def test_talk_between_two_rules_is_no_front_matter() -> None:
    assert said("---\nAnn: one\nBo: two\nAnn: three\n---\nBo: four")[0] == ("Ann", "one")


def test_the_second_copy_and_words_about_the_talk_are_left_out_with_their_lines() -> None:
    text = f"# T\n\n## Description\n\nAbout.\n\n## Summary\n\nShort.\n\n# Talk\n\n{TALK}\n\n"
    n_before = text.count("\n") + 1
    reading = read(f"{text}## Raw YouTube Transcript\n\nso how was it\n")
    shown = " ".join(p.text for p in reading.paragraphs)

    assert not any(words in shown for words in ("About", "Short", "so how was it"))
    assert [line.partition(":")[0] for line in reading.skipped] == [
        "lines 3-6",
        "lines 7-10",
        f"lines {n_before}-{n_before + 3}",
    ]


def test_the_raw_part_is_read_when_it_is_the_only_body() -> None:
    raw = "so how was it then well it was slow " * 6

    assert raw.strip() in [
        text for _, text in said(f"## Summary\n\nX.\n\n## Raw Transcript\n\n{raw}")
    ]


def test_a_lone_section_named_summary_is_read() -> None:
    assert said("# Summary\n\nWe were fine.") == [(None, "We were fine.")]


def test_a_paragraph_goes_on_with_the_speaker_before_it() -> None:
    assert said(f"{TALK}\n\nAnd it went on for weeks.")[-1] == (
        "Guest",
        "And it went on for weeks.",
    )


@pytest.mark.parametrize(
    "words",
    [
        "So what came next?",
        "Thank you for being here.",
        "I saw you mentioned rain.",
        "Lovely, Guest, go on.",
    ],
)
def test_an_unlabelled_paragraph_that_may_be_the_hosts_is_nobodys(words: str) -> None:
    assert said(f"{TALK}\n\n{words}\n\nUnclear.")[-2:] == [(None, words), (None, "Unclear.")]


def test_after_a_heading_or_rule_an_unlabelled_voice_is_unknown() -> None:
    assert said(f"{TALK}\n\n### Questions\n\nWelcome back.")[-1] == (None, "Welcome back.")
    assert said(f"{TALK}\n\n---\n\nWelcome back.")[-1] == (None, "Welcome back.")


def test_bullets_of_things_are_no_speakers() -> None:
    speakers = {s for s, _ in said(f"{TALK}\n\n- **Servers:** three.\n- **Clients:** two.")}

    assert speakers == {"Host", "Guest"}


def test_one_bold_label_counts_alone() -> None:
    assert said("## Start\n\n**Dan:** Hello there.\n\nI work in a shop.")[0] == (
        "Dan",
        "Hello there.",
    )


def test_only_a_quote_mark_at_the_line_begin_goes_away() -> None:
    text = "**Nina:** It took > 3 weeks, 5>3.\n\n> **Bo:** Quoted.\n\n**Nina:** Yes.\n\n**Bo:** No."
    assert said(text)[0] == ("Nina", "It took > 3 weeks, 5>3.")
