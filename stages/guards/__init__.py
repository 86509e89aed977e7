"""Checks of an answer against its source that need no model, and what happens to an answer they
flag."""
