"""Draw the gold samples of the bundled corpora.

    python -m evals.gold.draw > evals/gold/samples.toml

Chance comes from hashes: names are put in the order of SHA-256 of `seed:name`, and the first ones
are taken, so the draw is the same on every machine and in every version of Python. Interviews are
put in order again, with `seed:attempt:name`, until those taken show every persona and no format
twice. Nothing but names, personas and whether a comment is empty is looked at.
"""

from __future__ import annotations

import hashlib
import itertools
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath

from evals.gold.sheet import read_corpus
from qualcode.records import Corpus, DocumentKind, Role

SEED = 20260301


@dataclass(frozen=True, slots=True)
class Rule:
    """Say how many to draw, and what must not be drawn because thresholds were chosen on it.

    Attributes:
        comments: How many of each survey.
        kept_out: Interviews' file names, and first and last id of comments.
    """

    n_interviews: int
    comments: Mapping[str, int]
    kept_out: frozenset[str] = frozenset()
    kept_out_ids: tuple[str, str] = ("", "")


RULES = {
    "rollwell": Rule(
        n_interviews=3,
        comments={"survey.csv": 60},
        kept_out=frozenset({"interview-02.vtt", "interview-07.txt"}),
        kept_out_ids=("R001", "R060"),
    ),
    "kestrel": Rule(n_interviews=4, comments={"closed-claims.xlsx": 85, "open-claims.csv": 50}),
}


def ordered(names: Iterable[str], salt: str) -> list[str]:
    """Return names in an order that only the salt and the names decide."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{salt}:{name}".encode()).hexdigest())


def drawn_interviews(personas: Mapping[str, str], n: int) -> list[str]:
    """Draw interviews that show every persona and no format twice.

    Args:
        personas: File name to persona of all that may be drawn.
        n: How many; at most the number of formats, else no draw would do.
    """
    for attempt in itertools.count(1):
        taken = ordered(personas, f"{SEED}:{attempt}")[:n]
        formats = {PurePath(name).suffix for name in taken}
        if {personas[name] for name in taken} == set(personas.values()) and len(formats) == n:
            return sorted(taken)
    raise AssertionError


def draw(
    corpus: Corpus, participants: Mapping[str, Mapping[str, str]], rule: Rule
) -> tuple[list[str], dict[str, list[str]]]:
    """Return the interviews and, by survey, the ids of the comments, both in order of names."""
    personas: dict[str, str] = {}
    ids: dict[str, set[str]] = {survey: set() for survey in rule.comments}
    first, last = rule.kept_out_ids
    for document in corpus.documents:
        id_ = document.external_id
        if document.kind is DocumentKind.INTERVIEW and document.path not in rule.kept_out:
            voice = next(v for v in document.speakers if v.role is Role.PARTICIPANT)
            personas[document.path] = participants[voice.participant_id or ""]["persona"]
        elif id_ is not None and document.text.strip() and not first <= id_ <= last:
            ids[document.path].add(id_)
    comments = {
        survey: sorted(ordered(ids[survey], str(SEED))[:n]) for survey, n in rule.comments.items()
    }
    return drawn_interviews(personas, rule.n_interviews), comments


def as_toml(drawn: Mapping[str, tuple[list[str], dict[str, list[str]]]]) -> str:
    """Write samples the way `sheet.sample_of` reads them."""
    lines = ["# Written by python -m evals.gold.draw; see README.md.", ""]
    for corpus, (interviews, comments) in drawn.items():
        lines += [f"[{corpus}]", f"interviews = {_listed(interviews)}", ""]
        lines.append(f"[{corpus}.comments]")
        lines += [f'"{survey}" = {_listed(ids)}' for survey, ids in comments.items()]
        lines.append("")
    return "\n".join(lines)


def _listed(names: list[str]) -> str:
    rows = (names[at : at + 8] for at in range(0, len(names), 8))
    quoted = (", ".join(f'"{name}"' for name in row) for row in rows)
    return "[\n" + "".join(f"    {row},\n" for row in quoted) + "]"


def main() -> None:
    drawn = {name: draw(*read_corpus(name), rule) for name, rule in RULES.items()}
    sys.stdout.write(as_toml(drawn))


if __name__ == "__main__":
    main()
