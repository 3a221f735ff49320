"""What is left out of a scan, or made by a build, is no missing module; what a link stands for is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from assay.probes.code.request import ScanRequest
from assay.probes.code.scan import scan
from tests.probes.code.trees import write_tree

if TYPE_CHECKING:
    from pathlib import Path

APP = """from fastapi import FastAPI
{line}

app = FastAPI()


@app.get("/version")
def version():
    return {{"version": "1"}}
"""


def verdict(root: Path, line: str, files: dict[str, str]) -> str:
    write_tree(root, {"shop/__init__.py": "", "shop/app.py": APP.format(line=line), **files})
    (endpoint,) = scan(ScanRequest(root=root)).report.endpoints
    return endpoint.verdict.value


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("from shop.prices_pb2 import Price", {"shop/prices_pb2.py": "Price = 1\n"}),
        ("from shop import prices_pb2", {"shop/prices_pb2.py": ""}),
        ("from .seeds.users import USERS", {"shop/seeds/users.py": "USERS = []\n"}),
        ("from shop.native import fast", {"shop/native.cpython-311-x86_64-linux-gnu.so": ""}),
        ("from shop._version import version as v", {".gitignore": "shop/_version.py\n"}),
        ("from ._version import version as v", {"shop/.gitignore": "_version.py\n"}),
        ("from shop.client.api import call", {".gitignore": "/shop/client/\n"}),
    ],
    ids=["generated", "generated submodule", "seeder", "compiled", "made by a build", "made here", "made folder"],
)
def test_a_module_that_is_left_out_or_made_by_a_build_is_not_missing(
    tmp_path: Path, line: str, files: dict[str, str]
) -> None:
    assert verdict(tmp_path, line, files) == "static"


@pytest.mark.parametrize("line", ["from shop.nowhere import x", "from .nowhere import x"])
def test_a_module_that_is_nowhere_is_missing(tmp_path: Path, line: str) -> None:
    assert verdict(tmp_path, line, {".gitignore": "*.log\n"}) == "unwired"


def test_an_import_through_a_linked_folder_finds_what_it_stands_for(tmp_path: Path) -> None:
    write_tree(
        tmp_path,
        {
            "pkg/__init__.py": "",
            "parts/__init__.py": "",
            "parts/routes.py": "from fastapi import APIRouter\n\nrouter = APIRouter()\n\n\n"
            '@router.get("/version")\ndef version():\n    return {"version": "1"}\n',
            "parts/app.py": "from fastapi import FastAPI\n\nfrom pkg.parts.routes import router\n\n"
            "app = FastAPI()\napp.include_router(router)\n",
        },
    )
    (tmp_path / "pkg" / "parts").symlink_to(tmp_path / "parts")
    (tmp_path / "pkg" / "loop").symlink_to(tmp_path)
    (endpoint,) = scan(ScanRequest(root=tmp_path)).report.endpoints
    assert (endpoint.verdict.value, endpoint.at.file) == ("static", "parts/routes.py")
