import pytest

from qualcode.ingest.labels import name_like, opening, seconds, speaking


@pytest.mark.parametrize(
    ("line", "label", "start"),
    [
        ("Priya: hello", "Priya", None),
        ("[00:01:02] Priya: hello", "Priya", 62.0),
        ("00:01:02 Priya: hello", "Priya", 62.0),
        ("(1:02) - Priya: hello", "Priya", 62.0),
        ("Priya [00:01:02]: hello", "Priya", 62.0),
        ("Priya (01:02): hello", "Priya", 62.0),
        ("Priya: [01:02] hello", "Priya", 62.0),
        ("Tom (research): hello", "Tom (research)", None),
        ("Tom (research) [01:02.5]: hello", "Tom (research)", 62.5),
        ("王小明：hello", "王小明", None),
    ],
)
def test_a_label_is_found_with_its_time(line: str, label: str, start: float | None) -> None:
    found = opening(line)

    assert (found.label, found.start_seconds) == (label, start)
    assert line[found.words_start :] == "hello"


def test_a_name_and_a_time_alone_on_a_line_are_a_label() -> None:
    found = opening("Priya Nair  00:01:02")

    assert (found.label, found.start_seconds, found.colon) == ("Priya Nair", 62.0, False)


@pytest.mark.parametrize(
    "line",
    [
        "We met at 10:30 in the hall",
        "https://example.org/a",
        "this has far too many words in it to be: a label",
        "[sighs] well: no",
        "",
    ],
)
def test_prose_is_no_label(line: str) -> None:
    assert opening(line).label is None


def test_a_range_has_both_ends() -> None:
    found = opening("[00:01 - 00:04] hello")

    assert (found.start_seconds, found.end_seconds) == (1.0, 4.0)


def test_hours_minutes_and_fractions_are_seconds() -> None:
    assert [seconds(c) for c in ("1:00:01", "02:03,5", "0:04.25")] == [3601.0, 123.5, 4.25]


@pytest.mark.parametrize("label", ["P7", "INT", "Ana de Vries", "Q", "Tom (research)", "王小明"])
def test_names_and_roles_look_like_names(label: str) -> None:
    assert name_like(label)


@pytest.mark.parametrize("label", ["There is one thing", "My answer", "because", "But"])
def test_clauses_do_not_look_like_names(label: str) -> None:
    assert not name_like(label)


def test_a_label_that_occurs_once_counts_beside_others_only() -> None:
    assert speaking([("Ann", True)], n_blocks=9) == frozenset()
    assert speaking([("Ann", True), ("Bob", True), ("Bob", True)], n_blocks=9) == {"ann", "bob"}


def test_recurring_prose_is_no_speaker() -> None:
    prose = [("The thing is", True)] * 3

    assert speaking(prose, n_blocks=3) == frozenset()


def test_two_labels_in_a_two_turn_file_count() -> None:
    assert speaking([("Ann", True), ("Bob", True)], n_blocks=2) == {"ann", "bob"}


def test_digits_alone_are_no_label_and_lose_no_text() -> None:
    for line in ("10:30: I left", "2019: we moved", "1: yes"):
        assert (opening(line).label, opening(line).words_start) == (None, 0)


def test_a_label_that_says_interviewer_counts_from_its_first_occurrence() -> None:
    candidates = [("Ann", True), ("Interviewer", False), ("Ann", True)]

    assert speaking(candidates, n_blocks=9) == {"ann", "interviewer"}
