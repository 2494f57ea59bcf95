"""Agreement between coders: pure functions over who gave which codes to what."""

from qualcode.analysis.agreement.acceptance import Acceptance, acceptance
from qualcode.analysis.agreement.alpha import masi
from qualcode.analysis.agreement.anchoring import Anchoring, anchoring
from qualcode.analysis.agreement.bootstrap import N_RESAMPLES, SEED
from qualcode.analysis.agreement.confusion import Cell, confusion
from qualcode.analysis.agreement.figures import (
    CODE_FIGURES,
    ORDINAL,
    SET_FIGURES,
    Agreement,
    CodeAgreement,
    PairAgreement,
)
from qualcode.analysis.agreement.ratings import Codes, Ratings
from qualcode.analysis.agreement.table import measure, ordinal_alpha

__all__ = [
    "CODE_FIGURES",
    "N_RESAMPLES",
    "ORDINAL",
    "SEED",
    "SET_FIGURES",
    "Acceptance",
    "Agreement",
    "Anchoring",
    "Cell",
    "CodeAgreement",
    "Codes",
    "PairAgreement",
    "Ratings",
    "acceptance",
    "anchoring",
    "confusion",
    "masi",
    "measure",
    "ordinal_alpha",
]
