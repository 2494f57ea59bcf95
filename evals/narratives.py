"""Score stages of long narratives, from definitions only: longer than the encoder reads at once.

    python -m evals.narratives --original DIR [--out FILE.json]

A narrative is all that one participant says of one stage, in the order of the talk: from the gold
of both bundled corpora, and from the interviews written for training (`training/interviews`), whose
words the encoder never saw. The stages are a foreign codebook without examples: the coder has name
and definition. Beside it the frozen original, as a user would take it: the cosine of the narrative,
cut at the window, to name and definition, and the same pooled over sentences, the mean of their
vectors. Intervals are 95 %, percentile bootstrap over narratives, seeded.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.foreign import Frozen, scored
from evals.measures import SEED
from evals.output import emit
from evals.transfer import share
from qualcode.codebook import Code, Codebook, load_codebook
from qualcode.coders.local.passages import split_sentences
from qualcode.resources import corpus_path, default_codebook_path
from qualcode.workflow.eval_scheme import FOREIGN_FAMILY
from training.labelled_talks import talk_names, talks_of

LEAST_WORDS = 200
"""About 256 word pieces: longer than the window that the original was made for."""
GOLD = Path(__file__).resolve().parent / "gold"
Floats = NDArray[np.float64]


def written() -> list[tuple[str, str]]:
    """Return narratives of the written interviews, each with its stage."""
    found = []
    for name in talk_names("abcd"):
        tasks, labelled = talks_of(name)
        if len(tasks) > 1:  # comments
            continue
        text = tasks[0].document.text
        parts: dict[tuple[str | None, str], list[str]] = defaultdict(list)
        for one in labelled:
            for stage in one.labels["stage"]:
                parts[one.segment.participant_id, stage].append(one.segment.span.of(text))
        found += [(" ".join(said), stage) for (_, stage), said in parts.items()]
    return found


def of_gold(corpus: str) -> list[tuple[str, str]]:
    """Return narratives of a bundled corpus' interviews, as its gold has their stages."""
    with (GOLD / f"{corpus}.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["row"]]
    parts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        if row["stage"]:
            parts[row["document"], row["stage"]].append(row["text"])
    return [(" ".join(said), stage) for (_, stage), said in parts.items()]


def foreign(codes: Sequence[Code]) -> Codebook:
    """Return stages as a codebook that somebody brings along: names and definitions alone."""
    blank = [
        Code(
            id=f"c_{at}",
            family=FOREIGN_FAMILY,
            name=code.name,
            definition=code.definition,
        )
        for at, code in enumerate(codes)
    ]
    return Codebook("stages", tuple(blank))


def figures(
    stories: Sequence[tuple[str, str]], codes: Sequence[Code], frozen: Frozen
) -> dict[str, Any]:
    """Return the accuracy of coder and peers on narratives long enough."""
    long = [(text, stage) for text, stage in stories if len(text.split()) >= LEAST_WORDS]
    texts = [text for text, _ in long]
    ids = [code.id for code in codes]
    truth = np.array([ids.index(stage) for _, stage in long])
    book = foreign(codes)
    answers = {
        "coder": scored(book, texts).scores,
        "frozen, cosine of the cut text": frozen.cosines(texts, book.codes, names_only=False),
        "frozen, cosine pooled over sentences": pooled(texts, book.codes, frozen),
    }
    result: dict[str, Any] = {
        "n": len(texts),
        "median_words": int(np.median([len(text.split()) for text in texts])),
    }
    hits = {name: said.argmax(axis=1) == truth for name, said in answers.items()}
    return result | {name: share(right) for name, right in hits.items()}


def pooled(texts: Sequence[str], codes: Sequence[Code], frozen: Frozen) -> Floats:
    """Return (n_texts, n_codes) cosines of the mean of a text's sentences."""
    described = frozen.encode([f"{code.name}. {code.definition}" for code in codes])
    rows = []
    for text in texts:
        mean = frozen.encode([span.of(text) for span in split_sentences(text)]).mean(axis=0)
        rows.append(described @ (mean / np.linalg.norm(mean)))
    return np.array(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--original", type=Path, required=True, help="folder of the frozen encoder")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    args = parser.parse_args()
    frozen = Frozen(args.original)
    default = load_codebook(default_codebook_path()).family("stage")
    kestrel = load_codebook(corpus_path("kestrel") / "codebook.yaml").family("stage")
    result = {
        "seed": SEED,
        "written interviews": figures(written(), default, frozen),
        "gold, rollwell": figures(of_gold("rollwell"), default, frozen),
        "gold, kestrel": figures(of_gold("kestrel"), kestrel, frozen),
    }
    emit(result, args.out)


if __name__ == "__main__":
    main()
