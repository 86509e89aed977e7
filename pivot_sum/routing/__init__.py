"""Choosing, dialogue by dialogue and without references, which of several summaries to serve."""

from pivot_sum.routing.choosing import METHODS, Choice, Method, choose
from pivot_sum.routing.judging import Judged, judge
from pivot_sum.routing.measuring import Evaluated, Outcome, evaluate
from pivot_sum.routing.routes import Routed, learn_route, route, write_routed
from pivot_sum.routing.rules import Rule, learn, load_rule, save_rule

__all__ = [
    "METHODS",
    "Choice",
    "Evaluated",
    "Judged",
    "Method",
    "Outcome",
    "Routed",
    "Rule",
    "choose",
    "evaluate",
    "judge",
    "learn",
    "learn_route",
    "load_rule",
    "route",
    "save_rule",
    "write_routed",
]
