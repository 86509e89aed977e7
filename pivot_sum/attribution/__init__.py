"""Where the points of a run went: the loss against the reference, shared out among its stages by
means of oracles."""

from pivot_sum.attribution.attribute import attribute
from pivot_sum.attribution.result import (
    RESULT,
    TEXTS,
    Attribution,
    Combination,
    Estimate,
    StageLoss,
)

__all__ = ["RESULT", "TEXTS", "Attribution", "Combination", "Estimate", "StageLoss", "attribute"]
