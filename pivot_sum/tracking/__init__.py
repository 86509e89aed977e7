"""Experiment tracking: the same values and settings for Weights & Biases, TensorBoard, MLflow."""
