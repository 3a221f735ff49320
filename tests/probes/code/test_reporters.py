"""Each format says all of it, in the form that was promised."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from assay import __version__
from assay.probes.code.gate import DEFAULT
from assay.probes.code.model import (
    Confidence,
    Endpoint,
    Evidence,
    Finding,
    Location,
    ScanReport,
    Severity,
    Skipped,
    Suppressed,
    TableUse,
    Verdict,
)
from assay.probes.code.reporters import FORMATS
from assay.probes.code.reporters.base import Style
from assay.probes.code.reporters.table import endpoint_table, service_table

if TYPE_CHECKING:
    import pytest


def endpoint(
    path: str,
    verdict: Verdict,
    *,
    component: str = "app",
    methods: tuple[str, ...] = ("GET",),
    tables: tuple[TableUse, ...] = (),
) -> Endpoint:
    return Endpoint(
        methods=methods,
        path=path,
        at=Location(file="app/x.py", line=12),
        framework="fastapi",
        handler="get_x",
        component=component,
        body=verdict,
        verdict=verdict,
        confidence=Confidence.HIGH,
        evidence=(Evidence(at=Location(file="app/x.py", line=14), message="a literal is answered"),),
        reasons=("it calls itself a mock",),
        tables=tables,
        fingerprint=f"e{path}",
    )


READ = TableUse(library="sqlalchemy", table="orders", reads=True, writes=False)
WRITES = (READ._replace(reads=False, writes=True), TableUse(library="pg", table="", reads=False, writes=True))
MOCK = endpoint("/api/x", Verdict.MOCK, tables=(READ,))
LOSSY = endpoint("/api/y", Verdict.LOSSY, component="web", methods=("POST", "PUT"), tables=WRITES)
REPORT = ScanReport(
    root=".",
    service="shop",
    repository="https://git.example.org/team/shop",
    commit="0" * 40,
    branch="main",
    time="2030-05-01T12:00:00Z",
    configuration="c0ffee",
    endpoints=(MOCK, LOSSY, endpoint("/health", Verdict.STATIC, component=".")),
    findings=(
        Finding(
            rule="mock-data",
            severity=Severity.ERROR,
            confidence=Confidence.HIGH,
            at=Location(file="app/x.py", line=14, column=5),
            message="GET /api/x answers with invented data",
            endpoint=MOCK,
            related=(Evidence(at=Location(file="app/y.py", line=3), message="the list"),),
            fingerprint="f1",
        ),
        Finding(
            rule="optional-database",
            severity=Severity.WARNING,
            confidence=Confidence.MEDIUM,
            at=Location(file="evil\x1b[31m\u202e.py", line=1),
            message="`DATABASE_URL` has a default\nforged:1:1: error[x]",
            fingerprint="f2",
        ),
    ),
    skipped=(
        Skipped(file="node_modules/", reason="vendored (counting stopped)", counted=2000),
        Skipped(file="tests/", reason="test", counted=3),
        Skipped(file="vendor/", reason="vendored", counted=2),
        Skipped(file="x.py", reason="unreadable: Permission denied"),
    ),
    suppressed=(Suppressed(fingerprint="f9", reason="by law", until="2031-01-01"),),
    files_scanned=21,
)


def test_the_text_of_a_whole_report() -> None:
    assert FORMATS["text"].render(REPORT, DEFAULT, Style()) == (
        "app/x.py:14:5: error[mock-data] GET /api/x answers with invented data\n"
        "    app/y.py:3: the list\n"
        "evil\\x1b[31m\\u202e.py:1:1: warning[optional-database] "
        "`DATABASE_URL` has a default\\nforged:1:1: error[x] (medium confidence)\n"
        "app/x.py:12:1: error[lossy] POST|PUT /api/y: it calls itself a mock\n"
        "\n"
        "3 endpoints in 21 files: 1 mock, 1 lossy, 1 static\n"
        "2 findings: 1 error, 1 warning\n"
        "1 suppressed\n"
        "2006 files not examined: 2002 vendored, 3 test, 1 unreadable\n"
        "failing: 2 endpoints, 1 finding\n"
    )


def test_colours_are_only_for_those_who_ask() -> None:
    coloured = FORMATS["text"].render(REPORT, DEFAULT, Style(colour=True))
    assert "\x1b[31merror[mock-data]\x1b[0m" in coloured
    assert coloured.replace("\x1b[31m", "").replace("\x1b[33m", "").replace("\x1b[0m", "") == FORMATS["text"].render(
        REPORT, DEFAULT, Style()
    )


def test_the_json_of_a_whole_report() -> None:
    step = {"file": "app/x.py", "line": 14, "message": "a literal is answered"}
    common = {
        "file": "app/x.py",
        "line": 12,
        "framework": "fastapi",
        "handler": "get_x",
        "broken": False,
        "confidence": "high",
        "debatable": False,
        "flags": [],
        "evidence": [step],
        "reasons": ["it calls itself a mock"],
    }
    counts = {"endpoints": 1, "expected_real": 1, "real_share": 0.0, "reads": {}, "writes": {}}
    answer = json.loads(FORMATS["json"].render(REPORT, DEFAULT, Style()))
    first, second, third = answer.pop("endpoints")
    assert first == {
        **common,
        "method": "GET",
        "path": "/api/x",
        "component": "app",
        "verdict": "mock",
        "body": "mock",
        "tables": [{"library": "sqlalchemy", "table": "orders", "reads": True, "writes": False}],
        "fingerprint": "e/api/x",
    }
    assert (second["method"], third["component"]) == (["POST", "PUT"], ".")
    assert answer == {
        "version": 1,
        "tool": {"name": "assay", "version": __version__},
        "root": ".",
        "service": "shop",
        "repository": "https://git.example.org/team/shop",
        "commit": "0" * 40,
        "branch": "main",
        "time": "2030-05-01T12:00:00Z",
        "configuration": "c0ffee",
        "findings": [
            {
                "rule": "mock-data",
                "severity": "error",
                "confidence": "high",
                "file": "app/x.py",
                "line": 14,
                "column": 5,
                "endpoint": {"method": "GET", "path": "/api/x"},
                "message": "GET /api/x answers with invented data",
                "fingerprint": "f1",
                "related": [{"file": "app/y.py", "line": 3, "message": "the list"}],
            },
            {
                "rule": "optional-database",
                "severity": "warning",
                "confidence": "medium",
                "file": "evil\x1b[31m\u202e.py",
                "line": 1,
                "column": 1,
                "endpoint": None,
                "message": "`DATABASE_URL` has a default\nforged:1:1: error[x]",
                "fingerprint": "f2",
                "related": [],
            },
        ],
        "skipped": [
            {"file": "node_modules/", "reason": "vendored (counting stopped)", "count": 2000},
            {"file": "tests/", "reason": "test", "count": 3},
            {"file": "vendor/", "reason": "vendored", "count": 2},
            {"file": "x.py", "reason": "unreadable: Permission denied", "count": 1},
        ],
        "suppressed": [{"fingerprint": "f9", "reason": "by law", "until": "2031-01-01"}],
        "summary": {
            "files": 21,
            "endpoints": 3,
            "by_verdict": {"mock": 1, "lossy": 1, "static": 1},
            "by_service": {
                "shop": {**counts, "by_verdict": {"static": 1}, "expected_real": 0, "real_share": None},
                "shop/app": {**counts, "by_verdict": {"mock": 1}, "reads": {"sqlalchemy": ["orders"]}},
                "shop/web": {**counts, "by_verdict": {"lossy": 1}, "writes": {"pg": [], "sqlalchemy": ["orders"]}},
            },
            "findings": {"mock-data": 1, "optional-database": 1},
            "skipped": {"vendored": 2002, "test": 3, "unreadable": 1},
        },
    }


def test_the_json_is_ascii_so_that_every_terminal_and_pipe_takes_it() -> None:
    assert FORMATS["json"].render(REPORT, DEFAULT, Style()).isascii()


def test_the_table_of_endpoints() -> None:
    assert endpoint_table(REPORT) == (
        "METHOD    PATH     VERDICT  CONFIDENCE  WHERE\n"
        "GET       /api/x   mock     high        app/x.py:12\n"
        "POST|PUT  /api/y   lossy    high        app/x.py:12\n"
        "GET       /health  static   high        app/x.py:12\n"
    )


def test_the_table_of_mock_versus_real() -> None:
    assert (
        service_table(REPORT)
        == """service shop

