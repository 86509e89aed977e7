"""Training: models fine-tuned, tuned and compared; data augmented for it."""
