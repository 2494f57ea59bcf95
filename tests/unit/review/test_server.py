"""Which address the server listens on; tests/cli/test_review.py runs it."""

import pytest

from qualcode.errors import UsageError
from qualcode.review.server import listen


def test_a_study_gets_the_same_port_each_time() -> None:
    with listen("127.0.0.1", None, "one study") as first:
        port = first.getsockname()[1]
    with listen("127.0.0.1", None, "one study") as second:
        assert second.getsockname()[1] == port


def test_a_second_server_on_the_study_gets_another_port() -> None:
    with (
        listen("127.0.0.1", None, "a study") as first,
        listen("127.0.0.1", None, "a study") as second,
    ):
        assert first.getsockname()[1] != second.getsockname()[1]


def test_a_port_that_is_taken_says_what_to_do() -> None:
    with listen("127.0.0.1", None, "some study") as first:
        port = first.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port}") as error:
            listen("127.0.0.1", port, "some study")
    assert "--port" in str(error.value.hint)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(UsageError):
        listen("192.0.2.1", None, "study")


def test_a_name_that_is_no_address_is_refused() -> None:
    with pytest.raises(UsageError, match="--host no such host"):
        listen("no such host", 0, "study")
