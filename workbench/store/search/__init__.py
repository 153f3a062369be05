"""Finding words: the same search by an index beside the file or, without one, by SQL."""
