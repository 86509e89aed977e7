"""Systems (runs, predictions files, recipes) compared over the same dialogues: differences, their
significance, and the baselines."""
