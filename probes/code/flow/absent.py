"""Attributes that a module of the project certainly does not have: reading one can only fail."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from assay.probes.code.facts import ImportScope
from assay.probes.code.flow.refs import ModuleRef
from assay.probes.code.syntax import Name

if TYPE_CHECKING:
    from assay.probes.code.facts import Import
    from assay.probes.code.flow.machine import Machine
    from assay.probes.code.flow.state import Frame
    from assay.probes.code.flow.values import Site, Value
    from assay.probes.code.syntax import Expr

_SET: Final = re.compile(rb"setattr\(\s*(?:\w+\.)*(\w+)")
_SURE: Final = frozenset({ImportScope.MODULE, ImportScope.FUNCTION})


def check_attribute(machine: Machine, node: Expr, base: Value, name: str, frame: Frame, site: Site) -> None:
    """Reading an attribute of what one import certainly gives."""
    if machine.lasting or not isinstance(node, Name) or len(base.refs) != 1 or base.atoms or base.fields:
        return
    ref = base.refs[0]
    if not isinstance(ref, ModuleRef) or not machine.is_python(ref.path) or ref.path == frame.module.path:
        return
    given = [one for one in frame.module.facts.imports if one.alias == node.id]
    if len(given) != 1 or given[0].scope not in _SURE or len(frame.module.bindings.get(node.id, ())) > 1:
        return
    if not _is_above(given[0], ref.path, frame.module.path):
        return
    reason = _reason(machine, given[0], ref.path, name, frame)
    if reason:
        machine.breaks(site, reason)


def _reason(machine: Machine, one: Import, target: str, name: str, frame: Frame) -> str:
    missing = machine.importability.lacks(one, target, name, frame.module)
    if not missing or machine.late.is_assigned(machine, name) or _is_set(machine, target):
        return ""
    return missing


def _is_above(one: Import, target: str, importer: str) -> bool:
    """The module is found from a folder that holds the importing file: no library of the same name can be meant.

    A file that imports the very package it stands in may be a script, which does not find that package.
    """
    if one.module.startswith("."):
        return True
    if target == f"{importer.rpartition('/')[0]}/__init__.py":
        return False
    parts = target.removesuffix(".py").removesuffix("/__init__").split("/")
    root = parts[: max(0, len(parts) - len([*one.module.split("."), *filter(None, (one.name,))]))]
    return importer.split("/")[: len(root)] == root


def _is_set(machine: Machine, target: str) -> bool:
    """Some file hands the module to `setattr`, by the name of its file."""
    stem = target.removesuffix("/__init__.py").rpartition("/")[2].removesuffix(".py").encode()
    return any(
        found[1] == stem
        for source in map(machine.source, machine.python_files)
        if b"setattr(" in source
        for found in _SET.finditer(source)
    )
