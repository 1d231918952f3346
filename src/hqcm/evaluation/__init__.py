"""Classification, localisation and embedding of the test slices, with intervals."""
