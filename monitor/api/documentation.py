"""The page about the API, made from its OpenAPI description: plain HTML, without a script, from nowhere else.

The usual page loads its scripts from a content delivery network; Assay works offline and on closed networks.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; }
h2 { margin-top: 2.5rem; font-size: 1.1rem; } code { font: 0.95em ui-monospace, monospace; }
h2 .method { display: inline-block; min-width: 4rem; padding: 0 .5rem; background: #0b5cad; color: #fff; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem;
border-bottom: 1px solid #d8dee4; } p { white-space: pre-line; }
"""
CONTENT_SECURITY_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""Nothing is loaded and nothing runs; the style stands in the page."""


def documentation_page(openapi: Mapping[str, object]) -> str:
    """The page; `openapi` is the description as FastAPI makes it."""
    info = _mapping(openapi.get("info"))
    title = f"{escape(str(info.get('title', '')))} {escape(str(info.get('version', '')))}"
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f"<style>{_STYLE}</style></head>",
        f"<body><h1>{title}</h1><p>{escape(str(info.get('description', '')))}</p>",
        '<p>For programs: <a href="openapi.json">openapi.json</a></p>',
        *_operations(_mapping(openapi.get("paths"))),
        "</body></html>",
    ]
    return "\n".join(parts)


def _operations(paths: Mapping[str, object]) -> Iterator[str]:
    for path, methods in paths.items():
        for method, operation in _mapping(methods).items():
            yield from _operation(method.upper(), path, _mapping(operation))


def _operation(method: str, path: str, operation: Mapping[str, object]) -> Iterator[str]:
    yield f'<h2><span class="method">{escape(method)}</span> <code>{escape(path)}</code></h2>'
    yield f"<p>{escape(str(operation.get('description') or operation.get('summary') or ''))}</p>"
    rows = [_parameter(_mapping(parameter)) for parameter in _sequence(operation.get("parameters"))]
    if rows:
        yield f"<table><tr><th>parameter</th><th>in</th><th>type</th><th>meaning</th></tr>{''.join(rows)}</table>"
    answers = ", ".join(f"<code>{escape(status)}</code>" for status in _mapping(operation.get("responses")))
    yield f"<p>Answers: {answers}</p>"


def _parameter(parameter: Mapping[str, object]) -> str:
    name = f"<code>{escape(str(parameter.get('name')))}</code>{' (required)' if parameter.get('required') else ''}"
    cells = (name, escape(str(parameter.get("in"))), _type(_mapping(parameter.get("schema"))), _meaning(parameter))
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _type(schema: Mapping[str, object]) -> str:
    several = [_type(_mapping(one)) for one in _sequence(schema.get("anyOf"))]
    if several:
        return " or ".join(one for one in several if one != "null")
    named = str(schema.get("$ref", "")).rpartition("/")[2]
    return escape(named or " ".join(str(schema[key]) for key in ("type", "format") if key in schema))


def _meaning(parameter: Mapping[str, object]) -> str:
    schema = _mapping(parameter.get("schema"))
    told = [escape(str(parameter["description"]))] if parameter.get("description") else []
    if schema.get("default") is not None:
        told.append(f"default <code>{escape(str(schema['default']))}</code>")
    return "; ".join(told)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()
