"""Score the embedded coder on the gold of the bundled corpora.

    python -m evals.gold.score [--gold evals/gold] [--corpus NAME] [--out evals/results/gold.json]

Reads `CORPUS.csv`, the sheet that the reader filled in, for each corpus; one without it is left
alone, no coder runs on it. The corpus is read as for the blank sheet, and the coder judges whole
documents with the shipped thresholds; its own decision is scored, an abstention like a none.

Where `CORPUS.second.csv` is there, the second reader is scored against the first in the same way on
the rows both have read, and so is the coder: nobody can be expected to agree more with the reader
than another reader does. Alpha is Krippendorff's over sets of codes with MASI distance, `alpha_any`
over "any code or none".

Prints a table; the JSON has the codes one by one, confusions, and what intervals cover.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.gold.figures import Unit, family_figures, short_figures
from evals.gold.judged import FAMILIES, Labels, Place, Sheet
from evals.gold.sheet import read_study, sample_of, sheet_rows
from evals.measures import SEED
from evals.output import write
from qualcode.coders.base import Coder, Task
from qualcode.records import Corpus, Judgement, Verdict
from qualcode.resources import corpora

if TYPE_CHECKING:
    from qualcode.workflow.study import Study

GOLD = Path(__file__).resolve().parent


def proposals(
    coder: Coder, corpus: Corpus, places: Sequence[Place]
) -> dict[Place, dict[str, Judgement]]:
    """Return the coder's judgements of segments, made from the whole documents they stand in."""
    names = {d.id: (d.path, d.external_id or "") for d in corpus.documents}
    wanted = {place[:2] for place in places}
    tasks = [
        Task(document, tuple(s for s in corpus.segments if s.document_id == document.id))
        for document in corpus.documents
        if names[document.id] in wanted
    ]
    ids = {
        segment.id: (*names[segment.document_id], segment.start_char, segment.end_char)
        for task in tasks
        for segment in task.segments
    }
    found: dict[Place, dict[str, Judgement]] = {place: {} for place in places}
    for judgement in coder.code(tasks, FAMILIES).items:
        if (place := ids[judgement.segment_id]) in found:
            found[place][judgement.family] = judgement
    return found


def units_of(
    family: str,
    gold: Mapping[Place, Labels],
    other: Mapping[Place, Labels],
    abstained: Collection[Place] = (),
) -> list[Unit]:
    """Pair a family's codes by the reader with those of a coder or another reader."""
    return [
        Unit(
            document=":".join(place[:2]),
            kind="comment" if place[1] else "interview",
            wanted=labels[family],
            proposed=other[place][family],
            abstained=place in abstained,
        )
        for place, labels in gold.items()
    ]


def coder_figures(
    family: str, gold: Mapping[Place, Labels], judged: Mapping[Place, Mapping[str, Judgement]]
) -> dict[str, Any]:
    """Return a family's figures with verdicts, and in short for interviews and comments."""
    is_stage = family == "stage"
    of_family = {place: judged[place][family].verdict for place in gold}
    abstained = {place for place, verdict in of_family.items() if verdict is Verdict.ABSTAINED}
    verdicts = Counter(of_family.values())
    units = units_of(family, gold, codes_of(judged), abstained)
    parts = {kind: [u for u in units if u.kind == kind] for kind in ("interview", "comment")}
    return {
        **family_figures(units, is_stage=is_stage),
        "verdicts": {verdict.value: verdicts[verdict] for verdict in Verdict},
        "abstained_share": round(len(abstained) / len(gold), 3),
        "by_kind": {
            kind: short_figures(some, is_stage=is_stage) for kind, some in parts.items() if some
        },
    }


def codes_of(judged: Mapping[Place, Mapping[str, Judgement]]) -> dict[Place, Labels]:
    """Return judgements as a reader's sheet would have them."""
    return {
        place: {f: frozenset(c.code for c in j.codings) for f, j in judgements.items()}
        for place, judgements in judged.items()
    }


def scored(study: Study, corpus_name: str, folder: Path) -> dict[str, Any]:
    """Return the figures of one corpus."""
    from qualcode.workflow.code import local_coder

    book, corpus = study.codebook, study.corpus()
    sheet = Sheet(
        tuple(sheet_rows(corpus, sample_of(corpus_name))),
        {family: {code.id for code in book.family(family)} for family in FAMILIES},
    )
    gold = sheet.read(folder / f"{corpus_name}.csv", whole=True)
    second_path = folder / f"{corpus_name}.second.csv"
    second = sheet.read(second_path, whole=False) if second_path.is_file() else None
    coder = local_coder(study)
    judged = proposals(coder, corpus, list(gold))
    result: dict[str, Any] = {"coder": coder.name}
    for family in FAMILIES:
        figures: dict[str, Any] = {"basis": f"{coder.basis(family)}/{book.meaning(family)}"}
        figures |= coder_figures(family, gold, judged)
        if second is not None:
            both = {place: labels for place, labels in gold.items() if place in second}
            figures["second_reader"] = family_figures(
                units_of(family, both, second), is_stage=family == "stage"
            )
            figures["coder_on_the_second_readers_rows"] = short_figures(
                units_of(family, both, codes_of(judged)), is_stage=family == "stage"
            )
        result[family] = figures
    return result


def table(name: str, figures: Mapping[str, Any]) -> str:
    """Return a corpus' figures for reading, one line a family."""
    lines = [
        f"{'':<22}{'n':>5}{'macro F1':>17}{'micro F1':>17}{'any F1':>17}{'acc.':>7}{'alpha':>7}"
    ]
    for family in FAMILIES:
        rows = {"": figures[family], " 2nd reader": figures[family].get("second_reader")}
        for who, row in rows.items():
            if row is None:
                continue
            cells = [
                _with_interval(row["macro_f1"], row["macro_f1_interval"]),
                _with_interval(row["micro"]["f1"], row["micro"]["f1_interval"]),
                _with_interval(row["any"]["f1"], row["any"]["f1_interval"]),
            ]
            lines.append(
                f"{family + who:<22}{row['n_segments']:>5}"
                + "".join(f"{cell:>17}" for cell in cells)
                + f"{_shown(row.get('accuracy')):>7}{_shown(row['alpha']):>7}"
            )
    return "\n".join([name, *lines])


def _with_interval(value: float | None, ends: list[float] | None) -> str:
    return _shown(value) + (f" {ends[0]:.2f}–{ends[1]:.2f}" if ends else "")


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gold", type=Path, default=GOLD, help="folder with the filled-in sheets")
    parser.add_argument("--corpus", choices=corpora(), help="this one only")
    parser.add_argument("--out", type=Path, help="write the JSON here")
    options = parser.parse_args()
    result: dict[str, Any] = {"seed": SEED, "interval": "95 %, bootstrap over documents"}
    for name in [options.corpus] if options.corpus else sorted(corpora(), reverse=True):
        if not (options.gold / f"{name}.csv").is_file():
            print(f"{name}: no {name}.csv in {options.gold}, left alone", file=sys.stderr)
            continue
        with read_study(name) as study:
            result[name] = scored(study, name, options.gold)
        print(table(name, result[name]))
    if options.out:
        write(result, options.out)


if __name__ == "__main__":
    main()
