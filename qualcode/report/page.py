"""What every page shares: one self-contained file, whose policy allows only what stands in it.

Templates escape what they are given; `Markup` is for our own files and drawings only.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = ["fill_page"]

_TEMPLATES = Path(__file__).parent / "templates"


def fill_page(
    template: str, *, styles: Sequence[str], scripts: Sequence[str] = (), **context: Any
) -> str:
    """Return a page as HTML text that encodes to UTF-8.

    Args:
        template: File below `templates/`; it gets the context, and `style`, `style_hash`, `script`
            and `script_hash` for the `<style>`, `<script>` and content security policy.
        styles: Style sheets below `templates/`, in their order.
        scripts: Scripts likewise; they share one scope that nothing else can reach.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    from qualcode.report.wording import counted, people, plain

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["people"] = people
    environment.filters["counted"] = counted
    environment.filters["plain"] = plain
    environment.filters["number"] = "{:,}".format
    style = "".join(_read(name) for name in styles)
    script = "".join(_read(name) for name in scripts)
    if script:
        script = f'"use strict";\n(() => {{\n{script}}})();\n'
    page = environment.get_template(template).render(
        **context,
        style=Markup(style),
        style_hash=_hash(style),
        script=Markup(script),
        script_hash=_hash(script),
    )
    return page.encode("utf-8", "replace").decode("utf-8")


def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
