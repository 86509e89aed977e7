"""Samples from data files, and predictions files."""
