"""Inference, classification, localisation, embedding and statistics."""
