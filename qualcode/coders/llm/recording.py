"""Recordings of what a model answered: lines of JSON, with which a run is repeated without a key.

The first line says what made the rest, and how: recorded from a model, written by hand, or by a
script. Each other line is one unit's answer, or why there is none. A recording holds what the
model quoted from participants, and lies outside the study: a name masked later is not masked in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from qualcode.coders.llm.recording_lines import (
    Header,
    Made,
    Recorded,
    answer_line,
    header_line,
    read_header,
    read_lines,
    read_recorded,
    take_half_a_line_off,
)
from qualcode.errors import UsageError

__all__ = ["Found", "Header", "Made", "Recorded", "Recorder", "Recording"]


@dataclass(frozen=True, slots=True)
class Found:
    """Hold what a recording has on a unit.

    Attributes:
        reply: None where there is none.
        failed: Why there is none; empty where there is one.
        is_other_setup: It rests on another setup, such as another codebook or other examples.
    """

    reply: Any
    failed: str
    is_other_setup: bool


class Recording:
    """Look answers up that were recorded.

    Attributes:
        header: What the first line says.
        lines: The newest answer of each step, unit and setup.
    """

    def __init__(self, header: Header, lines: Iterable[Recorded]) -> None:
        self.header = header
        self.lines: dict[tuple[str, str, str], Recorded] = {}
        self._newest: dict[tuple[str, str], Recorded] = {}
        for line in lines:
            self.lines[line.step, line.unit, line.setup] = line
            self._newest[line.step, line.unit] = line

    @property
    def model(self) -> str:
        """Return whose answers these are."""
        return self.header.model

    def __len__(self) -> int:
        return len(self.lines)

    @classmethod
    def load(cls, path: Path) -> Recording:
        """Read a whole recording.

        Raises:
            SourceError: The file cannot be read, or a line of it is not what it should be; the
                message names the line.
        """
        lines = read_lines(path)
        header = read_header(path, next(lines, None))
        return cls(header, [read_recorded(path, number, line) for number, line in lines])

    def find(self, step: str, content: str, setup: str, *, unit_id: str = "") -> Found | None:
        """Return what is there on a unit, None where nothing is.

        An answer with the same setup is taken first, the newest where there are several, then the
        newest of the same content, then what was written for the unit's id.
        """
        for unit in filter(None, (content, unit_id)):
            line = self.lines.get((step, unit, setup)) or self._newest.get((step, unit))
            if line is not None:
                return Found(line.reply, line.failed, line.setup not in ("", setup))
        return None


class Recorder:
    """Append answers to a recording, line by line; what stands there already is left.

    Args:
        path: Made with its folder where it is not there. Half a line that a stopped run left at
            its end is taken off.
        model: Whose answers they are; that of a file that is there must be the same.
        made: How they come about.
        by: Who or what writes them.

    Raises:
        SourceError: A file that is there is no recording.
        UsageError: The file cannot be written, or is of another model.
    """

    def __init__(
        self, path: Path, *, model: str, made: Made = Made.RECORDED, by: str = "qualcode --record"
    ) -> None:
        self._path = path
        self._newest: dict[tuple[str, str, str], str] = {}
        is_new = not path.is_file() or not path.stat().st_size
        if not is_new:
            read_header(path, next(read_lines(path), None))  # a stranger's file is not touched
            take_half_a_line_off(path)
            held = Recording.load(path)
            if held.model != model:
                raise UsageError(
                    f"{path}: a recording of {held.model}, not of {model}",
                    hint="record to another file",
                )
            self._newest = {key: answer_line(line) for key, line in held.lines.items()}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[str] = path.open("a", encoding="utf-8", newline="\n")
        except OSError as error:
            raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
        if is_new:
            today = datetime.now(UTC).date().isoformat()
            header = Header(model, made, by, today)
            self._write(header_line(header))

    def keep(self, step: str, content: str, setup: str, reply: Any) -> None:
        """Write an answer down, unless the newest one on that unit and setup is the same."""
        self._add(Recorded(step, content, setup, reply))

    def failed(self, step: str, content: str, setup: str, reason: str) -> None:
        """Write down why there is no answer, unless the newest line on that unit says so."""
        self._add(Recorded(step, content, setup, failed=reason))

    def _add(self, recorded: Recorded) -> None:
        key = (recorded.step, recorded.unit, recorded.setup)
        line = answer_line(recorded)
        if self._newest.get(key) != line:
            self._write(line)
            self._newest[key] = line

    def _write(self, line: str) -> None:
        try:
            self._file.write(f"{line}\n")
            self._file.flush()
        except OSError as error:
            raise UsageError(f"{self._path}: cannot be written: {error.strerror}") from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
