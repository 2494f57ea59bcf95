import socket

import pytest

from qualcode.errors import UsageError
from qualcode.review.addresses import Addresses, is_loopback

LOCAL = Addresses("127.0.0.1", 20000)
EVERYWHERE = Addresses("0.0.0.0", 20000)
PROXIED = Addresses("127.0.0.1", 20000, "https://Review.example.org")


@pytest.mark.parametrize(
    "host", ["127.0.0.1:20000", "localhost:20000", "LOCALHOST:20000", "[::1]:20000"]
)
def test_a_local_server_answers_to_this_machines_names(host: str) -> None:
    assert LOCAL.serves(host)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:20000",
        "127.0.0.1.evil.example:20000",
        "127.0.0.1:20001",
        "127.0.0.1",
        "192.168.1.5:20000",
        "user@127.0.0.1:20000",
        "",
    ],
)
def test_a_local_server_answers_to_no_other_name(host: str) -> None:
    assert not LOCAL.serves(host)


def test_a_server_for_all_addresses_answers_to_numbers_and_to_its_own_name() -> None:
    assert EVERYWHERE.serves("192.168.1.5:20000")
    assert EVERYWHERE.serves(f"{socket.gethostname()}:20000")


def test_a_server_for_all_addresses_answers_to_no_strange_name() -> None:
    assert not EVERYWHERE.serves("evil.example:20000")


def test_a_browser_may_leave_out_the_port_of_the_scheme() -> None:
    assert Addresses("127.0.0.1", 80).serves("127.0.0.1")


def test_a_server_behind_a_proxy_answers_to_the_proxys_name() -> None:
    assert PROXIED.serves("review.example.org")
    assert PROXIED.base == "https://review.example.org"


def test_only_the_servers_own_pages_count_as_its_origin() -> None:
    assert LOCAL.is_own("http://127.0.0.1:20000", "127.0.0.1:20000")
    assert not LOCAL.is_own("http://localhost:20000", "127.0.0.1:20000")
    assert not LOCAL.is_own("https://127.0.0.1:20000", "127.0.0.1:20000")
    assert not LOCAL.is_own("http://evil.example", "127.0.0.1:20000")
    assert not LOCAL.is_own("", "127.0.0.1:20000")


def test_behind_a_proxy_the_public_address_is_the_origin() -> None:
    assert PROXIED.is_own("https://review.example.org", "127.0.0.1:20000")


def test_links_begin_with_an_address_that_can_be_opened() -> None:
    assert LOCAL.base == "http://127.0.0.1:20000"
    assert Addresses("::1", 20000).base == "http://[::1]:20000"
    assert EVERYWHERE.base == f"http://{socket.gethostname()}:20000"


def test_only_a_loopback_server_without_a_proxy_is_local() -> None:
    assert LOCAL.is_local
    assert not EVERYWHERE.is_local
    assert not PROXIED.is_local


@pytest.mark.parametrize(
    "url", ["review.example.org", "ftp://x", "https://x/path", "https://x:y", "https://"]
)
def test_a_url_that_is_no_servers_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="not the address of a server"):
        Addresses("127.0.0.1", 20000, url)


def test_loopback_is_what_only_this_machine_reaches() -> None:
    assert [is_loopback(h) for h in ("127.0.0.1", "127.9.9.9", "::1", "localhost")] == [True] * 4
    assert not is_loopback("0.0.0.0")
