"""Coming in by a link, and leaving."""

from collections.abc import Callable

import pytest

from qualcode.review.service import Service
from qualcode.review_events import Part
from tests.unit.review.conftest import ORIGIN, Browser

Connect = Callable[[], Browser]


def link(service: Service) -> str:
    return f"/open?token={service.invitations.invite('Ada', Part.REVIEWER)}"


def test_a_link_leads_to_the_start_page_with_a_cookie_that_scripts_cannot_read(
    connect: Connect, service: Service
) -> None:
    reply = connect().client.get(link(service), follow_redirects=False)
    assert (reply.status_code, reply.headers["location"]) == (303, "/")
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith("qualcode_review_0123abcd=")
    assert {"HttpOnly", "SameSite=strict", "Max-Age=43200", "Path=/"} <= set(cookie.split("; "))


def test_a_link_works_once(connect: Connect, service: Service) -> None:
    once = link(service)
    connect().client.get(once)
    reply = connect().client.get(once)
    assert reply.status_code == 403
    assert "used or is too old" in reply.text
    assert "set-cookie" not in reply.headers


def test_a_link_opened_again_leads_on_whoever_is_signed_in(
    connect: Connect, service: Service
) -> None:
    once = link(service)
    client = connect().client
    client.get(once, follow_redirects=False)
    assert "signed in as Ada already" in client.get(once).text


@pytest.mark.parametrize("headers", [{"Sec-Purpose": "prefetch;prerender"}, None])
def test_a_program_that_looks_at_a_link_does_not_use_it_up(
    connect: Connect, service: Service, headers: dict[str, str] | None
) -> None:
    once, client = link(service), connect().client
    looked = client.get(once, headers=headers) if headers else client.head(once)
    assert "set-cookie" not in looked.headers
    assert client.get(once, follow_redirects=False).status_code == 303


def test_a_link_in_a_web_mailer_goes_on_from_a_page_of_our_own(
    connect: Connect, service: Service
) -> None:
    reply = connect().client.get(link(service), headers={"Sec-Fetch-Site": "cross-site"})
    assert reply.status_code == 200
    assert '<meta http-equiv="refresh" content="0; url=/">' in reply.text


def test_behind_tls_the_cookie_is_never_sent_unencrypted(study_path, tmp_path) -> None:  # type: ignore[no-untyped-def]
    from starlette.testclient import TestClient

    from qualcode.review.addresses import Addresses
    from qualcode.review.app import make_app
    from qualcode.review.invitations import Invitations

    addresses = Addresses("127.0.0.1", 20000, "https://review.example.org")
    service = Service(study_path, "0123abcd", addresses, Invitations())
    with TestClient(make_app(service), base_url="https://review.example.org") as client:
        cookie = client.get(link(service), follow_redirects=False).headers["set-cookie"]
    assert "Secure" in cookie.split("; ")


def test_signing_out_ends_the_session(ada: Browser) -> None:
    secret = ada.client.cookies[ada.service.cookie]
    reply = ada.client.post("/logout", data={"csrf": ada.csrf}, headers={"Origin": ORIGIN})
    assert reply.status_code == 200
    assert "You are signed out" in reply.text
    ada.client.cookies.set(ada.service.cookie, secret)
    assert ada.client.get("/api/session").status_code == 401


def test_a_form_without_a_referrer_signs_out_too(ada: Browser) -> None:
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert ada.client.post("/logout", data={"csrf": ada.csrf}, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("headers", "csrf"),
    [
        ({"Origin": "http://evil.example"}, None),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, None),
        ({"Origin": ORIGIN}, "wrong"),
    ],
)
def test_a_foreign_page_signs_nobody_out(
    ada: Browser, headers: dict[str, str], csrf: str | None
) -> None:
    reply = ada.client.post("/logout", data={"csrf": csrf or ada.csrf}, headers=headers)
    assert reply.status_code == 403
    assert ada.get("session")["reviewer"] == "Ada"
