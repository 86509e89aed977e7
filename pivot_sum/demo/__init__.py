"""The embedded default: a small world of Korean dialogues written for this project, and three tiny
models of it.

`grammar` reads the scenarios and samples dialogues from them; `train` makes the held-out data and
the models that lie in `stages/models/demo`, by `pivot_sum.training` from the recipes in `recipes/`.
Nothing the application runs imports `train`: the models are shipped.
"""
