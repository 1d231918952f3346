"""Class ids of the paper and of this project; the only table of them."""

CLASS_NAMES = ("healthy", "meningioma", "glioma", "pituitary")
"""A label is a position in this tuple, 0 to 3 (paper: Fig. 5)."""

N_CLASSES = len(CLASS_NAMES)
HEALTHY, MENINGIOMA, GLIOMA, PITUITARY = range(N_CLASSES)
