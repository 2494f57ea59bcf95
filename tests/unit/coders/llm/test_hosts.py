"""Addresses: plain http to this machine only, and nothing hidden in them."""

from __future__ import annotations

import pytest

from qualcode.coders.llm.hosts import checked_url, is_loopback, is_private, place
from qualcode.errors import UsageError


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "::ffff:127.0.0.1"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "10.0.0.1", "127.0.0.1.example.org", "localhost.example.org", "2130706433", "::"],
)
def test_what_only_looks_like_this_machine_is_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["10.1.2.3", "192.168.0.9", "fd00::1", "gpu-box", "gpu.local"])
def test_a_machine_of_the_own_net_is_private(host: str) -> None:
    assert is_private(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "example.org", "0.0.0.0", "224.0.0.1", "2600::1"])
def test_what_all_can_reach_is_not_private(host: str) -> None:
    assert not is_private(host)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8000/v1", "http://[::1]:8000", "http://localhost", "https://example.org/v1"],
)
def test_an_address_that_tells_nobody_is_taken_as_it_is(url: str) -> None:
    assert checked_url(url) == url


def test_the_slash_at_the_end_of_an_address_goes() -> None:
    assert checked_url(" https://example.org/v1/ ") == "https://example.org/v1"


def test_plain_http_to_a_public_host_is_refused_even_where_http_is_allowed() -> None:
    with pytest.raises(UsageError, match="example.org: plain http would carry"):
        checked_url("http://example.org/v1", allow_http=True)


def test_plain_http_to_the_own_net_wants_to_be_allowed() -> None:
    with pytest.raises(UsageError, match="plain http to another machine is off") as caught:
        checked_url("http://192.168.0.9:8000/v1")
    assert "allow_http" in (caught.value.hint or "")


def test_plain_http_to_the_own_net_may_be_allowed() -> None:
    assert checked_url("http://192.168.0.9:8000/v1", allow_http=True).startswith("http://192")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org",
        "example.org/v1",
        "https://",
        "https://exa mple.org",
        "https://example.org\\@127.0.0.1",
        "https://example.org:port",
        "https://example.org/v1?key=abc",
        "https://example.org/v1#part",
        "https://[::1",
    ],
)
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        checked_url(url)


def test_a_password_in_an_address_is_refused_without_being_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        checked_url("https://me:hunter22@example.org/v1")
    assert "hunter22" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/v1", "example.org"),
        ("http://127.0.0.1:8000/v1", "127.0.0.1:8000"),
        ("http://[::1]:8000/v1", "[::1]:8000"),
    ],
)
def test_a_place_is_host_and_written_port(url: str, expected: str) -> None:
    assert place(url) == expected
