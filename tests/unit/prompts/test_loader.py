"""Prompts are read from files, the study's own first, and filled with what they name alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualcode.prompts import PromptError, load_prompt

FRONT = """---
purpose: To test.
inputs: [name]
output_schema: None.
supersedes:
why_changed: The first version.
---
"""
PARTS = FRONT.replace("[name]", "{system: [], user: [name, lines]}")


def _study(folder: Path, **files: str) -> Path:
    (folder / "prompts").mkdir()
    for name, text in files.items():
        path = folder / "prompts" / f"{name.replace('_v', '.v')}.md"
        path.write_text(text, encoding="utf-8", newline="")
    return folder


def test_a_prompt_is_filled_with_its_inputs(tmp_path: Path) -> None:
    prompt = load_prompt("hello", _study(tmp_path, hello_v1=f"{FRONT}Hello, {{{{ name }}}}!\n"))
    assert prompt.render(name="{{ 7 * 7 }} <b>") == "Hello, {{ 7 * 7 }} <b>!"


def test_a_part_is_filled_by_itself(tmp_path: Path) -> None:
    text = f"{PARTS}<!-- part: system -->\nBe kind.\n<!-- part: user -->\n\n{{{{ name }}}}\n"
    prompt = load_prompt("hello", _study(tmp_path, hello_v1=text))
    assert prompt.render("system") == "Be kind."
    assert prompt.render("user", name="Jo", lines=[]) == "Jo"


def test_the_highest_version_is_used(tmp_path: Path) -> None:
    versions = {f"hello_v{n}": f"{FRONT}Version {n}." for n in (2, 10, 9)}
    prompt = load_prompt("hello", _study(tmp_path, **versions))
    assert (prompt.version, prompt.render(name="")) == (10, "Version 10.")


def test_a_studys_own_prompt_wins_over_the_shipped_one(tmp_path: Path) -> None:
    shipped = load_prompt("repair")
    own = load_prompt("repair", _study(tmp_path, repair_v1=f"{FRONT}Again, {{{{ name }}}}."))
    assert own.render(name="Jo") == "Again, Jo." and own.fingerprint != shipped.fingerprint


def test_a_study_without_its_own_prompts_uses_the_shipped_ones(tmp_path: Path) -> None:
    assert load_prompt("repair", tmp_path).fingerprint == load_prompt("repair").fingerprint


def test_line_ends_do_not_change_the_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    text = f"{FRONT}Hello.\n"
    lf = load_prompt("hello", _study(tmp_path / "a", hello_v1=text))
    crlf = load_prompt("hello", _study(tmp_path / "b", hello_v1=text.replace("\n", "\r\n")))
    assert lf.fingerprint == crlf.fingerprint and lf.render(name="") == crlf.render(name="")


def test_a_step_without_a_prompt_is_an_error_that_lists_the_steps() -> None:
    with pytest.raises(PromptError) as caught:
        load_prompt("no_such")
    assert "no_such" in caught.value.message and "code" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("text", "inputs", "told"),
    [
        ("Hi {{ name }}", {}, "not given: name"),
        ("Hi {{ name }}", {"name": 1, "age": 2}, "takes no input age"),
        ("Hi\n{{ name.first }}", {"name": {}}, "UndefinedError in line 2"),
        ("Hi {{ name.__class__.__mro__ }}", {"name": "x"}, "cannot be filled"),
        ("{{ name.append(1) }}", {"name": []}, "cannot be filled"),
        ("Hi {{ name + 1 }}", {"name": "Jo"}, "cannot be filled"),
        ("Hi {{ other }}", {"name": 1}, "uses other"),
        ("{% for x in range(9) %}{% endfor %}", {"name": 1}, "uses range"),
        ("Hi {{ name", {"name": 1}, "line 1"),
        ("{% include 'x' %}", {"name": 1}, "cannot be filled"),
    ],
)
def test_what_a_template_may_not_is_an_error_that_names_the_file(
    tmp_path: Path, text: str, inputs: dict[str, object], told: str
) -> None:
    with pytest.raises(PromptError) as caught:
        load_prompt("hello", _study(tmp_path, hello_v3=FRONT + text)).render(**inputs)
    assert caught.value.message.startswith("prompts/hello.v3.md") and told in caught.value.message


def test_an_error_in_filling_repeats_no_value(tmp_path: Path) -> None:
    prompt = load_prompt(
        "hello",
        _study(
            tmp_path, hello_v1=f"{FRONT}{{{{ name[lines] }}}}".replace("[name]", "[name, lines]")
        ),
    )
    with pytest.raises(PromptError) as caught:
        prompt.render(name={}, lines="a participant's words")
    assert "participant" not in caught.value.message


def test_a_part_that_there_is_not_is_an_error() -> None:
    with pytest.raises(PromptError, match="no part 'other'"):
        load_prompt("repair").render("other")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Hello.", "no front matter"),
        ("---\npurpose: x\n---\nHello.", "other keys"),
        ("---\n[\n---\nHello.", "not YAML"),
        (FRONT.replace("[name]", "name"), "not lists"),
        (FRONT.replace("To test.", "[1]"), "purpose is not text"),
        (f"{FRONT}<!-- part: user -->\nHello.", "other parts"),
        (f"{PARTS}Hello.\n<!-- part: system -->\n<!-- part: user -->\n", "before the first part"),
        (f"{PARTS}<!-- part: user -->\n<!-- part: user -->\n", "a part twice"),
    ],
)
def test_a_file_that_is_no_prompt_is_an_error_that_names_it(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(PromptError) as caught:
        load_prompt("hello", _study(tmp_path, hello_v1=text))
    assert caught.value.message.startswith("prompts/hello.v1.md") and told in caught.value.message


def test_a_file_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    folder = _study(tmp_path)
    (folder / "prompts" / "hello.v1.md").write_bytes(f"{FRONT}Gr\xf6\xdfe".encode("latin-1"))
    with pytest.raises(PromptError, match="UTF-8"):
        load_prompt("hello", folder)
