"""Render sample journey maps to PNG with headless Chromium, to be looked at.

    python tests/screenshots.py OUT_DIR

Needs Chromium (CHROMIUM, else /usr/bin/chromium, else on PATH); `print.pdf` is turned
into PNG when pdftoppm is there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from journey_sample import (
    CHARTER,
    STAGES,
    Sample,
    edited_sample,
    empty_sample,
    make_sample,
    uncoded_sample,
)
from proof_sample import edited_proof, proof_sample

from qualcode.report.criteria_page import render_criteria
from qualcode.report.journey_page import MapFiles, draw_map, render_map
from qualcode.settings import Charter

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
TWELVE = tuple(
    (f"stage_{n}", name, "What happens here?")
    for n, name in enumerate(
        [name for _, name, _ in STAGES]
        + ["Move house", "Tell a friend", "Change plan", "Pay every month", "Say goodbye"]
    )
)
LONG = tuple((c, (name + " and everything around it, really")[:40], g) for c, name, g in STAGES)


def chromium() -> str | None:
    """Return the path of a Chromium, None when there is none."""
    for named in (os.environ.get("CHROMIUM"), "/usr/bin/chromium"):
        if named and Path(named).exists():
            return named
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")


def page_of(sample: Sample, charter: Charter = CHARTER, stamps: tuple[str, ...] = ()) -> str:
    return render_map(
        *sample.arguments,
        title="Getting broadband at home",
        charter=charter,
        participants=sample.participants,
        stamps=stamps,
    )


def quotes_of(sample: Sample) -> str:
    pages = draw_map(
        *sample.arguments,
        title="Getting broadband at home",
        charter=CHARTER,
        participants=sample.participants,
        stamps=(),
        files=MapFiles(quotes="map-quotes.html"),
    )
    assert pages.quotes is not None
    return pages.quotes


def proof_of(sample: Sample) -> str:
    return render_criteria(
        *sample.arguments,
        title="Getting broadband at home",
        participants=sample.participants,
        map_file="rich.html",
    )


# Beside each page: the part of its address that filters it or opens something.
STATES = {
    "rich": "",
    "rich_filtered": "#with.persona=Works+at+home",
    "rich_side_by_side": "#with.persona=Family+with+school-age+children"
    "&beside.persona=Works+at+home",
    "rich_panel": "#cell=pain_point%2Fhelp%2Fbot_loops",
    "rich_panel_side_by_side": "#beside.persona=Works+at+home&cell=pain_point%2Fhelp%2Fbot_loops",
}


def main(out: Path) -> None:
    from playwright.sync_api import sync_playwright

    out.mkdir(parents=True, exist_ok=True)
    stamps = ("names were not masked",)
    pages = {
        "rich": page_of(make_sample(), stamps=stamps),
        "edited": page_of(edited_sample()),
        "few": page_of(make_sample(people=4)),
        "one_stage": page_of(make_sample(stages=STAGES[3:4])),
        "twelve": page_of(make_sample(stages=TWELVE)),
        "long_names": page_of(make_sample(stages=LONG)),
        "empty": page_of(empty_sample(), Charter()),
        "uncoded": page_of(uncoded_sample()),
        "quotes": quotes_of(make_sample(repeats=5)),
        "criteria": proof_of(proof_sample()),
        "criteria_edited": proof_of(edited_proof()),
        "criteria_long_names": proof_of(proof_sample(stages=LONG)),
        "criteria_none": proof_of(empty_sample()),
    }
    for name, html in pages.items():
        (out / f"{name}.html").write_text(html, encoding="utf-8", newline="\n")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        shots = [(name, name, "", "light", 1500) for name in pages]
        shots += [(state, "rich", end, "light", 1500) for state, end in STATES.items()]
        shots += [
            (f"{state}_{scheme}_{width}", "rich", STATES[state], scheme, width)
            for state in ("rich", "rich_panel", "rich_side_by_side")
            for scheme, width in (("dark", 1500), ("light", 1280), ("light", 390), ("dark", 390))
        ]
        shots += [
            ("empty_phone", "empty", "", "dark", 390),
            ("edited_dark", "edited", "", "dark", 1500),
            ("criteria_dark", "criteria", "", "dark", 1500),
            ("criteria_phone", "criteria", "", "light", 390),
        ]
        for shot, name, end, scheme, width in shots:
            page: Any = browser.new_page(
                viewport={"width": width, "height": 900 if width > 500 else 844},
                color_scheme=scheme,
            )
            page.goto((out / f"{name}.html").as_uri() + end)
            page.screenshot(path=out / f"{shot}.png", full_page="panel" not in shot)
            page.close()
        page = browser.new_page(color_scheme="dark")
        for name in ("rich", "twelve", "edited", "criteria"):
            page.goto((out / f"{name}.html").as_uri())
            pdf = out / f"{name}_print.pdf"
            page.pdf(path=pdf, prefer_css_page_size=True, print_background=True)
            if converter := shutil.which("pdftoppm"):
                stem = str(pdf.with_suffix(""))
                subprocess.run([converter, "-r", "70", "-png", str(pdf), stem], check=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
