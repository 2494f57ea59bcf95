from pathlib import PurePath

import pytest

from qualcode.errors import SourceError
from qualcode.ingest.interview import read_interview
from qualcode.ingest.reading import Reading
from tests.pdf_files import deflated_spaces, page_of, pdf_of, stream_of, talk_page

TALK = talk_page(
    [
        ("Ann:", ["I went to the experi-", "ence centre of the old caf\xe9 in the town", "twice."]),
        ("Bo:", ["How was it?"]),
        ("Ann:", ["It was fine until they closed the", "counter at noon."]),
    ]
)
ANNS = "I went to the experi-\nence centre of the old caf\xe9 in the town twice."


def read(*pages: str | bytes, **more: object) -> Reading:
    return read_interview(pdf_of(*pages, **more), PurePath("a.pdf"))  # type: ignore[arg-type]


def said(*pages: str) -> list[tuple[str | None, str]]:
    return [(p.speaker, p.text) for p in read(*pages).paragraphs if p.is_speech]


def test_turns_with_hanging_lines_are_read_and_a_hyphen_stays_at_its_line_end() -> None:
    assert said(page_of(*TALK)) == [
        ("Ann", ANNS),
        ("Bo", "How was it?"),
        ("Ann", "It was fine until they closed the counter at noon."),
    ]


def test_a_turn_goes_on_over_a_page_break() -> None:
    first = talk_page([("Bo:", ["How was it?"]), ("Ann:", ["It was fine until they closed the"])])
    second = talk_page([("", ["counter at noon."]), ("Bo:", ["And then?"])])

    assert said(page_of(*first), page_of(*second)) == [
        ("Bo", "How was it?"),
        ("Ann", "It was fine until they closed the counter at noon."),
        ("Bo", "And then?"),
    ]


def test_headers_and_footers_are_left_out_and_counted() -> None:
    pages = [
        page_of((72, 805, "Interview 4"), (450, 805, "Confidential"), *TALK, (280, 30, f"Page {n}"))
        for n in (1, 2, 3)
    ]

    reading = read(*pages)
    assert not any("Confidential" in p.text or "Page" in p.text for p in reading.paragraphs)
    assert [line.split(" stand")[0] for line in reading.skipped] == [
        "header of 3 pages: 9 words",
        "footer of 3 pages: 6 words",
    ]


def test_a_line_that_recurs_at_the_top_without_a_gap_is_talk() -> None:
    lines = ["Good morning.", "And then we went there again by train."]
    pages = [page_of((72, 760, lines[0]), (72, 746, lines[1])) for _ in range(3)]

    assert " ".join(text for _, text in said(*pages)).count("Good morning.") == 3


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [(72, 740 - 14 * k, f"left {k} runs on through the column") for k in range(6)]
    right = [(320, 735 - 14 * k, f"right {k} runs on through the column") for k in range(6)]
    title = (72, 775, "A title that runs over both of the columns and much further on the page")

    words = " ".join(text for _, text in said(page_of(title, *left, *right)))
    assert [int(w) for w in words.split() if w.isdecimal()] == [0, 1, 2, 3, 4, 5] * 2
    assert words.index("title") < words.index("left 0") < words.index("left 5")
    assert words.index("left 5") < words.index("right 0")


def test_names_in_a_column_of_their_own_stay_beside_their_words() -> None:
    names = ["Ann", "Bo", "Ann", "Bo", "Ann"]
    words = [f"these are the words of turn {n} in full" for n in range(5)]
    placed = [
        place
        for n, (name, text) in enumerate(zip(names, words, strict=True))
        for place in ((72, 700 - 20 * n, name), (200, 700 - 20 * n, text))
    ]

    assert said(page_of(*placed)) == list(zip(names, words, strict=True))


def test_tabs_between_words_are_spaces() -> None:
    assert said(page_of((72, 700, "I\tcame\tin\tMay."))) == [(None, "I came in May.")]


