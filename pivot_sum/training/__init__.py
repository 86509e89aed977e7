"""Training: a recipe of settings, a data file and a dev file in, a model that any recipe names
out."""
