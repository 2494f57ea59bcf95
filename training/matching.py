"""What the matcher learns from: codebooks with texts that their codes apply to.

A group is one codebook, or a part of one whose codes are sisters: a batch draws codes and texts
from one group, so every wrong code in it is a hard one. Codes are shown in turn as name, as
definition and as several mixtures of both, because codebooks of users are written in every way.
banking77 and the themes of the NHS comments are not here and must never be.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from qualcode.codebook import load_codebook
from qualcode.coders.local.heads import EMOTION_LABELS
from qualcode.resources import default_codebook_path
from training.sources import goemotions, nhs_sentiment, spoken

__all__ = ["HELD_BACK_BOOKS", "Group", "Wording", "groups"]

TRAINING_DIR = Path(__file__).resolve().parent
DEFINITIONS_DIR = TRAINING_DIR / "definitions"
WRITTEN_DIR = TRAINING_DIR / "written"
CORPORA_DIR = TRAINING_DIR.parent / "corpora"

HELD_BACK_BOOKS = (
    "written:broadband_pains",
    "written:cloud_developer_needs",
    "written:council_feedback",
    "written:evening_course_journey",
    "written:moving_house_feelings",
    "written:shoe_shop_intents",
)
"""Written codebooks that the encoder never sees: scores are calibrated on them."""

DEFAULT_BOOK = "default_"
"""What written utterances for families of the default codebook are called by."""

# Chat turns of a word or two ("yes", "blue") say nothing by themselves.
_MIN_TURN_WORDS = 3
_FEW = 6
_MOST_PER_CODE = 500


@dataclass(frozen=True, slots=True)
class Wording:
    """Hold one way of describing a code."""

    name: str
    definition: str
    short: str = ""
    include: str = ""

    def shown(self, rng: random.Random, label: str) -> str:
        """Return the code as some codebook might show it."""
        draw = rng.random()
        if draw < 0.40 and self.definition:
            return f"{self.name}. {self.definition}"
        if draw < 0.60 and self.definition:
            return self.definition
        if draw < 0.72:
            return self.name
        if draw < 0.80:
            return label
        if draw < 0.90 and self.short:
            return f"{self.name}: {self.short}"
        return f"{self.name}. {self.definition} {self.include}".strip()


@dataclass(slots=True)
class Group:
    """Hold sister codes and their texts.

    Attributes:
        name: Of the codebook.
        weight: How often batches are drawn from it.
        wordings: By code, one or several.
        said: Texts with the codes that apply to them.
        by_code: Rows of `said`, by code.
        nothing: Texts of the same kind to which no code applies.
    """

    name: str
    weight: float
    wordings: dict[str, list[Wording]] = field(default_factory=dict)
    said: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    by_code: dict[str, list[int]] = field(default_factory=dict)
    nothing: list[str] = field(default_factory=list)

    def finished(self) -> Group:
        """Index the texts and drop codes that have none."""
        by_code: dict[str, list[int]] = defaultdict(list)
        for at, (_, codes) in enumerate(self.said):
            for code in codes:
                by_code[code].append(at)
        self.by_code = {code: rows for code, rows in by_code.items() if code in self.wordings}
        self.wordings = {code: w for code, w in self.wordings.items() if code in self.by_code}
        return self


def _wordings(path: Path) -> dict[str, list[Wording]]:
    """Read a file of definitions; several rows a code are several wordings."""
    wordings: dict[str, list[Wording]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = f"{row['industry']}:{row['intent']}" if row.get("industry") else row["intent"]
            wordings[key].append(
                Wording(row["name"], row["definition"], row["short"], row["include"] or "")
            )
    return dict(wordings)


def clinc(data_dir: Path) -> list[Group]:
    """Return one group a pair of neighbouring domains, of the train split."""
    wordings = _wordings(DEFINITIONS_DIR / "clinc150.csv")
    data = json.loads((data_dir / "clinc150/data_full.json").read_text(encoding="utf-8"))
    domains = json.loads((data_dir / "clinc150/domains.json").read_text(encoding="utf-8"))
    names = list(domains)
    result = []
    for at, domain in enumerate(names):
        intents = {*domains[domain], *domains[names[(at + 1) % len(names)]]}
        group = Group(f"clinc150:{domain}", 0.35, {i: wordings[i] for i in intents})
        group.said = [(text, (i,)) for text, i in data["train"] if i in intents]
        result.append(group)
    return result


def nlupp(data_dir: Path) -> list[Group]:
    """Return the requests of both domains, each with all its intents."""
    wordings = _wordings(DEFINITIONS_DIR / "nlupp.csv")
    said: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    with (data_dir / "nlupp/clean.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            intents = tuple(i.strip() for i in row["intents"].split(";") if i.strip())
            if intents:
                said[row["domain"]].append((row["text"], intents))
    return [
        Group(
            f"nlupp:{domain}",
            1.0,
            {i: wordings[i] for _, intents in rows for i in intents if i in wordings},
            rows,
        )
        for domain, rows in said.items()
    ]


def multidogo(data_dir: Path) -> list[Group]:
    """Return one group an industry; at most 500 texts a code."""
    wordings = _wordings(DEFINITIONS_DIR / "multidogo.csv")
    result = []
    for path in sorted((data_dir / "multidogo").glob("*_train.tsv.gz")):
        industry = path.name.removesuffix("_train.tsv.gz")
        own = {
            key.removeprefix(f"{industry}:"): rows
            for key, rows in wordings.items()
            if ":" not in key or key.startswith(f"{industry}:")
        }
        seen: set[str] = set()
        said: list[tuple[str, tuple[str, ...]]] = []
        counts: dict[str, int] = defaultdict(int)
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                text = (row.get("utterance") or "").strip()
                intents = tuple((row.get("intent") or "").split("<div>"))
                if text in seen or not all(i in own for i in intents):
                    continue
                if len(text.split()) < _MIN_TURN_WORDS or counts[intents[0]] >= _MOST_PER_CODE:
                    continue
                seen.add(text)
                counts[intents[0]] += 1
                said.append((text, intents))
        result.append(Group(f"multidogo:{industry}", 0.3, own, said))
    return result


def emotions(data_dir: Path) -> list[Group]:
    """Return GoEmotions' labels and mixtures of them as a codebook, with its train split."""
    wordings = _wordings(DEFINITIONS_DIR / "goemotions.csv")
    texts = [
        (e.text, tuple(EMOTION_LABELS[i] for i in e.emotions or ()))
        for e in goemotions(data_dir, "train")
    ]
    single = Group("goemotions", 1.5, {k: w for k, w in wordings.items() if "+" not in k}, texts)
    mixed = Group("goemotions:customers", 1.5, {k: w for k, w in wordings.items() if "+" in k})
    if "neutral" in wordings:
        mixed.wordings["neutral"] = wordings["neutral"]
    owner = {label: key for key in mixed.wordings for label in key.split("+")}
    for text, labels in texts:
        codes = tuple(dict.fromkeys(owner[label] for label in labels if label in owner))
        if codes and len(codes) <= 2:
            mixed.said.append((text, codes))
    return [single, mixed]


