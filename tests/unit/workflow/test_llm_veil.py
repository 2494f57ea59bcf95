"""What leaves the machine is masked, also where a study's own texts are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualcode.spans import apply_edits
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.llm_veil import veil_of
from qualcode.workflow.study import Study
from tests.unit.workflow.conftest import Write

TALK = "Interviewer: How was it?\nAda Moss: Fine. Tom Berger and I rang twice.\n"


@pytest.fixture
def unmasked(study: Study, write: Write) -> Study:
    ingest(study, [write("talk.txt", TALK)], IngestOptions(masked=False))
    return study


def veiled(study: Study, text: str) -> str:
    return veil_of(study, study.repository.sources.documents())(text)[0]


def test_the_names_that_label_voices_are_masked(unmasked: Study) -> None:
    assert veiled(unmasked, "Ada Moss said so.") == "[PERSON_1] said so."


def test_numbers_do_not_tell_which_text_was_sent_first(unmasked: Study) -> None:
    told = [veiled(unmasked, f"Write to {who}@example.org.") for who in ("ada", "ben")]
    assert told == ["Write to [EMAIL]."] * 2


def test_the_edits_lead_from_what_was_said_to_what_is_sent(unmasked: Study) -> None:
    text = "Ada Moss: ring +44 20 7946 0958, or write to ada@example.org."
    sent, edits = veil_of(unmasked, unmasked.repository.sources.documents())(text)
    assert apply_edits(text, edits) == sent and len(edits) == 3


def test_what_is_masked_already_stays(unmasked: Study) -> None:
    assert veiled(unmasked, "[PERSON_3] wrote to [EMAIL_2].") == "[PERSON_3] wrote to [EMAIL_2]."


def test_nobodys_placeholder_is_given_to_somebody_else(study: Study, write: Write) -> None:
    ingest(study, [write("talk.txt", TALK)], IngestOptions(names=("Tom Berger",)))
    masked = study.repository.sources.documents()[0].text
    settings = study.path / "study.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("# names = []", 'names = ["Zoe"]'), encoding="utf-8")
    with Study(study.path) as again:
        sent = veiled(again, "Zoe, Ada Moss and Tom Berger")
    zoe, others = sent.split(", ")
    assert zoe.startswith("[PERSON_") and zoe not in masked
    assert "[PERSON_1]" in others and "[PERSON_2]" in others


def test_the_studys_key_is_not_changed(unmasked: Study) -> None:
    before = unmasked.load_key().to_json()
    veiled(unmasked, "Ada Moss at ada@example.org")
    assert unmasked.load_key().to_json() == before


def test_dates_and_amounts_are_left(unmasked: Study, tmp_path: Path) -> None:
    text = "On 12 March 2024 I paid €1,250.50, on 3.5.2023 only £40."
    assert veiled(unmasked, text) == text
