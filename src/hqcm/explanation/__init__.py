"""Explanation: Grad-CAM, and whether a network goes by what a map lights up."""
