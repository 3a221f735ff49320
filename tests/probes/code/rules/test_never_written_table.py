"""What may write a table keeps it from being told of; what only speaks of it does not."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

from assay.probes.code.request import ScanRequest
from assay.probes.code.scan import scan

BAD: Final = Path(__file__).parents[3] / "fixtures" / "scan" / "never-written-table" / "bad" / "python"
RULE: Final = "never-written-table"


def told(tmp_path: Path, files: dict[str, str], changes: dict[str, tuple[str, str]] | None = None) -> bool:
    """Whether the table of the bad application is told of beside more files and with changed texts."""
    root = shutil.copytree(BAD, tmp_path / "project")
    for name, text in files.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    for name, (old, new) in (changes or {}).items():
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new))
    return RULE in {one.rule for one in scan(ScanRequest(root=root)).report.findings}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("jobs.py", "from db import Rating\n\n\ndef rate(session, stars):\n    session.add(Rating(stars=stars))\n"),
        ("jobs.py", "import db\n\n\ndef rate(session, rows):\n    session.execute(db.insert(db.Rating), rows)\n"),
        ("jobs.py", "from db import Rating as R\n\n\ndef rate(session):\n    session.add(R(stars=1))\n"),
        ("jobs.py", "from db import Rating\nfrom kit import fill\n\nfill(Rating)\n"),
        ("jobs.py", "from db import Rating\n\n\ndef rate(row):\n    return Rating.from_row(row)\n"),
        ("jobs.py", "import db\n\n\ndef rate(session):\n    session.add(getattr(db, 'Rating')())\n"),
        ("jobs.py", "from db import Rating\n\nKINDS = {'rating': Rating}\n"),
        ("jobs.py", "from db import Rating\n\n\nclass Review(Rating):\n    pass\n"),
        ("jobs.py", "def load(frame, engine):\n    frame.to_sql('ratings', engine)\n"),
        ("admin.py", "import sqladmin\nfrom db import Rating\n\n\nclass A(sqladmin.View, model=Rating):\n    pass\n"),
        ("seed.sql", 'insert into public."ratings" (stars) values (5);\n'),
        ("schema.sql", "CREATE VIEW ratings AS SELECT 1 AS stars;\n"),
        ("scripts/load.sql", "COPY ratings FROM '/data/ratings.csv';\n"),
        ("migrations/versions/second.py", "def upgrade():\n    op.bulk_insert(sa.table('ratings'), [{'stars': 1}])\n"),
        ("worker/rate.ts", "export const rate = (stars: number) => prisma.rating.create({ data: { stars } });\n"),
    ],
    ids=[
        "constructor", "insert", "alias", "handed-on", "class-method", "by-its-name", "registry", "subclass", "frame",
        "admin", "sql-seed", "view", "copy", "migration", "typescript",
    ],
)  # fmt: skip
def test_what_may_write_the_table_is_heard(tmp_path: Path, name: str, text: str) -> None:
    assert not told(tmp_path, {name: text})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("shapes.py", "from db import Rating\n\n__all__ = ['Rating']\n"),
        ("jobs.py", "def show(one):\n    return f'<Rating({one.stars})>'\n"),
        ("jobs.py", "from db import Rating\n\n\ndef best(one):\n    return one.query(Rating).order_by(Rating.stars)\n"),
        ("tests/test_it.py", "from db import Rating\n\n\ndef test_it(session):\n    session.add(Rating(stars=1))\n"),
    ],
    ids=["list-of-names", "text", "query", "test"],
)  # fmt: skip
def test_what_only_reads_it_or_speaks_of_it_writes_nothing(tmp_path: Path, name: str, text: str) -> None:
    assert told(tmp_path, {name: text})


def test_a_project_that_writes_no_table_reads_what_others_write(tmp_path: Path) -> None:
    assert not told(tmp_path, {}, {"app.py": ("    session.add(row)\n    session.commit()\n", "")})


def test_tables_that_the_project_does_not_make_may_be_anybodys(tmp_path: Path) -> None:
    assert not told(tmp_path, {"migrations/versions/first.py": "\n"})


def test_a_table_that_is_read_from_the_database_is_not_the_project_s(tmp_path: Path) -> None:
    column = '    __tablename__ = "ratings"\n'
    loaded = f'{column}    __table_args__ = {{"autoload_with": engine}}\n'
    assert not told(tmp_path, {}, {"db.py": (column, loaded)})


def test_a_class_that_shares_the_table_of_another_is_no_table_of_its_own(tmp_path: Path) -> None:
    column = '    __tablename__ = "ratings"\n'
    shared = '    __mapper_args__ = {"polymorphic_identity": "rating"}\n'
    assert not told(tmp_path, {}, {"db.py": (column, column + shared)})