COMPONENT  ENDPOINTS  REAL  NOT REAL  UNUSABLE  OTHER  SHARE
.                  1     0         0         0      1      -
app                1     0         1         0      0     0%
web                1     0         1         0      0     0%
total              3     0         2         0      1     0%

.
  verdicts  1 static
  reads     no store
  writes    no store

app
  verdicts  1 mock
  reads     sqlalchemy: orders
  writes    no store

web
  verdicts  1 lossy
  reads     no store
  writes    pg: tables not known
  writes    sqlalchemy: orders

NOT REAL: mock, lossy, fallback or volatile. UNUSABLE: unwired or broken.
SHARE: real ones among those that are meant to serve or keep stored data.
"""
    )


def test_a_service_of_one_part_has_no_total_and_an_empty_one_says_so() -> None:
    assert service_table(replace(REPORT, endpoints=(endpoint("/x", Verdict.REAL, component="."),))).startswith(
        "service shop\n\nCOMPONENT  ENDPOINTS  REAL  NOT REAL  UNUSABLE  OTHER  SHARE\n"
        ".                  1     1         0         0      0   100%\n\n.\n"
    )
    assert service_table(replace(REPORT, endpoints=())) == "no endpoint was found\n"
    assert endpoint_table(replace(REPORT, endpoints=())) == "no endpoint was found\n"


def test_the_table_of_mock_versus_real_fits_a_terminal_of_80_columns() -> None:
    tables = tuple(READ._replace(table=f"a_table_with_a_long_name_{number}") for number in range(20))
    long = [
        endpoint(f"/{one}", one, component="services/a/very/deep/folder/of/a/part", tables=tables) for one in Verdict
    ]
    told = service_table(replace(REPORT, endpoints=tuple(long)))
    assert max(len(line) for line in told.splitlines()) <= 80
    assert "...ery/deep/folder/of/a/part" in told
    assert "8 more" in told


def test_tables_of_endpoints_that_are_never_served_do_not_count() -> None:
    told = service_table(replace(REPORT, endpoints=(endpoint("/x", Verdict.UNWIRED, tables=(READ,)),)))
    assert "  reads     no store\n" in told


def test_stdout_that_is_no_terminal_gets_no_colours(
    capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    from assay.entry import main  # noqa: PLC0415 - the whole command, once

    assert main(["scan", str(tmp_path_factory.mktemp("empty"))]) == 0
    assert "\x1b" not in capsys.readouterr().out
