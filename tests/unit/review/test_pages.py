"""The pages as they are filled: whatever a study holds stays text."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from markupsafe import escape
from starlette.testclient import TestClient

from qualcode.review.addresses import Addresses
from qualcode.review.app import make_app
from qualcode.review.invitations import Invitations
from qualcode.review.service import Service
from qualcode.settings import Charter
from qualcode.workflow.ingest import IngestOptions, ingest
from qualcode.workflow.study import create_study
from tests.unit.review.conftest import HOSTILE, ORIGIN, Browser

NAME = "<b>Bö</b> & Søns"


@pytest.fixture
def hostile(tmp_path: Path) -> Iterator[Browser]:
    """Come in to a study whose every text is hostile, by a hostile name."""
    talk = tmp_path / "talk & 'co'.txt"
    talk.write_text(
        f"Interviewer: How was it?\nAda: {HOSTILE} It came late. That was bad. I rang them.\n"
        f"Interviewer: {HOSTILE}\n",
        encoding="utf-8",
        newline="\n",
    )
    with create_study(tmp_path / "study", name=HOSTILE, charter=Charter()) as study:
        ingest(study, [talk], IngestOptions(masked=False))
    service = Service(tmp_path / "study", "0123abcd", Addresses("127.0.0.1", 20000), Invitations())
    with TestClient(make_app(service), base_url=ORIGIN) as client:
        yield Browser(client, service).come_in(NAME)


def a_segment(browser: Browser) -> dict[str, str]:
    (hit, *_) = browser.get("search?q=late")["hits"]
    assert isinstance(hit, dict)
    return hit


def test_a_hostile_transcript_is_text(hostile: Browser) -> None:
    item = a_segment(hostile)
    page = hostile.client.get(
        f"/transcript/{item['document_id']}?segment={item['segment_id']}"
    ).text
    assert page.count(escape(HOSTILE)) >= 2
    assert "<script>alert" not in page
    assert "<img" not in page


def test_the_words_of_the_segment_are_marked_in_its_transcript(hostile: Browser) -> None:
    item = a_segment(hostile)
    address = f"/transcript/{item['document_id']}"
    marked = hostile.client.get(f"{address}?segment={item['segment_id']}").text
    assert marked.count("<mark") == 1
    assert "<mark" not in hostile.client.get(address).text
    assert "<mark" not in hostile.client.get(f"{address}?segment=seg_x").text


@pytest.mark.parametrize("path", ["/", "/review?queue=%22%3E%3Cscript%3Ealert(1)", "/help"])
def test_names_and_addresses_are_text(hostile: Browser, path: str) -> None:
    page = hostile.client.get(path).text
    assert escape(NAME) in page
    assert escape(HOSTILE) in page
    for markup in ("<b>", "<script>alert", "<img", '"><script'):
        assert markup not in page


def test_the_start_page_offers_queues_with_what_is_left(ada: Browser) -> None:
    page = ada.client.get("/").text
    assert '"/review?queue=new"' in page
    assert '<option value="code:' in page
    assert '<option value="persona:' in page


def test_the_page_knows_who_it_belongs_to(ada: Browser) -> None:
    page = ada.client.get("/review?queue=new&size=7").text
    assert f'<meta name="csrf" content="{ada.csrf}">' in page
    for told in ("reviewer", "part", "store", "queue", "size"):
        assert page.count(f"data-{told}=") == 1, told
    assert 'data-reviewer="Ada"' in page
    assert 'data-part="reviewer"' in page
    assert 'data-store="0123abcd"' in page
    assert 'data-queue="new"' in page
    assert 'data-size="7"' in page


@pytest.mark.parametrize("size", ["0x9", "-1", "9999", "²", "x"])
def test_a_size_that_is_no_number_is_the_studys(ada: Browser, size: str) -> None:
    assert 'data-size="5"' in ada.client.get(f"/review?size={size}").text


def test_a_document_that_is_not_there_is_no_page(ada: Browser) -> None:
    reply = ada.client.get("/transcript/doc_x")
    assert reply.status_code == 404
    assert "no document &#39;doc_x&#39;" in reply.text
