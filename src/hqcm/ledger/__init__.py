"""The paper's claims held against what was measured.

`evidence` finds the number here that answers a claim, `learning_curves` reads such numbers off the
histories, `rules` says whether it is near enough, `ledger` what follows for the claim after the
audit and the cohort. What the paper says stands in `hqcm.paper`, the words of the report in
`hqcm.reporting`.

To add a kind of quantity: let `Evidence.look_up` find it. To add a kind of claim in words: its
criterion in `hqcm.paper.claims`, its test in `ledger._try_words`.
"""