def test_a_wider_gap_between_lines_ends_a_paragraph() -> None:
    page = page_of(
        (72, 700, "One line that runs on to the margin"),
        (72, 686, "and ends here for a while now and so"),
        (72, 658, "Another one that runs on to the margin"),
        (72, 644, "and ends there for a while now and so"),
    )

    assert [text[:7] for _, text in said(page)] == ["One lin", "Another"]


def test_a_line_in_larger_letters_is_a_heading() -> None:
    page = stream_of([(72, 760, "Part 1")], size=18) + page_of((72, 700, "I came in May."))

    assert [(p.text, p.is_speech) for p in read(page).paragraphs] == [
        ("Part 1", False),
        ("I came in May.", True),
    ]


@pytest.mark.parametrize("matrix", ["0 1 -1 0", "0 -1 1 0", "-1 0 0 -1"])
def test_a_turned_page_is_read(matrix: str) -> None:
    a, b, _, _ = (int(part) for part in matrix.split())
    # The next line lies below, which is to the left or right of a line that runs up or down.
    second = (300 + 14 * b, 400 - 14 * a, "two three")
    page = stream_of([(300, 400, "zero one"), second], matrix=matrix)

    assert said(page) == [(None, "zero one two three")]


def test_letters_aslant_are_left_out_and_counted() -> None:
    page = page_of((72, 700, "I came in May.")) + stream_of(
        [(200, 200, "DRAFT")], matrix="0.7 0.7 -0.7 0.7"
    )

    reading = read(page)
    assert [p.text for p in reading.paragraphs] == ["I came in May."]
    assert reading.skipped == ("page 1: 5 letters stand aslant and are left out",)


def test_text_from_right_to_left_is_read_in_its_order() -> None:
    # Three letters, drawn from left to right: gimel, bet, alef are read alef, bet, gimel.
    letters = "<41> <05D0>\n<42> <05D1>\n<43> <05D2>"

    reading = read(page_of((72, 700, "C"), (140, 700, "B"), (200, 700, "A")), tounicode=letters)
    assert reading.paragraphs[0].text.split() == ["\u05d0", "\u05d1", "\u05d2"]


def test_a_comment_on_the_page_is_counted() -> None:
    note = b"/Annots[<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(hm)>>]"

    assert read(page_of((72, 700, "I came.")), page_more=note).skipped == (
        "page 1: 1 comments or form fields are left out",
    )


def test_a_page_without_text_is_told() -> None:
    assert read(page_of((72, 700, "I came.")), "").skipped == (
        "page 2: no text layer; a picture of words there is not read",
    )


def test_a_file_without_a_text_layer_is_refused() -> None:
    with pytest.raises(SourceError, match=r"a\.pdf: a PDF without a text layer \(2 pages") as error:
        read("", "0 0 100 100 re f")

    assert "OCR" in str(error.value.hint)


def test_letters_that_mean_nothing_are_refused() -> None:
    private = "\n".join(f"<{code:02X}> <E0{code:02X}>" for code in range(0x41, 0x5B))

    with pytest.raises(SourceError, match="do not say which letters they are"):
        read(page_of((72, 700, "THESE ARE WORDS")), tounicode=private)


def test_a_cut_off_file_is_refused() -> None:
    data = pdf_of(page_of(*TALK))

    with pytest.raises(SourceError, match="cut-off PDF"):
        read_interview(data[: len(data) // 2], PurePath("a.pdf"))


def test_rubbish_in_a_pdf_is_refused() -> None:
    with pytest.raises(SourceError, match="damaged PDF"):
        read_interview(b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"%%EOF", PurePath("a.pdf"))


def test_a_page_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(SourceError, match=r"far more (time|memory|longer).*\(page 1\)|far longer"):
        read(deflated_spaces(400), n_deflated=2)


def test_more_letters_than_an_interview_has_are_refused() -> None:
    page = page_of(*[(72, 10 + 10 * k, "a" * 450) for k in range(80)])

    with pytest.raises(SourceError, match="more than a million characters"):
        read(*[page] * 30)


def test_a_pdf_under_another_name_is_read() -> None:
    reading = read_interview(pdf_of(page_of((72, 700, "I came."))), PurePath("a.txt"))

    assert (reading.format, reading.encoding) == ("pdf", "binary")
