"""Change a codebook's YAML text so that comments, order and layout stay where a person put them.

The text is cut into one block of lines an entry. Blocks of codes that did not change are kept to
the letter; in the others only the lines of changed keys are written anew. What does not fit this
(an entry in braces, say) goes through ruamel's round trip, which keeps comments but lays out anew.
Whatever was written is read back: it must be the book that was asked for.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qualcode.codebook.book import Codebook, dump_codebook, parse_codebook
from qualcode.codebook.codes import Code, entry_of
from qualcode.codebook.files import KEYS
from qualcode.errors import CodebookError

__all__ = ["rewritten"]


class _NotInBlocks(Exception):
    """The text is not laid out in one block of lines a code."""


@dataclass(frozen=True, slots=True)
class _Block:
    """Hold the lines of one entry, with the comment above it.

    `keys` tells for each key, in the order of the file, at which of the lines it begins and in
    which column; `remarks` the comment at the end of its line.
    """

    lines: tuple[str, ...]
    keys: Mapping[str, tuple[int, int]]
    remarks: Mapping[str, str]


def rewritten(text: str, before: Codebook, after: Codebook) -> str:
    """Return the text of a codebook file as it reads when the book has changed.

    Args:
        text: Of a file that reads as `before`.
        before: The book as it was.
        after: The book as it shall be, of the same name and language.
    """
    if before == after:
        return text
    plain = text.replace("\r\n", "\n")
    for write in (_by_blocks, _by_nodes):
        try:
            made = write(plain, before, after)
            if parse_codebook(made, Path("codebook.yaml")) == after:
                return made.replace("\n", "\r\n") if "\r\n" in text else made
        except (_NotInBlocks, CodebookError):
            continue
    return dump_codebook(after)


def _by_blocks(text: str, before: Codebook, after: Codebook) -> str:
    head, blocks, tail, dash_column = _cut(text)
    was = {code.id: code for code in before.codes}
    apart = len(blocks) > 1 and all(block.lines[0] == "" for block in list(blocks.values())[1:])
    out = [*head]
    for code in after.codes:
        if code.id not in was:
            out += [""] * (apart and len(out) > len(head)) + _new_block(code, dash_column)
        elif code == was[code.id]:
            out += blocks[code.id].lines
        else:
            out += _edited(blocks[code.id], was[code.id], code)
    return "\n".join([*out, *tail])


def _cut(text: str) -> tuple[list[str], Mapping[str, _Block], list[str], int]:
    """Return the lines before the entries, the blocks by code id, the lines after, the dash."""
    codes = _loaded(text)["codes"]
    lines = text.split("\n")
    starts = [_dash_line(lines, *codes.lc.item(n)) for n in range(len(codes))]
    first = starts[0]
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    ends = [_content_end(lines, start) for start in (*starts[1:], len(lines))]
    blocks = {}
    for entry, begin, end in zip(codes, [first, *ends], ends, strict=False):
        keys = {key: entry.lc.key(key) for key in entry}
        blocks[str(entry["id"])] = _Block(
            tuple(lines[begin:end]),
            {key: (line - begin, column) for key, (line, column) in keys.items()},
            {key: remark for key in entry if (remark := _remark(entry, key))},
        )
    if len(blocks) != len(codes):
        raise _NotInBlocks
    return lines[:first], blocks, lines[ends[-1] :], lines[starts[0]].index("-")


def _loaded(text: str) -> Any:
    yaml = _yaml()
    return yaml.load(text)


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _dash_line(lines: Sequence[str], line: int, column: int) -> int:
    """Return the line with the dash of an entry whose first key stands at this place."""
    if lines[line][:column].strip() == "-":
        return line
    for above in range(line - 1, -1, -1):
        held = lines[above].split("#")[0].strip()
        if held == "-":
            return above
        if held:
            break
    raise _NotInBlocks


def _content_end(lines: Sequence[str], end: int) -> int:
    """Return where the blank lines and comments begin that end before this line."""
    while end > 0 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _remark(entry: Any, key: str) -> str:
    """Return the comment at the end of a key's own line."""
    token = (entry.ca.items.get(key) or [None, None, None])[2]
    return token.value.split("\n")[0] if token is not None else ""


def _edited(block: _Block, was: Code, code: Code) -> list[str]:
    """Return a block's lines with those of changed keys written anew."""
    wanted = entry_of(code)
    changed = [key for key in KEYS if getattr(was, key) != getattr(code, key)]
    ends = _key_ends(block)
    edits: list[tuple[int, int, list[str]]] = []
    column = max(column for _, column in block.keys.values())
    for key in changed:
        value = wanted.get(key)
        if key in block.keys:
            line, at = block.keys[key]
            made = [] if value is None else _written(key, value, block.lines[line][:at])
            if not made and line == min(begin for begin, _ in block.keys.values()):
                raise _NotInBlocks  # the dash stands on this line
            if len(made) == 1 and block.remarks.get(key):
                made = [f"{made[0]}  {block.remarks[key]}"]
            edits.append((line, ends[key], made))
        elif value is not None:
            earlier = [k for k in block.keys if KEYS.index(k) < KEYS.index(key)]
            anchor = max(earlier or list(block.keys)[:1], key=lambda k: ends[k])
            edits.append((ends[anchor], ends[anchor], _written(key, value, " " * column)))
    out: list[str] = []
    done = 0
    for begin, end, made in sorted(edits, key=lambda edit: edit[:2]):
        out += [*block.lines[done:begin], *made]
        done = max(done, end)
    return [*out, *block.lines[done:]]


def _key_ends(block: _Block) -> Mapping[str, int]:
    """Return for each key where its value's lines end, without the comments below."""
    begins = sorted(line for line, _ in block.keys.values())
    following = dict(zip(begins, [*begins[1:], len(block.lines)], strict=True))
    return {
        key: _content_end(block.lines, following[line]) for key, (line, _) in block.keys.items()
    }


def _written(key: str, value: object, margin: str) -> list[str]:
    """Return the lines of a key; `margin` stands before it on its first line."""
    out = io.StringIO()
    _yaml().dump({key: value}, out)
    first, *others = out.getvalue().rstrip("\n").split("\n")
    return [margin + first, *(f"{' ' * len(margin)}{line}".rstrip() for line in others)]


def _new_block(code: Code, dash_column: int) -> list[str]:
    lines: list[str] = []
    for key, value in entry_of(code).items():
        margin = " " * dash_column + ("  " if lines else "- ")
        lines += _written(key, value, margin)
    return lines


def _by_nodes(text: str, before: Codebook, after: Codebook) -> str:
    """Change the loaded entries and write them with ruamel's round trip."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    loaded = _loaded(text)
    entries = {str(entry["id"]): entry for entry in loaded["codes"]}
    was = {code.id: code for code in before.codes}
    for code in after.codes:
        wanted = entry_of(code)
        entry = entries.setdefault(code.id, CommentedMap(wanted))
        for key in _changed_keys(was.get(code.id), code):
            if key in wanted:
                entry[key] = wanted[key]
            else:
                entry.pop(key, None)
    loaded["codes"] = CommentedSeq(entries[code.id] for code in after.codes)
    out = io.StringIO()
    _yaml().dump(loaded, out)
    return out.getvalue()


def _changed_keys(was: Code | None, code: Code) -> Iterable[str]:
    return [] if was is None else [k for k in KEYS if getattr(was, k) != getattr(code, k)]
