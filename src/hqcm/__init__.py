"""HQCM-EBTC (arXiv:2506.21937), reproduced: data, networks, training and evidence."""
