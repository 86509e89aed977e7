"""How the three models of the embedded default are made: `python -m pivot_sum.demo_training.train`.

Nothing the application runs imports this: the models are shipped.
"""
