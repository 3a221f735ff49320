"""Which tables an SQL text names."""

from __future__ import annotations

import pytest

from assay.probes.code.rules.tables import tables_of


@pytest.mark.parametrize(
    ("statement", "tables"),
    [
        ("SELECT a FROM x JOIN y ON true", ("x", "y")),
        ("WITH a AS (SELECT 1), b(c) AS (SELECT 2) SELECT * FROM a JOIN b ON true JOIN r ON true", ("r",)),
        ('INSERT INTO public."Orders" (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET x = 1', ("orders",)),
        ("UPDATE items SET a = 1", ("items",)),
        ("SELECT extract(epoch FROM made) FROM t FOR UPDATE", ("t",)),
        ("SELECT * FROM generate_series(1, 2)", ()),
        ("SELECT * FROM t WHERE a IS DISTINCT FROM b -- FROM c", ("t",)),
        ("SELECT * FROM (SELECT 1 FROM inner_one) q", ("inner_one",)),
        ("SELECT 'said FROM nowhere' FROM pg_class", ()),
        ("SELECT * FROM \0", ()),
        ("DELETE FROM logs_\0", ()),
    ],
)
def test_the_tables_of_a_statement(statement: str, tables: tuple[str, ...]) -> None:
    assert tables_of(statement) == tables
