"""The names that an expression is written with, without asking what they mean."""

from __future__ import annotations

from assay.probes.code.syntax import Attr, Call, Name


def last_name(expression: object) -> str:
    """The last name of a dotted expression or of what a call calls."""
    match expression:
        case Call(fn=fn):
            return last_name(fn)
        case Attr(name=name):
            return name
        case Name(id=name):
            return name
        case _:
            return ""


def dotted(expression: object) -> str:
    """A dotted name as written, or an empty string."""
    match expression:
        case Name(id=name):
            return name
        case Attr(base=base, name=name):
            before = dotted(base)
            return f"{before}.{name}" if before else ""
        case _:
            return ""
