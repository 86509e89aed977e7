"""Comparing runs, predictions and recipes over the same dialogues, with a word on chance and on
what a baseline reaches."""
