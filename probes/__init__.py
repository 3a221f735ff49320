"""Observe: a target in, a result out; stores nothing, serves nothing."""
