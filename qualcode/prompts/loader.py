"""Read prompts: Markdown files with YAML front matter and a Jinja2 template below it.

    ---
    purpose: What the model is asked to do, one line.
    inputs:
      system: [families, examples]
      user: [items]
    output_schema: What comes back, one line.
    supersedes: code.v1
    why_changed: One line.
    ---
    <!-- part: system -->
    You are …
    <!-- part: user -->
    {{ items }}

A prompt of one part has no part lines, and `inputs` is then a plain list. Files are named
`STEP.vN.md`; the highest N is used. A study that has files of a step in its folder `prompts/`
uses the highest of those. A shipped file never changes: a better one is the next version, and
`fingerprints.toml` holds the digest of each.

Templates are filled in a sandbox and without escaping: what comes out is plain text. They see the
inputs that they name and nothing else; a value with `{{` in it stays as it is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from traceback import walk_tb
from types import FrameType
from typing import TYPE_CHECKING, Any

from qualcode.errors import QualcodeError

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import SandboxedEnvironment

__all__ = ["Prompt", "PromptError", "load_prompt", "shipped_prompts"]

_SHIPPED = Path(__file__).parent
_FILE = re.compile(r"([a-z][a-z0-9_]*)\.v([1-9][0-9]{0,3})\.md")
_FRONT = re.compile(r"---\n(.*?)\n---\n(.*)", re.DOTALL)
_PART = re.compile(r"^<!-- part: ([a-z]+) -->\n", re.MULTILINE)
_KEYS = ("purpose", "inputs", "output_schema", "supersedes", "why_changed")
_TEXTS = tuple(key for key in _KEYS if key != "inputs")
_LONGEST = 200_000
"""A file with more characters is no prompt."""


class PromptError(QualcodeError):
    """A prompt is missing, malformed or was filled with other inputs than it names."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Hold one version of one prompt.

    Attributes:
        name: The step, such as "code".
        version: From the file's name.
        fingerprint: 16 hex digits of the SHA-256 of the file's text with LF line ends.
        place: The file, as errors name it: "prompts/code.v1.md", after "shipped" where it is.
        purpose: What the model is asked to do.
        inputs: Part to the names that it takes; the part of a prompt without parts is "".
    """

    name: str
    version: int
    fingerprint: str
    place: str
    purpose: str
    inputs: Mapping[str, tuple[str, ...]]
    _templates: Mapping[str, Template] = field(repr=False)

    def render(self, part: str = "", /, **inputs: object) -> str:
        """Return a part filled with exactly the inputs that it names.

        Nothing blank is left at the end.

        Raises:
            PromptError: There is no such part, an input is missing or not named by it, or the
                template asks a value for something that it does not have.
        """

        if part not in self._templates:
            raise PromptError(
                f"{self.place}: no part {part!r}", hint=f"it has: {', '.join(self._templates)}"
            )
        named = set(self.inputs[part])
        if missing := named - set(inputs):
            raise PromptError(f"{self.place}: not given: {_listed(missing)}")
        if unknown := set(inputs) - named:
            raise PromptError(
                f"{self.place}: takes no input {_listed(unknown)}",
                hint="name it under inputs: in the file; the template need not use it",
            )
        try:
            return self._templates[part].render(inputs).rstrip()
        except Exception as error:  # a study's own template may fail in any way
            # Not the error's own words: they may quote a value, and with it a participant.
            what = f"{type(error).__name__} in {_line_of(error)}"
            raise PromptError(f"{self.place}: cannot be filled: {what}") from None


def shipped_prompts() -> tuple[Path, ...]:
    """Return the files that ship with the package, by name."""
    return tuple(sorted(path for path in _SHIPPED.iterdir() if _FILE.fullmatch(path.name)))


def load_prompt(step: str, study_folder: Path | None = None) -> Prompt:
    """Return the newest prompt of a step: the study's own where it has one, else the shipped one.

    Args:
        step: Such as "code".
        study_folder: Where the study lies; its own prompts are in `prompts/` below.

    Raises:
        PromptError: There is none, or the file is not a prompt; the message names the file.
    """
    for folder, label in ((study_folder and study_folder / "prompts", ""), (_SHIPPED, "shipped ")):
        newest = _newest(folder, step) if folder else None
        if newest is not None:
            return _read(newest, f"{label}prompts/{newest.name}")
    steps = sorted({path.name.partition(".")[0] for path in shipped_prompts()})
    raise PromptError(f"no prompt for {step!r}", hint=f"there are: {', '.join(steps)}")


def _newest(folder: Path, step: str) -> Path | None:
    if not folder.is_dir():
        return None
    versions = {
        int(match[2]): path
        for path in folder.iterdir()
        if (match := _FILE.fullmatch(path.name)) and match[1] == step and path.is_file()
    }
    return versions[max(versions)] if versions else None


def _read(path: Path, place: str) -> Prompt:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"{place}: cannot be read as UTF-8 text") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = _FRONT.fullmatch(text)
    if found is None or len(text) > _LONGEST:
        raise PromptError(
            f"{place}: no front matter", hint="begin with ---, the keys and --- on lines of its own"
        )
    about = _front_matter(found[1], place)
    bodies = _parts(found[2], place)
    inputs = _inputs(about["inputs"], bodies, place)
    match = _FILE.fullmatch(path.name)
    assert match is not None
    return Prompt(
        name=match[1],
        version=int(match[2]),
        fingerprint=hashlib.sha256(text.encode("utf-8")).hexdigest()[:16],
        place=place,
        purpose=str(about["purpose"]),
        inputs=inputs,
        _templates={
            part: _template(body, inputs[part], part, place) for part, body in bodies.items()
        },
    )


def _front_matter(text: str, place: str) -> Mapping[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        about = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, RecursionError, ValueError) as error:
        raise PromptError(f"{place}: the front matter is not YAML") from error
    if not isinstance(about, dict) or set(about) != set(_KEYS):
        raise PromptError(
            f"{place}: the front matter has other keys", hint=f"write all of: {', '.join(_KEYS)}"
        )
    for key in _TEXTS:
        if not isinstance(about[key] or "", str):
            raise PromptError(f"{place}: {key} is not text")
    return about


def _parts(body: str, place: str) -> dict[str, str]:
    pieces = _PART.split(body)
    if len(pieces) == 1:
        return {"": body.lstrip("\n")}
    names, texts = pieces[1::2], pieces[2::2]
    if pieces[0].strip() or len(set(names)) != len(names):
        raise PromptError(f"{place}: text before the first part, or a part twice")
    return {name: text.lstrip("\n") for name, text in zip(names, texts, strict=True)}


def _inputs(value: object, bodies: Mapping[str, str], place: str) -> Mapping[str, tuple[str, ...]]:
    by_part: dict[object, Any] = value if isinstance(value, dict) else {"": value}
    if set(by_part) != set(bodies):
        raise PromptError(
            f"{place}: inputs are of other parts than the file has",
            hint=f"it has: {', '.join(bodies) or 'one part'}",
        )
    for names in by_part.values():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise PromptError(f"{place}: inputs are not lists of names")
    return {part: tuple(by_part[part]) for part in bodies}


def _template(body: str, inputs: tuple[str, ...], part: str, place: str) -> Template:
    from jinja2 import TemplateSyntaxError, meta

    where = f"{place}, part {part}" if part else place
    environment = _environment()
    try:
        used = meta.find_undeclared_variables(environment.parse(body))
        template = environment.from_string(body)
    except TemplateSyntaxError as error:
        raise PromptError(f"{where}, line {error.lineno} of it: {error.message}") from error
    if unnamed := used - set(inputs):
        raise PromptError(
            f"{where}: uses {_listed(unnamed)}", hint="it may use what stands under inputs: only"
        )
    return template


@cache
def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.clear()  # no range, no lipsum: the same inputs give the same text
    return environment


def _line_of(error: Exception) -> str:
    """Return in which line of a part's template an error came up."""
    lines = [line for frame, line in walk_tb(error.__traceback__) if _is_template(frame)]
    return f"line {lines[-1]} of the part" if lines else "the template"


def _is_template(frame: FrameType) -> bool:
    return frame.f_code.co_filename == "<template>"


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
