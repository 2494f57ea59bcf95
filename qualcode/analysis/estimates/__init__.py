"""Honest counts: the share of units with a code from a judged probability sample.

docs/estimates.md tells what each figure means, and its sources.
"""

from qualcode.analysis.estimates.auto_accept import AutoAccept, lowest_threshold
from qualcode.analysis.estimates.exact import (
    clopper_pearson,
    clopper_pearson_upper,
    hypergeometric,
)
from qualcode.analysis.estimates.plan import Plan, plan_more
from qualcode.analysis.estimates.report import (
    PARTICIPANTS,
    GroupShares,
    Report,
    report_shares,
)
from qualcode.analysis.estimates.shares import Estimate, Shares, Target, estimate_shares
from qualcode.analysis.estimates.units import Columns, Unit

__all__ = [
    "PARTICIPANTS",
    "AutoAccept",
    "Columns",
    "Estimate",
    "GroupShares",
    "Plan",
    "Report",
    "Shares",
    "Target",
    "Unit",
    "clopper_pearson",
    "clopper_pearson_upper",
    "estimate_shares",
    "hypergeometric",
    "lowest_threshold",
    "plan_more",
    "report_shares",
]
