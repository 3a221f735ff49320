"""Whether what an answer shows of an object that outlives requests is ever changed, though no endpoint was seen to.

Counters of a middleware, statistics that a worker keeps: what changes them is called from somewhere that was not
followed. Their first values are written down, and are not what a client meets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.lines import lines_of

if TYPE_CHECKING:
    from assay.probes.code.flow.interpreter import Interpreter

_DECLARES: Final = re.compile(r"\s*self\.(\w+)\s*(?::[^=]*)?=")
_MADE: Final = "__init__"
_CHANGES: Final = (
    r"\b\w+\.{name}(?:\s*\[[^\]]*\])*\s*(?:[-+*/|&]?=(?!=)"
    r"|\.(?:add|append|appendleft|clear|discard|extend|insert|pop|popleft|remove|setdefault|update)\()"
)
_TAKES: Final = r"(\w+)\s*=\s*\w+\.{name}\["
_ENTRY: Final = 12
"""How many lines behind the one that takes an entry out of a dictionary that entry may be changed."""


def changes(machine: Interpreter, name: str) -> bool:
    """A method other than the constructor assigns to the attribute, or puts something into it."""
    file, _, place = name.rpartition(":")
    module = machine.modules.get(file) if machine.is_python(file) else None
    attribute = _attribute(machine, file, place)
    if module is None or not attribute:
        return False
    made = {number for one in module.facts.functions if one.name == _MADE for number in range(one.line, one.end_line)}
    lines = [line.decode("utf-8", "replace") for line in lines_of(machine.source(file))]
    sets, takes = (re.compile(text.replace("{name}", re.escape(attribute))) for text in (_CHANGES, _TAKES))
    for number, line in enumerate(lines, 1):
        if attribute not in line or number in made:
            continue
        entry = takes.search(line)
        if sets.search(line) or (entry and _changes_entry(entry[1], lines[number : number + _ENTRY])):
            return True
    return False


def _changes_entry(name: str, lines: list[str]) -> bool:
    pattern = re.compile(rf"\b{re.escape(name)}(?:\[[^\]]*\]\s*[-+*/|&]?=(?!=)|\.(?:add|append|extend|update)\()")
    return any(pattern.search(line) for line in lines)


def _attribute(machine: Interpreter, file: str, place: str) -> str:
    """The name of the attribute: written behind the number of its class, or where its container is made."""
    if not place.isdigit():
        return place.partition(".")[2]
    found = _DECLARES.match(machine.line(file, int(place)))
    return found[1] if found else ""
