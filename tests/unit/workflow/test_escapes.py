"""Words are found behind the escapes of JSON and HTML, whatever stands around them."""

from __future__ import annotations

import json

import pytest

from qualcode.workflow.escapes import plain, unescaped

TEXT = 'One “two”\n\tthree "four" \\ Zoé\r\n'


def test_what_json_escapes_comes_back() -> None:
    assert unescaped(json.dumps(TEXT)[1:-1]) == TEXT


def test_what_json_escapes_twice_comes_back_in_two_steps() -> None:
    assert unescaped(unescaped(json.dumps(json.dumps(TEXT)[1:-1])[1:-1])) == TEXT


@pytest.mark.parametrize("text", ["C:/x", "a\\", "\\u12", ""])
def test_what_is_no_escape_is_no_error(text: str) -> None:
    assert len(unescaped(text)) <= len(text)


def test_signs_of_html_come_back() -> None:
    assert plain("&#34;Fish &amp; chips&#34;") == '"Fish & chips"'
