"""One endpoint from its runs to a verdict with its evidence."""
