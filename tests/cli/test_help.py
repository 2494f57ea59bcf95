"""Asking for help: fast, complete, without loading what work needs."""

import subprocess
import sys
import time

import pytest
from typer.main import get_command

from qualcode.cli.main import app

COMMANDS = get_command(app).commands  # type: ignore[attr-defined]
HEAVY = ("numpy", "sklearn", "onnxruntime", "sqlalchemy", "alembic", "pydantic", "jinja2", "rich")


@pytest.mark.alone
def test_help_answers_in_under_0_3_seconds() -> None:
    seconds = []
    for _ in range(7):  # the fastest run: the machine is busy with other things too
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "qualcode", "--help"], check=True, capture_output=True
        )
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.3


def test_help_loads_nothing_heavy() -> None:
    code = f"import sys, qualcode.cli.main; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def listed(*arguments: str) -> list[tuple[str, str]]:
    """Return the commands that a help page lists, with what it says of each."""
    done = subprocess.run(
        [sys.executable, "-m", "qualcode", *arguments, "--help"],
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    lines = done.stdout.split("Commands:\n")[1].split("\n\n")[0].splitlines()
    return [(name, told.strip()) for name, _, told in (line[2:].partition(" ") for line in lines)]


def test_the_commands_are_listed_in_the_order_of_the_work() -> None:
    work = "demo init ingest sources speakers mask code review learn codebook search reindex"
    work += " criteria map draft edit note quotes export eval agree estimate calibrate"
    work += " pack unpack forget log doctor"
    assert [name for name, _ in listed()] == work.split()


@pytest.mark.parametrize(
    "arguments",
    [(), ("sources",), ("speakers",), ("codebook",), ("draft",), ("edit",), ("edit", "quote")],
)
def test_the_list_of_commands_shows_whole_sentences(arguments: tuple[str, ...]) -> None:
    assert [told for _, told in listed(*arguments) if not told.endswith(".") or ".." in told] == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_says_what_it_does_and_every_option_what_it_is(name: str) -> None:
    command = COMMANDS[name]
    assert command.help
    silent = [p.name for p in command.params if not getattr(p, "help", None)]
    assert silent == []
