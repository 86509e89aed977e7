"""Hyper-parameter search over a training recipe, by Optuna's own samplers and pruners."""
