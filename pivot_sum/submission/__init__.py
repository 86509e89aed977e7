"""Checking a predictions file against the test set it is for, and repairing what is certain."""

from pivot_sum.submission.checking import Report, check, check_file, write_fixed
from pivot_sum.submission.kinds import KINDS, Kind, Problem

__all__ = ["KINDS", "Kind", "Problem", "Report", "check", "check_file", "write_fixed"]
