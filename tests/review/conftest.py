"""Give browser tests a headless Chromium, or skip them with the reason."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Yield one Chromium for all tests."""
    from screenshots import ARGUMENTS, chromium

    path = chromium()
    if path is None and os.environ.get("REQUIRE_BROWSER"):
        pytest.fail("REQUIRE_BROWSER is set and there is no Chromium")
    if path is None:
        pytest.skip("no Chromium: apt-get install chromium, or set CHROMIUM to one")
    from playwright import sync_api

    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()
