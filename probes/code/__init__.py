"""The scanner: source text in, endpoints with verdicts and findings out."""
