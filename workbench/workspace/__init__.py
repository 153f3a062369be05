"""Use cases: the only room that knows both the store and the pure rooms."""
