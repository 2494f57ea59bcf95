"""What is masked, what is left alone, and how placeholders stay stable."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest

from qualcode.errors import StudyError
from qualcode.ingest.pseudonyms import (
    Key,
    PathNames,
    find_edits,
    is_personal_label,
    mask_document,
    mask_path,
    names_of,
)
from qualcode.ingest.reading import Paragraph, assemble
from qualcode.records import Document, DocumentKind, Role, Speaker, TimeMark
from qualcode.spans import apply_edits

NAMES = ("Priya Nair", "Will Fenn", "May", "José Ñandú", "王伟", "Dr Osei")


def masked(text: str, names: tuple[str, ...] = NAMES) -> str:
    return apply_edits(text, find_edits(text, Key(), names))


def interview(*paragraphs: Paragraph, **fields: object) -> Document:
    text, turns = assemble(paragraphs)
    labels = dict.fromkeys(turn.speaker for turn in turns if turn.is_speech)
    speakers = tuple(Speaker(label, Role.UNKNOWN) for label in labels)
    document = Document("doc_1", "src_1", "a.txt", DocumentKind.INTERVIEW, text, turns, speakers)
    return replace(document, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to p.nair+x@example.co.uk.", "EMAIL"),
        ("p dot nair at example dot org", "EMAIL"),
        ("ring 07700 900146 please", "PHONE"),
        ("07700900146", "PHONE"),
        ("on +44 (0)7700 900146", "PHONE"),
        ("the office, (020) 7946 0018", "PHONE"),
        ("(212) 555-0199", "PHONE"),
        ("2125550199", "PHONE"),
        ("1-800-555-0199", "PHONE"),
        ("030 12345678", "PHONE"),
        ("0171/1234567", "PHONE"),
        ("01.42.68.53.00", "PHONE"),
        ("phone me: 555 0199", "PHONE"),
        ("0 7 7 0 0 9 0 0 1 4 6", "PHONE"),
        ("card 4111 1111 1111 1111", "CARD"),
        ("378282246310005", "CARD"),
        ("GB82 WEST 1234 5698 7654 32", "ACCOUNT"),
        ("sort code 12-34-56", "ACCOUNT"),
        ("account number is 12345678", "ACCOUNT"),
        ("ask @priya_n about it", "HANDLE"),
        ("203.0.113.77", "IP"),
        ("2001:db8::ff00:42:8329", "IP"),
        ("HG1 2AB", "POSTCODE"),
        ("at hg1 2ab", "POSTCODE"),
        ("K1A 0B1", "POSTCODE"),
        ("Beverly Hills, CA 90210", "POSTCODE"),
        ("90210-1234", "POSTCODE"),
        ("zip code 90210", "POSTCODE"),
        ("12345 Berlin", "POSTCODE"),
        ("1234 AB Amsterdam", "POSTCODE"),
    ],
)
def test_a_contact_detail_is_masked_as_its_kind(text: str, kind: str) -> None:
    out = masked(text)
    assert f"[{kind}_1]" in out
    assert not re.search(r"\d{3}", out)


@pytest.mark.parametrize(
    "text",
    [
        "2022-2023",
        "2022-01-02 02/03/2022",
        "02.03.2022",
        "10:30",
        "0900-1700",
        "£1000000",
        "10,000",
        "1 000 000",
        "5000000 euro",
        "NEAS PTS 528",
        "order number 1234567",
        "v1.2.3.4567890",
        "0.1234567",
        "0 1 2 3 4 5 6 7 8 9 10",
        "4111111111111112",
        "GB82WEST12345698765433",
        "134b88d2-0485-4026-913c-2ef74b340abc",
        "version 10.4.2.1 of the app, at 10:30:45",
        "see you @ 5pm, @5pm or @home",
        "on the m1 2nd exit",
        "10000 People came",
        "in 2023 UK users had 1234 MB",
    ],
)
def test_numbers_that_identify_nobody_stay(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Priya Nair and Priya's dog and Nair’s",
            "[PERSON_1] and [PERSON_1]'s dog and [PERSON_1]’s",
        ),
        ("Priyas Rad", "[PERSON_1]s Rad"),
        ("Priyanka, Nairobi, priya", "Priyanka, Nairobi, priya"),
        ("Jose\u0301 N\u0303andu\u0301, Jose", "[PERSON_1], Jose"),
        ("José", "[PERSON_1]"),
        ("昨天王伟说", "昨天[PERSON_1]说"),
        ("I met Osei", "I met [PERSON_1]"),
        ("Will you? I think Will said so.", "Will you? I think [PERSON_1] said so."),
        ("Will said so.", "[PERSON_1] said so."),
        (
            "May I? In May, on 3 May. I met May there.",
            "May I? In May, on 3 May. I met [PERSON_1] there.",
        ),
        ("I will. THE WILL", "I will. THE WILL"),
    ],
)
def test_a_listed_name_is_masked_only_where_it_is_a_name(text: str, expected: str) -> None:
    assert masked(text) == expected


def test_a_name_is_found_in_captions_that_have_no_capitals() -> None:
    said = "so yeah priya told us that we could go and that it was fine with all of them"
    assert "[PERSON_1] told" in masked(said)


def test_placeholders_are_not_masked_again() -> None:
    once = masked("Priya, 07700 900146, a.b@example.org, HG1 2AB")
    assert masked(once, ("Priya", "PERSON", "EMAIL")) == once


def test_the_same_value_keeps_its_number_however_it_is_written() -> None:
    key = Key()
    assert key.placeholder("EMAIL", "A@example.org") == "[EMAIL_1]"
    assert key.placeholder("EMAIL", "b@example.org") == "[EMAIL_2]"
    assert key.placeholder("EMAIL", "a@Example.org") == "[EMAIL_1]"
    assert key.placeholder("PHONE", "07700 900146") == "[PHONE_1]"
    assert key.placeholder("PHONE", "+44 (0)7700-900146") == "[PHONE_1]"


def test_all_forms_of_one_person_lead_to_one_placeholder() -> None:
    key = Key()
    forms = ("Priya Nair", "Priya", "Nair", "Nair, Priya", "Dr Nair", "PRIYA NAIR", "Priya’s")
    assert {key.placeholder("PERSON", form) for form in forms} == {"[PERSON_1]"}


def test_a_full_name_joins_the_person_known_by_first_name() -> None:
    key = Key()
    assert key.placeholder("PERSON", "Priya") == key.placeholder("PERSON", "Priya Nair")


def test_two_people_who_share_a_first_name_stay_two_and_the_key_notes_it() -> None:
    key = Key()
    assert key.placeholder("PERSON", "Anna Berg") == "[PERSON_1]"
    assert key.placeholder("PERSON", "Anna Abel") == "[PERSON_2]"
    assert key.placeholder("PERSON", "Anna") == "[PERSON_1]"
    assert len(key.notes) == 1
    assert "[PERSON_2]" in key.notes[0]
    assert "Anna" not in key.notes[0]


def test_the_key_names_the_persons_it_knows_in_order() -> None:
    key = Key()
    for name in ("Priya", "Anna Nair", "Priya Nair"):
        key.placeholder("PERSON", name)
    assert key.persons == ("Priya", "Priya Nair", "Anna Nair")


@pytest.mark.alone
def test_a_survey_of_thousands_of_rows_is_masked_in_little_time() -> None:
    key = Key()
    names = tuple(f"Forename{n} Surname{n}" for n in range(100))
    begin = time.perf_counter()
    for n in range(2000):
        find_edits(f"Surname{n % 100} helped me at the till", key, names)
    assert time.perf_counter() - begin < 4
    assert len(key.persons) == 100


def test_a_key_survives_json_unchanged() -> None:
    key = Key()
    for name in ("Priya", "Anna Nair", "Priya Nair", "Anna Abel"):
        key.placeholder("PERSON", name)
    again = Key.from_json(key.to_json())
    assert again.to_json() == key.to_json()
    assert again.placeholder("PERSON", "Nair") == key.placeholder("PERSON", "Nair")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "notes": 3}'])
def test_a_damaged_key_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(StudyError) as caught:
        Key.from_json(text)
    assert caught.value.hint
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("kind", ["CITY", ""])
def test_an_unknown_kind_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        Key().placeholder(kind, "x")


@pytest.mark.parametrize(
    "label", ["Priya Nair", "Colm", "Tom (research)", "PRIYA", "王伟", "Dr Osei", "Nurse Okoro"]
)
def test_a_label_that_names_somebody_is_personal(label: str) -> None:
    assert is_personal_label(label)


@pytest.mark.parametrize(
    "label",
    [
        "Interviewer",
        "INT",
        "P7",
        "Participant",
        "Speaker 1",
        "Moderator",
        "Q",
        "A",
        "Respondent 3",
        "Customer",
        "Host",
        "Researcher",
        "Audience Member",
        "Unknown",
        "[PERSON_1] (research)",
        "",
    ],
)
def test_a_label_that_names_a_part_in_the_talk_is_not_personal(label: str) -> None:
    assert not is_personal_label(label)


def test_names_come_from_labels_without_their_notes() -> None:
    document = interview(Paragraph("Hi", "Tom (research)"), Paragraph("Yo", "Leila (she/her)"))
    assert names_of(document) == ("Tom", "Leila")


def test_masking_a_document_keeps_labels_turns_and_marks_in_step() -> None:
    document = interview(
        Paragraph("Hello Priya Nair.", "TOM (research)"),
        Paragraph(
            "Hi. Ask Tom at t@example.org now",
            "Priya Nair",
            True,
            (TimeMark(0, 1.0, 2.0), TimeMark(28, 3.0, 4.0)),
        ),
    )
    new, edits = mask_document(document, Key(), ())
    assert new.text == apply_edits(document.text, edits)
    assert new.text == (
        "[PERSON_1] (research): Hello [PERSON_2].\n[PERSON_2]: Hi. Ask [PERSON_1] at [EMAIL_1] now"
    )
    assert [turn.speaker for turn in new.turns] == ["[PERSON_1] (research)", "[PERSON_2]"]
    assert [speaker.label for speaker in new.speakers] == ["[PERSON_1] (research)", "[PERSON_2]"]
    assert new.turns[1].span.of(new.text) == "Hi. Ask [PERSON_1] at [EMAIL_1] now"
    assert new.text[new.turns[1].marks[1].start_char :] == " now"


def test_labels_that_become_equal_are_one_speaker() -> None:
    document = interview(Paragraph("Hello", "Anna Berg"), Paragraph("Still me", "Anna"))
    new, _ = mask_document(document, Key(), ())
    assert [speaker.label for speaker in new.speakers] == ["[PERSON_1]"]
    assert {turn.speaker for turn in new.turns} == {"[PERSON_1]"}


def test_ids_and_attribute_values_are_masked_where_they_identify() -> None:
    document = interview(
        Paragraph("Hello", "P1"),
        external_id="12389393327",
        participant_id="p.nair@example.org",
        attributes={"Priya Nair": "Priya Nair", "tel": "07700 900146", "nps": "9", "month": "May"},
    )
    new, _ = mask_document(document, Key(), ("Priya Nair",))
    assert new.external_id == "12389393327"
    assert new.participant_id == "[EMAIL_1]"
    assert dict(new.attributes) == {
        "[PERSON_1]": "[PERSON_1]",
        "tel": "[PHONE_1]",
        "nps": "9",
        "month": "May",
    }


@pytest.mark.alone
@pytest.mark.parametrize(
    "unit",
    ["1", "@", "1 ", "a@", "0", "1-", "07 ", "4111 ", "a at ", "a dot ", "A1 ", "call ", "(", "\n"],
)
def test_time_grows_no_faster_than_the_text(unit: str) -> None:
    def seconds(n_char: int) -> float:
        text = (unit * n_char)[:n_char]
        best = float("inf")
        for _ in range(2):
            begin = time.perf_counter()
            find_edits(text, Key(), NAMES)
            best = min(best, time.perf_counter() - begin)
        return best

    # Quadratic time would multiply by 64; the allowance is for a busy machine.
    assert seconds(64_000) < 24 * max(seconds(8_000), 0.004)


@pytest.mark.parametrize(
    ("path", "masked"),
    [
        ("priya-nair.vtt", "[PERSON_1]-[PERSON_1].vtt"),
        ("wave 2/Priya (call).docx", "wave 2/[PERSON_1] (call).docx"),
        ("interview-03.txt", "interview-03.txt"),
        ("priyanka.txt", "priyanka.txt"),
    ],
)
def test_a_name_in_a_files_path_is_masked_whatever_its_capitals(path: str, masked: str) -> None:
    assert mask_path(path, Key(), ["Priya Nair"]) == masked


def test_names_that_are_met_one_by_one_mask_paths_like_all_of_them_at_once() -> None:
    names = ["Priya Nair", "Zoe Nair", "Ada Priya"]
    met = PathNames(Key(), names[:1])
    met.add(names[1:])
    path = "nair-priya-zoe.vtt"
    assert met.masked(path) == mask_path(path, Key(), sorted(names))
