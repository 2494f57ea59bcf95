"""Write the journey map of a study."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qualcode.draft import Group
from qualcode.errors import UsageError
from qualcode.workflow.draft import Drafted, draft
from qualcode.workflow.export import is_masked
from qualcode.workflow.outputs import write_output
from qualcode.workflow.study import Study

__all__ = ["FORMATS", "Written", "write_map"]

FORMATS = ("html", "json", "csv", "md")


@dataclass(frozen=True, slots=True)
class Written:
    """Hold what was drawn, and the files it stands in, the map first."""

    drafted: Drafted
    paths: tuple[Path, ...]


def write_map(
    study: Study, out: Path, *, kind: str = "html", group: Group | None = None
) -> Written:
    """Write the map; existing files are replaced.

    As "html" it is one self-contained page; beside it lie the proof of the criteria and, where a
    cell has more quotes than the page holds, a page of all of them. "json" is the map of the
    export, "csv" a row a finding, "md" for reading.

    Raises:
        UsageError: No participant has an attribute of the group, the kind is unknown, or a file
            cannot be written.
    """
    if kind not in FORMATS:
        raise UsageError(f"no map of format {kind!r}", hint=f"there are: {', '.join(FORMATS)}")
    drafted = draft(study, group=group)
    if kind == "html":
        return Written(drafted, _write_pages(study, out, drafted))
    masked = is_masked(study)
    from qualcode.report.map_tables import map_csv, map_json, map_markdown

    if kind == "json":
        write_output(study, out, map_json(drafted.draft, drafted.corpus, masked=masked))
    elif kind == "csv":
        write_output(
            study, out, map_csv(drafted.draft, drafted.corpus, drafted.codebook, masked=masked)
        )
    else:
        write_output(
            study,
            out,
            map_markdown(
                drafted.draft,
                drafted.corpus,
                drafted.codebook,
                title=study.settings.study.name,
                charter=study.settings.charter,
                masked=masked,
            ),
        )
    return Written(drafted, (out,))


def _write_pages(study: Study, out: Path, drafted: Drafted) -> tuple[Path, ...]:
    from qualcode.report.journey_page import MapFiles, draw_map
    from qualcode.workflow.criteria import write_criteria

    quotes, criteria = (out.with_name(f"{out.stem}-{part}.html") for part in ("quotes", "criteria"))
    stands = bool(drafted.draft.criteria.criteria)
    pages = draw_map(
        drafted.draft,
        drafted.corpus,
        drafted.codebook,
        title=study.settings.study.name,
        charter=study.settings.charter,
        participants=drafted.participants,
        stamps=[] if is_masked(study) else ["Names were not masked"],
        files=MapFiles(quotes=quotes.name, criteria=criteria.name if stands else ""),
    )
    write_output(study, out, pages.map)
    written = [out]
    if stands:
        write_criteria(study, criteria, drafted=drafted, map_file=out.name)
        written.append(criteria)
    if pages.quotes is not None:
        write_output(study, quotes, pages.quotes)
        written.append(quotes)
    for stale in {quotes, criteria} - set(written):
        stale.unlink(missing_ok=True)  # of an earlier map, which would not fit this one
    return tuple(written)
