"""Everything that can be set, read once at the start into one frozen value.

`load_settings` is the way in; nothing else reads the environment or `assay.toml`. `docs/settings.md` is generated from
here (`python -m assay.monitor.settings`).
"""

from assay.monitor.settings.database_url import DatabaseProblem, DatabaseSetting
from assay.monitor.settings.errors import SettingsError
from assay.monitor.settings.load import load_settings
from assay.monitor.settings.model import Environment, LogFormat, LogLevel, Settings, TargetSetting

__all__ = [
    "DatabaseProblem",
    "DatabaseSetting",
    "Environment",
    "LogFormat",
    "LogLevel",
    "Settings",
    "SettingsError",
    "TargetSetting",
    "load_settings",
]
