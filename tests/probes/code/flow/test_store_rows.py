"""Every row of the store models does what it says to a handle of its library, and nothing to a class of the project."""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING

import pytest

from assay.probes.code.stores import LIBRARIES
from assay.probes.code.stores.base import Act, Durability, Row, StoreModels
from assay.probes.code.view import EffectKind
from tests.probes.code.flow.apps import view_of
from tests.probes.code.flow.store_snippets import CALLS, HANDLES, UNREACHED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from assay.probes.code.stores.base import Library
    from assay.probes.code.view import EndpointFlow

_JAVASCRIPT = ("prisma", "drizzle", "knex", "typeorm", "sequelize", "mongoose", "pg", "mysql2", "better-sqlite3")
_OTHERS = ("django", *_JAVASCRIPT)
"""Libraries whose rows have tests of their own."""
_JAVASCRIPT_KINDS = ("supabase.JavaScriptClient", "supabase.JavaScriptClient.Table")
_READS = {
    Durability.FILE: EffectKind.FILE_READ,
    Durability.CACHE: EffectKind.MEMORY_READ,
}
_WRITES = {
    Durability.FILE: EffectKind.FILE_WRITE,
    Durability.CACHE: EffectKind.MEMORY_WRITE,
}
_TYPESTATE = {
    Act.COMMIT: EffectKind.COMMIT,
    Act.FLUSH: EffectKind.FLUSH,
    Act.ROLLBACK: EffectKind.ROLLBACK,
}
MODELS = StoreModels(LIBRARIES)
ROWS = [(library, row) for library in LIBRARIES for row in library.rows if library.name not in _OTHERS]
KINDS = sorted({row.on for _, row in ROWS} - UNREACHED - set(_JAVASCRIPT_KINDS))


def rows_of(kind: str) -> list[tuple[Library, Row, str]]:
    """The rows of one kind, one for each member that Python code can write."""
    found = [(library, row, member) for library, row in ROWS if row.on == kind for member in row.members]
    return [one for one in found if not iskeyword(one[2])]


def statement(row: Row, member: str, receiver: str = "h") -> str:
    """The line of code that uses one member of a handle."""
    given = CALLS.get((row.on, member))
    if given is None:
        given = {
            Act.RUN: "'SELECT * FROM notes'",
            Act.BUILD_SQL: "'SELECT * FROM notes'",
            Act.WRITE: "note",
            Act.STAGE: "note",
            Act.CALL: "called",
        }.get(row.act, "'notes'" if row.table is not None else "")
    match member:
        case "()":
            return f"return {receiver}({given})"
        case "[]":
            return f"return [one for one in {receiver}]"
        case "[]=":
            return f"{receiver}['key'] = note"
        case _:
            return f"return await {receiver}.{member}({given})"


def application(imports: str, expression: str, lines: Iterable[str]) -> str:
    """An application with one endpoint for each line."""
    text = [
        imports,
        "from fastapi import FastAPI",
        "app = FastAPI()",
        "def called(handle):",
        "    return handle",
    ]
    for index, line in enumerate(lines):
        text += [f"@app.post('/{index}')", f"async def f{index}(note: dict):", f"    h = {expression}", f"    {line}"]
    return "\n".join(text) + "\n"


def flows_of(text: str) -> list[EndpointFlow]:
    """The endpoints in the order of their declaration."""
    return sorted(view_of({"main.py": text}).endpoints, key=lambda flow: flow.endpoint.at.line)


def test_every_kind_of_handle_has_a_snippet() -> None:
    assert [kind for kind in KINDS if kind not in HANDLES] == []


def test_no_snippet_is_left_of_a_row_that_is_gone() -> None:
    assert sorted(set(HANDLES) - set(KINDS)) == []
    known = {(kind, member) for kind in KINDS for _, _, member in rows_of(kind)}
    assert sorted(set(CALLS) - known) == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_member_of_a_handle_does_what_its_row_says(kind: str) -> None:
    imports, expression = HANDLES[kind]
    rows = rows_of(kind)
    flows = flows_of(application(imports, expression, [statement(row, member) for _, row, member in rows]))
    wrong = [
        f"{member}: {[(str(one.kind), one.library) for one in flow.effects]} {flow.unresolved}"
        for (library, row, member), flow in zip(rows, flows, strict=True)
        if not _does(library, row, member, flow)
    ]
    assert wrong == []


def _does(library: Library, row: Row, member: str, flow: EndpointFlow) -> bool:
    if f"{row.on}.{member}" in flow.unresolved:
        return False
    kinds = {one.kind for one in flow.effects if row.through or one.library == library.name}
    match row.act:
        case Act.READ | Act.RUN:
            return _READS.get(library.durability, EffectKind.STORE_READ) in kinds
        case Act.WRITE | Act.STAGE:
            return row.lazy or _WRITES.get(library.durability, EffectKind.STORE_WRITE) in kinds
        case Act.COMMIT | Act.FLUSH | Act.ROLLBACK:
            return _TYPESTATE[row.act] in kinds
        case _:
            return True


def _goes_on(row: Row) -> str:
    """What shows that a member has given a handle of the kind that its row names."""
    for kind, act in ((row.handle, Act.READ), (row.handle, Act.RUN), (row.handle, Act.COMMIT)):
        for _, other, member in rows_of(kind):
            if other.act is act and member.isidentifier():
                return statement(other, member, "inner").removeprefix("return await ")
    return ""


@pytest.mark.parametrize("kind", KINDS)
def test_a_handle_that_a_member_gives_is_the_one_that_its_row_names(kind: str) -> None:
    imports, expression = HANDLES[kind]
    rows = [
        (row, member, _goes_on(row)) for _, row, member in rows_of(kind) if row.act is Act.HANDLE and not row.through
    ]
    rows = [one for one in rows if one[2]]
    lines = [
        f"inner = {statement(row, member).removeprefix('return await ').removeprefix('return ')}; return {then}"
        for row, member, then in rows
    ]
    flows = flows_of(application(imports, expression, lines))
    wrong = [member for (_, member, _), flow in zip(rows, flows, strict=True) if not flow.effects]
    assert wrong == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_class_of_the_project_with_the_same_members_is_no_store(kind: str) -> None:
    rows = rows_of(kind)
    names = {member for _, _, member in rows if member.isidentifier()}
    own = "\n".join(f"    def {name}(self, *given, **named):\n        return [4711]" for name in sorted(names))
    nothing = "engine = cursor = client = db = Note = None\ndef select(*given):\n    return given"
    text = application(
        f"{nothing}\nclass Own:\n{own or '    pass'}",
        "Own()",
        [statement(row, member) for _, row, member in rows if member.isidentifier()],
    )
    touched = {str(one.kind) for flow in flows_of(text) for one in flow.effects}
    assert touched == set()
