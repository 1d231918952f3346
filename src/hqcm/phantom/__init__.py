"""The simulated cohort, in the native formats of the three sources.

From the head (`head`, `volumes`) over who is imaged and what they have (`patients`, `lesions`) to
a slice (`rendering`), and from there to files: a module a source, with one that writes its
format. It knows nothing of how `hqcm.formats` reads them, so that neither can hide the other's
mistakes.

To add a source: a module that simulates its folder, a call in `cohort.acquire_phantom` and the
counts in section `phantom`; its generators are `patients.patient_rng` with a number of its own.
"""
