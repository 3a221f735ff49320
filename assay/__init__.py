"""Assay: proves that a service's data path is what it claims to be, or says where it is untrue."""

__version__ = "0.1.0"
