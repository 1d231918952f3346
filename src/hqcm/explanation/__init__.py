"""Explanation: Grad-CAM, and whether a network goes by what a map lights up.

Here trained networks are asked anew, with gradients or with pixels taken away; what can be
computed from stored predictions belongs to `hqcm.evaluation`, words to `hqcm.reporting`.

To add a map, name it in `areas.Kind` and `areas.IN_WORDS` (and in `areas.LOCATED`, if it can lie on
a tumour mask) and give its values in `explain._explain_network`: curves, intervals and the
report's tables follow.
"""
