"""The sections of the report, a module a subject: from results to words, tables and pictures.

Here stands what the report says, in which words and in which order. How a number is shown stands in
`hqcm.reporting.numbers` and `estimates`, how a picture is drawn in `hqcm.reporting.figures`, what a
verdict is in `hqcm.ledger`; nothing here computes a result.

To add one: write `describe_x`, which takes `results`, or the part of it that it speaks of, and
returns a `Section`; call it in `hqcm.reporting.report` at its place.
"""
