"""Which file a JavaScript or TypeScript specifier means."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from assay.probes.code.linking.linker import Absent, Linker

if TYPE_CHECKING:
    from collections.abc import Mapping


def meant(specifier: str, importer: str, paths: list[str], files: Mapping[str, object] | None = None) -> str | Absent:
    texts = {path: one if isinstance(one, str) else json.dumps(one) for path, one in (files or {}).items()}
    return Linker([*paths, importer], texts.get).javascript(specifier, importer)


@pytest.mark.parametrize(
    ("specifier", "paths", "found"),
    [
        ("./db", ["src/db.ts"], "src/db.ts"),
        ("./db", ["src/db.tsx"], "src/db.tsx"),
        ("./db", ["src/db.cjs"], "src/db.cjs"),
        ("./db", ["src/db/index.js"], "src/db/index.js"),
        ("./db", ["src/db.ts", "src/db/index.ts"], "src/db.ts"),
        ("./db/", ["src/db/index.ts"], "src/db/index.ts"),
        ("./db.js", ["src/db.ts"], "src/db.ts"),
        ("./db.js", ["src/db.js", "src/db.ts"], "src/db.ts"),
        ("./db.js", ["src/db.tsx"], "src/db.tsx"),
        ("./db.mjs", ["src/db.mts"], "src/db.mts"),
        ("./db.cjs", ["src/db.cts"], "src/db.cts"),
        ("./db.server", ["src/db.server.ts"], "src/db.server.ts"),
        ("./db.ts", ["src/db.ts"], "src/db.ts"),
        ("./db?raw", ["src/db.ts"], "src/db.ts"),
        (".", ["src/index.ts"], "src/index.ts"),
        ("..", ["index.ts"], "index.ts"),
        ("../lib/db", ["lib/db.ts"], "lib/db.ts"),
        ("./gone", ["src/db.ts"], Absent.MISSING),
        ("../../../beyond", ["beyond.ts"], Absent.MISSING),
        ("express", ["express.ts"], Absent.LIBRARY),
        ("node:fs", ["fs.ts"], Absent.LIBRARY),
        ("@/db", ["src/db.ts"], "src/db.ts"),
        ("~/db", ["src/db.ts"], "src/db.ts"),
        ("@/gone", ["src/db.ts"], Absent.MISSING),
        ("@scope/gone", ["src/db.ts"], Absent.LIBRARY),
    ],
)
def test_a_specifier_means_the_file_that_a_compiler_would_load(
    specifier: str, paths: list[str], found: str | Absent
) -> None:
    assert meant(specifier, "src/app.ts", paths) == found


def options(**given: object) -> dict[str, object]:
    return {"compilerOptions": given}


@pytest.mark.parametrize(
    "files",
    [
        {"tsconfig.json": options(paths={"#db/*": ["./server/*"]})},
        {"tsconfig.json": options(baseUrl=".", paths={"#db/*": ["server/*"]})},
        {"tsconfig.json": options(baseUrl="./server", paths={"#db/*": ["./*"]})},
        {"tsconfig.json": options(paths={"*": ["./types/*"], "#db/*": ["./gone/*", "./server/*"]})},
        {"jsconfig.json": options(paths={"#db/*": ["server/*"]})},
        {"tsconfig.json": '\ufeff{ // why\n "compilerOptions": {"paths": {"#db/*": ["./server/*",],}, /* , */},\n}'},
        {"tsconfig.json": {"extends": "./base"}, "base.json": options(paths={"#db/*": ["./server/*"]})},
        {"tsconfig.json": {"extends": "./a/b.json"}, "a/b.json": options(paths={"#db/*": ["../server/*"]})},
        {
            "tsconfig.json": {"extends": "./a/b.json"},
            "a/b.json": options(paths={"#db/*": ["${configDir}/server/*"]}),
        },
        {
            "tsconfig.json": {"extends": ["./a.json", "./b.json"]},
            "a.json": options(paths={"#db/*": ["./gone/*"]}),
            "b.json": options(paths={"#db/*": ["./server/*"]}),
        },
        {
            "tsconfig.json": {"extends": "./a.json", **options(paths={"#db/*": ["./*"]})},
            "a.json": options(baseUrl="server"),
        },
        {
            "tsconfig.json": {"files": [], "references": [{"path": "./node"}, {"path": "./tsconfig.app.json"}]},
            "node/tsconfig.json": options(),
            "tsconfig.app.json": options(paths={"#db/*": ["./server/*"]}),
        },
        {
            "tsconfig.json": {"extends": "@acme/config/base.json"},
            "package.json": {"workspaces": ["tools/*"]},
            "tools/config/package.json": {"name": "@acme/config"},
            "tools/config/base.json": options(paths={"#db/*": ["../../server/*"]}),
        },
        {"package.json": {"imports": {"#db/*": "./server/*.js"}}},
        {"package.json": {"imports": {"#db/client": {"types": "./x.d.ts", "default": "./server/client.js"}}}},
        {"src/tsconfig.json": options(), "tsconfig.json": options(paths={"#db/*": ["./server/*"]})},
    ],
)
def test_a_specifier_is_mapped_as_the_project_configures_it(files: dict[str, object]) -> None:
    assert meant("#db/client", "src/app.ts", ["server/client.ts"], files) == "server/client.ts"


def test_the_most_specific_pattern_is_tried_first() -> None:
    files = {"tsconfig.json": options(paths={"@/*": ["src/*"], "@/db/*": ["database/*"], "@/db/main": ["main.ts"]})}
    paths = ["src/db/x.ts", "database/x.ts", "src/db/main.ts", "main.ts", "src/y.ts"]
    assert [meant(f"@/{one}", "src/app.ts", paths, files) for one in ("db/x", "db/main", "y")] == [
        "database/x.ts",
        "main.ts",
        "src/y.ts",
    ]


def test_a_bare_name_starts_at_the_base_where_there_is_such_a_file() -> None:
    files: dict[str, object] = {"tsconfig.json": options(baseUrl="src")}
    assert meant("lib/db", "src/app.ts", ["src/lib/db.ts"], files) == "src/lib/db.ts"
    assert meant("express", "src/app.ts", ["src/lib/db.ts"], files) is Absent.LIBRARY


@pytest.mark.parametrize(
    ("package", "specifier", "found"),
    [
        ({}, "@acme/db", "packages/db/src/index.ts"),
        ({"main": "dist/index.js"}, "@acme/db", "packages/db/src/index.ts"),
        ({"main": "./lib/client.js"}, "@acme/db", "packages/db/src/client.ts"),
        ({"main": "client.ts"}, "@acme/db", "packages/db/client.ts"),
        ({"types": "dist/client.d.ts"}, "@acme/db", "packages/db/src/client.ts"),
        ({"main": "dist/gone.js", "source": "src/client.ts"}, "@acme/db", "packages/db/src/client.ts"),
        ({"exports": "./dist/client.js"}, "@acme/db", "packages/db/src/client.ts"),
        ({"exports": {".": "./dist/src/client.js"}}, "@acme/db", "packages/db/src/client.ts"),
        (
            {"exports": {".": {"types": "./t.d.ts", "node": {"import": "./dist/esm/client.mjs"}}}},
            "@acme/db",
            "packages/db/src/client.ts",
        ),
        ({"exports": {"import": "./dist/client.js"}}, "@acme/db", "packages/db/src/client.ts"),
        ({"exports": {".": ["./gone.js", "./dist/client.js"]}}, "@acme/db", "packages/db/src/client.ts"),
        ({"exports": {"./deep": "./dist/client.js"}}, "@acme/db/deep", "packages/db/src/client.ts"),
        (
            {"exports": {"./*": "./dist/*.js", "./x/*": "./dist/inner/*.js"}},
            "@acme/db/x/a",
            "packages/db/src/inner/a.ts",
        ),
        ({}, "@acme/db/client", "packages/db/client.ts"),
        ({}, "@acme/db/inner/a", "packages/db/src/inner/a.ts"),
        ({}, "@acme/db/dist/inner/a", "packages/db/src/inner/a.ts"),
        ({}, "@acme/db/gone", Absent.LIBRARY),
    ],
)
def test_a_package_of_the_repository_is_entered_where_it_says(
    package: dict[str, object], specifier: str, found: str | Absent
) -> None:
    paths = [f"packages/db/{one}.ts" for one in ("src/index", "src/client", "client", "src/inner/a")]
    if "node" in json.dumps(package):
        paths = [path.replace("client.ts", "client.mts") for path in paths]
    files = {"packages/db/package.json": {"name": "@acme/db", **package}}
    result = meant(specifier, "apps/web/app.ts", paths, files)
    assert (result.replace(".mts", ".ts") if isinstance(result, str) else result) == found


def test_a_folder_is_entered_through_its_package_file() -> None:
    files = {"packages/db/package.json": {"name": "x", "main": "./dist/client.js"}}
    paths = ["packages/db/src/client.ts", "packages/db/src/index.ts"]
    assert meant("../packages/db", "server/app.ts", paths, files) == "packages/db/src/client.ts"


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": {"workspaces": ["packages/*"]}},
        {"package.json": {"workspaces": {"packages": ["packages/shared"]}}},
        {"package.json": {}, "pnpm-workspace.yaml": "packages:\n  - 'packages/*'\n  - apps/* # all\n"},
        {"package.json": {}, "lerna.json": {"packages": ["packages/*"]}},
        {"apps/web/package.json": {"name": "web", "dependencies": {"shared": "workspace:*"}}},
        {"apps/web/package.json": {"name": "web", "devDependencies": {"shared": "file:../../packages/shared"}}},
    ],
)
def test_a_package_with_a_plain_name_is_meant_where_the_repository_says_that_it_is_one(
    files: dict[str, object],
) -> None:
    own: dict[str, object] = {"packages/shared/package.json": {"name": "shared"}, **files}
    paths = ["packages/shared/index.ts", "main.ts"]
    assert meant("shared", "apps/web/app.ts", paths, own) == "packages/shared/index.ts"


def test_a_folder_that_is_called_like_a_published_package_is_not_meant_by_its_name() -> None:
    files: dict[str, object] = {
        "examples/express/package.json": {"name": "express", "main": "index.js"},
        "package.json": {"name": "app", "dependencies": {"express": "^5.0.0"}},
    }
    assert meant("express", "src/app.ts", ["examples/express/index.js"], files) is Absent.LIBRARY


def test_of_two_packages_of_the_same_name_the_nearer_is_meant() -> None:
    files: dict[str, object] = {f"{one}/lib/package.json": {"name": "@acme/lib"} for one in ("a", "b")}
    paths = ["a/lib/index.ts", "b/lib/index.ts"]
    assert meant("@acme/lib", "b/app.ts", paths, files) == "b/lib/index.ts"


@pytest.mark.parametrize(
    "files",
    [
        {"tsconfig.json": {"extends": "./tsconfig.json"}},
        {"tsconfig.json": {"references": [{"path": "."}]}},
        {"tsconfig.json": {"extends": 7, "compilerOptions": {"paths": {"x": 1, "y": [2]}, "baseUrl": 3}}},
        {"tsconfig.json": "[" * 5_000},
        {"tsconfig.json": "not json"},
        {"package.json": {"name": 1, "exports": {".": {"a": {"b": {"c": 1}}}}, "workspaces": 5, "imports": []}},
        {"lib/package.json": {"name": "@x/lib", "main": "."}},
        {"lib/package.json": {"name": "@x/lib", "main": "../lib", "exports": {".": "./", "./*": "./*"}}},
    ],
)
def test_a_configuration_that_is_wrong_or_turns_in_circles_ends(files: dict[str, object]) -> None:
    for specifier in ("x", "#x", "@x/lib", "@x/lib/y", "./lib"):
        assert isinstance(meant(specifier, "app.ts", ["lib/other.ts"], files), Absent)
