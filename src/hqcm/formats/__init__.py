"""Native formats: one module each, and the conversion to a slice store that they share.

`native_format` says what a format is, `reading` has other processes read it, `convert` writes the
store. Here belongs what other people's files look like, and every doubt about them: whatever is
wrong with a file ends as a `Rejection` with its reason.

To add a format: a module that offers ``FORMAT``, and a section of `sources` in `params.yaml` that
names it. Nothing else: CONTRIBUTING.md shows one, and no other source is converted anew.
"""
