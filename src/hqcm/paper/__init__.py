"""What the paper prints, and whether it can be true: arithmetic on its numbers, no data.

`entries` and `claims` are the schema of `data/paper/claims.yaml`, `findings` what the audit
reports; `audit` asks every question, each `audit_...` those of one part of the paper, with the help
of `counts`, `fit` and `proof`. Whether a claim came out here is the business of `hqcm.ledger`.

To add a question: a function `audit_x(claims) -> Finding` in the module of its part, called in
that module's list or in `audit`.
"""
