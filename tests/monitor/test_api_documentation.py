"""The page about the API names every operation and takes nothing from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assay.monitor.api.documentation import documentation_page
from tests.monitor.api_client import api

if TYPE_CHECKING:
    from pathlib import Path


async def test_the_page_names_every_operation_of_the_description(store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path) as client:
        described = (await client.get("/openapi.json")).json()["paths"]
        page = await client.get("/docs")
    told = set(re.findall(r'class="method">(\w+)</span> <code>([^<]+)</code>', page.text))
    assert told == {(method.upper(), path) for path, methods in described.items() for method in methods}
    assert ("POST", "/v1/scans") in told


async def test_the_page_loads_nothing_and_runs_nothing(store_database: str, tmp_path: Path) -> None:
    async with api(store_database, tmp_path) as client:
        page = await client.get("/docs")
    assert "<script" not in page.text
    assert re.findall(r"(?:src|href)=\"(?!openapi\.json)[^\"]*\"", page.text) == []
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_what_a_description_says_cannot_become_markup() -> None:
    evil = "<script>alert(1)</script>"
    operation = {"description": evil, "parameters": [{"name": evil, "in": evil, "schema": {"type": evil}}]}
    page = documentation_page({"info": {"title": evil}, "paths": {evil: {"get": operation}}})
    assert "<script" not in page
