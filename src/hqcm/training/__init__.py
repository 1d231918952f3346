"""Augmentation, losses, the training loop and checkpoints."""
