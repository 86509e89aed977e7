"""From the name of a model to its files: the hub, checkpoints, and the table of architectures."""
