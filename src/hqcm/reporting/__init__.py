"""What people read: the report, its figures and its page.

`results` reads what a run has left, once; `sections` say it in blocks of a `document`, `figures`
draw it, `report` puts the sections in order and `page` renders them with `templates`. Nothing is
measured here: a number that the report lacks belongs to the stage that can compute it.

To show another result: a field of `Results`, read in `read_results`, and a section that takes
`results`.
"""