def jupyter(data_dir: Path) -> list[Group]:
    """Return the questions of two surveys as codes of their answers."""
    wordings = _wordings(DEFINITIONS_DIR / "jupyter.csv")
    said: list[tuple[str, tuple[str, ...]]] = []
    for name in ("clean_2015_ux_long.csv", "clean_2020_long.csv"):
        with (data_dir / "jupyter_surveys" / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["question"] in wordings and len(row["text"].split()) >= _FEW:
                    said.append((row["text"], (row["question"],)))
    return [Group("jupyter", 0.5, wordings, said)]


def tones(data_dir: Path) -> list[Group]:
    """Return pain and praise as codes; from sentiment and written talk."""
    wordings = {
        k: w for k, w in _wordings(DEFINITIONS_DIR / "tone.csv").items() if k in ("pain", "praise")
    }
    said: list[tuple[str, tuple[str, ...]]] = []
    written = spoken(TRAINING_DIR / "spoken_examples.tsv")
    for example in [*nhs_sentiment(data_dir, held_back=False), *written]:
        codes = [name for name in ("pain", "praise") if getattr(example, name)]
        if codes:
            said.append((example.text, tuple(codes)))
    return [Group("tone", 0.8, wordings, said)]


def written(*, aside: bool = False) -> list[Group]:
    """Return the small codebooks written for this project.

    Args:
        aside: Return what is kept from the encoder of the families of the default codebook, a
            quarter by the text's hash, on which the judges' rules are fitted.
    """
    result = []
    for path in sorted(WRITTEN_DIR.glob("?.tsv")):
        rows: dict[str, list[dict[str, str]]] = defaultdict(list)
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                rows[row["codebook"]].append(row)
        for name, own in rows.items():
            if name.startswith(DEFAULT_BOOK):
                own = [
                    row for row in own if row["kind"] != "said" or _is_aside(row["text"]) == aside
                ]
            elif aside:
                continue
            result.append(_written(f"written:{name}", own))
    return result


def _is_aside(text: str) -> bool:
    return hashlib.sha256(text.encode("utf-8")).digest()[0] < 64


def _written(name: str, rows: Sequence[Mapping[str, str]]) -> Group:
    parts: dict[str, dict[str, str]] = defaultdict(dict)
    # The families that every study begins with come up more often.
    group = Group(name, 1.5 if name.startswith(f"written:{DEFAULT_BOOK}") else 0.55)
    for row in rows:
        if row["kind"] == "said" and not row["code"]:
            group.nothing.append(row["text"])
        elif row["kind"] == "said":
            group.said.append((row["text"], tuple(row["code"].split("+"))))
        else:
            parts[row["code"]][row["kind"]] = row["text"]
    for code, part in parts.items():
        group.wordings[code] = [
            Wording(part.get("name", code), part.get("definition", ""), part.get("short", ""))
        ]
    return group


def own_books() -> list[Group]:
    """Return the families of the bundled codebooks with their own examples; no gold is in them."""
    result = []
    books = {"rollwell": default_codebook_path()}
    books |= {path.parent.name: path for path in sorted(CORPORA_DIR.glob("*/codebook.yaml"))}
    for corpus, path in books.items():
        book = load_codebook(path)
        for family in book.families:
            codes = [code for code in book.family(family) if code.examples]
            if len(codes) < 3:
                continue
            group = Group(f"{corpus}:{family}", 0.2)
            for code in codes:
                group.wordings[code.id] = [Wording(code.name, code.definition)]
                group.said += [(text, (code.id,)) for text in code.examples]
            result.append(group)
    return result


def groups(data_dir: Path) -> list[Group]:
    """Return everything that the matcher learns from."""
    found = [
        *clinc(data_dir),
        *nlupp(data_dir),
        *multidogo(data_dir),
        *emotions(data_dir),
        *jupyter(data_dir),
        *tones(data_dir),
        *written(),
        *own_books(),
    ]
    return [group.finished() for group in found]
