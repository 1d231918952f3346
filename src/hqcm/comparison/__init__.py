"""Is it the quantum layer: networks and protocols compared over seeds and patients.

Here: which networks stand against which (`compare`), a difference with its interval, p value and
verdict (`effects`), and the file that the stage `compare` leaves (`comparisons`). Not here: the
words for it (`reporting`).

To add one: a quantity is a name in `sampling._sample_protocol` and a column in its sums; a network
is compared as soon as params.yaml lists it under `study`.
"""
