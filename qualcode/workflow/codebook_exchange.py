"""Take a codebook file over into a study, and the study's codebook out into a file."""

from __future__ import annotations

from pathlib import Path

from qualcode.codebook import Codebook, codes_of
from qualcode.codebook.files import read_book_file
from qualcode.codebook.importing import imported
from qualcode.errors import UsageError
from qualcode.workflow.codebook_apply import Changed, apply_change
from qualcode.workflow.files import write_atomically
from qualcode.workflow.study import Study

__all__ = ["export_codebook", "import_codebook"]


def import_codebook(
    study: Study,
    path: Path,
    *,
    keep_missing: bool = False,
    by: str | None,
    reason: str = "",
    dry_run: bool = False,
) -> Changed:
    """Make the study's codes those of a file; codes that it lacks are retired.

    Args:
        study: The study.
        path: A .yaml, .csv or .xlsx file. Columns that a table lacks leave their values as they
            are.
        keep_missing: Leave codes in use that the file lacks.
        by: Who decides; see `author_of`.
        reason: Why.
        dry_run: Only say what it would do.

    Raises:
        CodebookError: The file, or what would come of it, does not validate.
    """
    read = read_book_file(path)
    codes = codes_of(read, path)

    def make(book: Codebook) -> Codebook:
        return imported(book, codes, columns=read.columns, keep_missing=keep_missing)

    reason = reason or f"import {path.name}"
    return apply_change(study, "import", "book", make, by=by, reason=reason, dry_run=dry_run)


def export_codebook(study: Study, out: Path) -> None:
    """Write the study's codebook as .yaml, .csv or .xlsx to read back, or .md to read.

    Raises:
        UsageError: The file's ending is another one, or it cannot be written.
    """
    from qualcode.report.codebook_sheet import codebook_csv, codebook_xlsx, glossary

    suffix = out.suffix.lower()
    if suffix in (".yaml", ".yml"):
        content: str | bytes = study.codebook_text
        _ = study.codebook  # a file that does not validate is told, not handed on
    elif suffix == ".csv":
        content = codebook_csv(study.codebook)
    elif suffix == ".xlsx":
        content = codebook_xlsx(study.codebook)
    elif suffix == ".md":
        content = glossary(study.codebook)
    else:
        raise UsageError(
            f"{out}: not a codebook's format", hint="end it in .yaml, .csv, .xlsx or .md"
        )
    write_atomically(out, content)
