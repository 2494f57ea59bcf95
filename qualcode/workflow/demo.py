"""Make a whole study from a bundled corpus: the main job in one call."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from qualcode.errors import StudyError
from qualcode.resources import corpus_path
from qualcode.settings import Charter
from qualcode.workflow.code import CodeReport, code, local_coder
from qualcode.workflow.draft import Drafted
from qualcode.workflow.ingest import IngestReport, ingest
from qualcode.workflow.map import write_map
from qualcode.workflow.progress import Progress, silent
from qualcode.workflow.study import Study, create_study, is_unfinished

__all__ = ["DEFAULT_CORPUS", "DemoReport", "demo"]

DEFAULT_CORPUS = "rollwell"


@dataclass(frozen=True, slots=True)
class DemoReport:
    """Hold what each step of the demonstration did."""

    map_path: Path
    ingested: IngestReport
    coded: CodeReport
    drafted: Drafted


def demo(path: Path, *, corpus: str = DEFAULT_CORPUS, progress: Progress = silent) -> DemoReport:
    """Make the study, or finish one that an earlier call began, and write its map.

    Raises:
        StudyError: The folder holds something else than a study of this corpus.
        UsageError: There is no such corpus.
    """
    folder = corpus_path(corpus)
    about = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))
    name = str(about["study"]["name"])
    if (path / "study.toml").is_file():
        study = Study(path)
        if study.settings.study.name != name:
            raise StudyError(
                f"{path}: holds another study", hint="name a new folder: qualcode demo DIR"
            )
    else:
        if path.is_dir() and not is_unfinished(path):
            raise StudyError(f"{path}: is not empty and holds no study", hint="name a new folder")
        own = folder / "codebook.yaml"
        charter = Charter.model_validate(about.get("charter", {}))
        study = create_study(
            path, name=name, charter=charter, codebook=own if own.is_file() else None
        )
    with study:
        ingested = ingest(study, [folder / "sources"], progress=progress)
        coded = code(study, local_coder(study), progress=progress)
        drafted = write_map(study, path / "map.html")
    return DemoReport(path / "map.html", ingested, coded, drafted)
