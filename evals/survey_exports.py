"""Tell how surveys that people really exported are read, beside how they should be.

    python -m evals.survey_exports --data DIR [--out FILE.json]

DIR holds the folders `otel_surveys`, `mybinder_survey`, `jupyter_surveys` and `nhs_comments`, which
are not part of the project; what is not there is passed over. Each file is read with defaults, or
with the one flag that its row names. What should come out was decided by reading the questions and
answers: columns by number, so that no text of the files is repeated here. Labels that people wrote
in (a role, an industry, a word for "other") are no open answers. Three of the ten `otel_surveys`
ask closed questions only, which is to be said.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.output import emit
from qualcode.errors import SourceError
from qualcode.ingest.survey import NoOpenAnswers
from qualcode.workflow.kept_profiles import KeptProfiles
from qualcode.workflow.parse import IngestOptions
from qualcode.workflow.parse_survey import find_profile
from qualcode.workflow.sources import Found


@dataclass(frozen=True, slots=True)
class Wanted:
    """Say how a file should be read.

    Attributes:
        n_rows: Rows that are read.
        texts: Numbers of the open columns, none where the survey asks closed questions only.
        id_col: Number of the id column.
        options: The one flag that it takes.
    """

    path: str
    format: str
    n_rows: int
    texts: tuple[int, ...]
    id_col: int | None = None
    options: IngestOptions = IngestOptions()


_OTEL = "otel_surveys/otel-"
_JUPYTER = "jupyter_surveys/2015_ux_SurveyExport.csv"
_BOXES = (5, 7, 8, 9, 11, *range(12, 30))

WANTED = (
    Wanted("otel_surveys/developer-experience-survey.csv", "csv/googleforms", 217, (23,)),
    Wanted(f"{_OTEL}collector-follow-up-survey.csv", "csv/googleforms", 120, (25,)),
    Wanted(f"{_OTEL}collector-survey.csv", "csv/googleforms", 185, ()),
    Wanted(
        f"{_OTEL}contributor-experience-survey-demographic-questions.csv",
        "csv/googleforms",
        134,
        (),
    ),
    Wanted(
        f"{_OTEL}contributor-experience-survey-free-form-questions.csv", "csv", 46, (1, 2, 3, 4)
    ),
    Wanted(f"{_OTEL}contributor-experience-survey-substantial-questions.csv", "csv", 125, ()),
    Wanted(f"{_OTEL}docs-usability-survey.csv", "csv/googleforms", 48, (9, 10, 31, 33)),
    Wanted(f"{_OTEL}getting-started-survey.csv", "csv/googleforms", 104, (22,)),
    Wanted(f"{_OTEL}prom-interoperability-survey-2026.csv", "csv/googleforms", 186, (11,)),
    Wanted(f"{_OTEL}prom-interoperability-survey.csv", "csv/googleforms", 91, (20, 21)),
    Wanted("mybinder_survey/mybinder.org-user-survey-feb-2020.csv", "csv/googleforms", 346, (3,)),
    Wanted(_JUPYTER, "csv/alchemer", 1706, _BOXES),
    Wanted(_JUPYTER, "csv/alchemer", 779, _BOXES, None, IngestOptions(drop_unfinished=True)),
    Wanted("nhs_comments/comments_coded.csv", "csv", 5096, (8,), 1),
    Wanted("nhs_comments/comments_earlier_framework.csv", "csv", 7709, (4,), 8),
)


def found(data: Path, wanted: Wanted) -> dict[str, Any]:
    """Return how a file is read, and whether that is as it should be."""
    path = data / wanted.path
    file = Found(path, path.name, "survey")
    read: dict[str, Any] = {"file": wanted.path, "dropped": wanted.options.drop_unfinished is True}
    try:
        survey = find_profile(file, path.read_bytes(), path.name, wanted.options, KeptProfiles())
    except NoOpenAnswers:
        return {**read, "texts": [], "right": not wanted.texts}
    except SourceError as error:
        return {**read, "error": error.message, "right": False}
    header = survey.table.header
    texts = [header.index(name) + 1 for name in survey.profile.text_cols]
    own = survey.profile.id_col
    read |= {
        "format": survey.table.full_format,
        "rows": len(survey.table.rows),
        "columns": len(header),
        "texts": texts,
        "id": None if own is None else header.index(own) + 1,
        "attributes": len(survey.profile.attr_cols),
    }
    as_wanted = (wanted.format, wanted.n_rows, list(wanted.texts), wanted.id_col)
    right = (read["format"], read["rows"], texts, read["id"]) == as_wanted
    return {**read, "right": right}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    there = [wanted for wanted in WANTED if (options.data / wanted.path).is_file()]
    if not there:
        print(f"none of the {len(WANTED)} surveys is there; nothing was read")
        return
    files = [found(options.data, wanted) for wanted in there]
    result = {"n_read": len(files), "n_right": sum(f["right"] for f in files), "files": files}
    emit(result, options.out, indent=1)


if __name__ == "__main__":
    main()
