"""Every probe has one file, one line in the registry and one section in the docs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assay.probes import registry
from assay.probes.catalogue import PHASES, REASONS, STATUSES, documentation, probes_page
from assay.probes.model import Engine, Phase, Probe, Reason, Status, Target
from assay.probes.registry import PROBES, probes_for

ROOT = Path(__file__).parents[2]
ENGINES = ROOT / "probes" / "database"


def test_the_page_in_docs_is_the_generated_one() -> None:
    page = (ROOT / "docs" / "probes.md").read_text(encoding="utf-8")
    assert page == probes_page(), "python -m assay.probes.catalogue > docs/probes.md"


def test_every_file_that_exports_a_probe_is_registered_and_every_probe_has_its_file() -> None:
    exporting = {
        f"assay.probes.database.{path.parent.name}.{path.stem}"
        for path in ENGINES.glob("*/*.py")
        if re.search(r"^PROBE\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert exporting == {probe.evaluate.__module__ for probe in PROBES}
    assert len(exporting) == len(PROBES)


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_a_probe_is_named_like_its_file_says_what_it_checks_and_what_its_limits_are(probe: Probe[object]) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", probe.name)
    assert probe.summary
    assert not probe.summary.endswith(".")
    text = documentation(probe)  # type: ignore[arg-type]
    assert [title for title in ("## Measures", "## Fails", "## Known limits") if title not in text] == []


def test_names_are_unique_and_the_first_probe_writes_nothing() -> None:
    assert len({probe.name for probe in PROBES}) == len(PROBES)
    assert not PROBES[0].writes


def test_every_word_of_the_closed_lists_is_explained() -> None:
    assert set(STATUSES) == set(Status)
    assert set(REASONS) == set(Reason)
    assert set(PHASES) == set(Phase)


def test_probes_that_write_need_both_the_wish_and_a_table() -> None:
    without = Target(name="t", engine=Engine.POSTGRESQL, url="postgresql://h/d")
    named = Target(name="t", engine=Engine.POSTGRESQL, url="postgresql://h/d", write_table="s.t")
    reading = tuple(probe for probe in registry.PROBES if not probe.writes)
    assert probes_for(named, write=True) == PROBES
    assert probes_for(named, write=False) == reading
    assert probes_for(without, write=True) == reading
