"""Prints the page about the settings: `python -m assay.monitor.settings > docs/settings.md`."""

from __future__ import annotations

import sys

from assay.monitor.settings.page import settings_page

sys.stdout.write(settings_page())
