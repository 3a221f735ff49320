"""Folders that a container puts on `PYTHONPATH` are roots from which modules are imported."""

from __future__ import annotations

import pytest

from assay.probes.code.linking.linker import Linker
from assay.probes.code.linking.python_path import declared_roots

FOLDERS = ("", "services", "services/api", "services/jobs", "libs", "libs/common", "src", "backend", "backend/app")


@pytest.mark.parametrize(
    ("path", "text", "roots"),
    [
        ("Dockerfile", "WORKDIR /app\nCOPY . .\nENV PYTHONPATH=/app/src\n", ("src",)),
        ("Dockerfile", "COPY ./backend /code/\nENV PYTHONPATH /code\n", ("backend",)),
        (
            "Dockerfile",
            "WORKDIR /w\nCOPY . /w\nENV A=1 \\\n    PYTHONPATH=/w/libs:/w/src:$PYTHONPATH\n",
            ("libs", "src"),
        ),
        ("Dockerfile", "WORKDIR /w\nCOPY . .\nENV PYTHONPATH=.\n", ("",)),
        (
            "services/api/Dockerfile",
            "COPY services/api /a\nCOPY libs/common /c\nENV PYTHONPATH=/a:/c\n",
            ("services/api", "libs/common"),
        ),
        ("Dockerfile", "COPY --from=build /install /usr\nENV PYTHONPATH=/usr\n", ()),
        ("Dockerfile", "WORKDIR /w\nENV PYTHONPATH=/w/src\n", ()),
        ("Dockerfile", "COPY . /w\nENV PYTHONPATH=${HOME}/src\n", ()),
        ("docker-compose.yml", "environment:\n  PYTHONPATH: /code\nvolumes:\n  - ./backend:/code\n", ("backend",)),
        ("compose.yaml", "environment:\n  - PYTHONPATH=/x/app\nvolumes:\n  - ./backend:/x:ro\n", ("backend/app",)),
        ("compose.yaml", "environment:\n  - PYTHONPATH=/elsewhere\n", ()),
    ],
)
def test_a_path_in_the_container_means_the_folder_that_lies_there(path: str, text: str, roots: tuple[str, ...]) -> None:
    assert declared_roots(FOLDERS, {path: text}.get) == roots


def test_of_two_modules_of_one_name_the_one_on_the_path_is_meant() -> None:
    paths = ("services/api/main.py", "services/jobs/settings.py", "libs/common/settings.py")
    dockerfile = "COPY services/api /a\nCOPY libs/common /c\nENV PYTHONPATH=/a:/c\n"
    assert Linker(paths, {"Dockerfile": dockerfile}.get).python("settings", paths[0]) == "libs/common/settings.py"
    assert Linker(paths, {"Makefile": ""}.get).python("settings", paths[0]) != "libs/common/settings.py"


def test_a_module_beside_the_importer_comes_before_one_on_the_path() -> None:
    paths = ("services/api/main.py", "services/api/settings.py", "libs/common/settings.py")
    dockerfile = "COPY libs/common /c\nENV PYTHONPATH=/c\n"
    assert Linker(paths, {"Dockerfile": dockerfile}.get).python("settings", paths[0]) == "services/api/settings.py"
