"""Error attribution: the loss of a run against the reference, shared out among its stages by
means of oracles."""

from pivot_sum.attribution.attribute import attribute
from pivot_sum.attribution.result import (
    RESULT,
    TEXTS,
    Attribution,
    Combination,
    StageLoss,
)
from pivot_sum.comparison.significance import Estimate

__all__ = ["RESULT", "TEXTS", "Attribution", "Combination", "Estimate", "StageLoss", "attribute"]
