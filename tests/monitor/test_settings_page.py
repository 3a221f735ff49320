"""The page about the settings is generated and complete."""

from __future__ import annotations

from pathlib import Path

from assay.monitor.settings.catalogue import settings_catalogue, target_catalogue
from assay.monitor.settings.page import settings_page

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_in_docs_is_the_generated_one() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(), "python -m assay.monitor.settings > docs/settings.md"


def test_every_setting_says_what_it_means_and_what_it_may_be() -> None:
    for entry in (*settings_catalogue(), *target_catalogue()):
        assert entry.meaning, entry.name
        assert entry.allowed, entry.name


def test_every_variable_belongs_to_one_setting() -> None:
    variables = [variable for entry in settings_catalogue() for variable in entry.variables]
    assert len(variables) == len(set(variables))
