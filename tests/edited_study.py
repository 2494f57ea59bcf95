"""What tests of edits ask of a study."""

from __future__ import annotations

from qualcode.draft import DesignCriterion, Draft
from qualcode.workflow.draft import draft
from qualcode.workflow.study import Study

CELL = "pain_point/stage_wait/pain_slow"


__all__ = ["CELL", "criteria", "drafted", "ids_in", "words_of"]


def drafted(study: Study) -> Draft:
    return draft(study).draft


def criteria(study: Study) -> tuple[DesignCriterion, ...]:
    return drafted(study).criteria.criteria


def ids_in(study: Study, cell: str = CELL) -> list[str]:
    family, stage, code_id = cell.split("/")
    findings = drafted(study).map.cells[family, stage].findings
    return [q.coding_id for f in findings if f.code == code_id for q in f.quotes]


def words_of(study: Study, coding_id: str) -> str:
    found = draft(study)
    texts = {document.id: document.text for document in found.corpus.documents}
    for cell in found.draft.map.cells.values():
        for finding in cell.findings:
            for quote in finding.quotes:
                if quote.coding_id == coding_id:
                    return texts[quote.document_id][quote.start_char : quote.end_char]
    raise LookupError(coding_id)
