"""A trained network asked about anybody's files: commands `hqcm predict` and `hqcm explain`.

Here belongs what a slice from outside needs beside the pipeline's own readers, preparation and
network: which files are meant, how sure a network really is, whether it has seen the like, and how
the answer is told. Nothing here is part of a stage but `predictor`, which the checkpoint's stage
`predict` writes; nothing is published, and no header is quoted.

To add a kind of file: its suffixes and first bytes in `files._KINDS`, and a reader there. To add a
sign that a slice is unlike training: a statistic in `predictor.measure_images`.
"""
