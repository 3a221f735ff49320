"""Record: the only package that knows tables."""
