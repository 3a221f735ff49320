"""The settings as values: every field with its type, its bounds, its default and what it means."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from assay.monitor.settings.database_url import DatabaseSetting
from assay.probes.model import Engine, Target


class Environment(StrEnum):
    """Where Assay runs. In development an embedded PostgreSQL stands in for a missing database, else nothing."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class LogLevel(StrEnum):
    """The least severe line that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


class LogFormat(StrEnum):
    """One JSON object a line for machines, or aligned text for people."""

    JSON = "json"
    CONSOLE = "console"


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What a setting may be, in the words of its error message."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Default:
    """A default that is no constant, in words."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where a setting is read from, when its names are not `ASSAY_<NAME>` and `<name>`."""

    variables: tuple[str, ...] = ()
    key: str | None = None


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


_Lower = BeforeValidator(_lower)
_DAY: float = 86_400.0

Port = Annotated[int, Field(ge=0, le=65_535), Allowed(text="a port from 0 to 65535 (0: any free one)")]
Seconds = Annotated[
    float, Field(gt=0, le=_DAY, allow_inf_nan=False), Allowed(text="a number of seconds above 0, at most 86400")
]
SecondsOrZero = Annotated[
    float, Field(ge=0, le=_DAY, allow_inf_nan=False), Allowed(text="a number of seconds from 0 to 86400")
]
Times = Annotated[int, Field(ge=1, le=1_000), Allowed(text="a whole number from 1 to 1000")]
TargetName = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$"),
    Allowed(text="1 to 63 letters, digits, dots, dashes and underscores, beginning with a letter or digit"),
]
TableName = Annotated[
    str,
    Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}\.[A-Za-z_][A-Za-z0-9_]{0,62}$"),
]


class TargetSetting(BaseModel):
    """One `[[target]]` table: a database to probe beside the service's own."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: TargetName = Field(description="what metrics and events call it; one of its own for each target")
    url: Annotated[str, Allowed(text="a PostgreSQL URL")] = Field(
        repr=False, exclude=True, description="its address; `url_env` names a variable that holds the address instead"
    )
    interval_seconds: Annotated[Seconds | None, Allowed(text="a number of seconds above 0, at most 86400")] = Field(
        None, description="how often it is probed; as `probe_interval_seconds` when absent"
    )
    timeout_seconds: Annotated[Seconds | None, Allowed(text="a number of seconds above 0, at most 86400")] = Field(
        None, description="the deadline of one probe; as `probe_timeout_seconds` when absent"
    )
    write_table: Annotated[TableName | None, Allowed(text="schema.table, without quotes")] = Field(
        None, description="the only table, as schema.table, that a probe may write to; no probe writes without it"
    )


class Settings(BaseSettings):
    """Everything that can be set, frozen. Made by `load_settings`, which finds the values and names the wrong ones."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True
    )

    env: Annotated[
        Environment,
        _Lower,
        Allowed(text="development or production"),
        Sources(variables=("ASSAY_ENV", "APP_ENV", "ENV"), key="env"),
    ] = Field(
        Environment.DEVELOPMENT,
        description="in `production` nothing stands in for a missing database; the others count without `ASSAY_ENV`",
    )
    database: Annotated[
        DatabaseSetting,
        Sources(variables=("DATABASE_URL", "DATABASE_URL_FILE"), key="database_url"),
        Allowed(text="a PostgreSQL URL, or with `_FILE` the path of a file that holds it"),
        Default(text="in development an embedded PostgreSQL; required in production"),
    ] = Field(DatabaseSetting(), exclude=True, description="the service's own database: the first target")
    store_url: Annotated[
        str | None, Allowed(text="a PostgreSQL URL"), Default(text="the same as `DATABASE_URL`; schema `assay` in it")
    ] = Field(None, repr=False, exclude=True, description="where Assay writes what it records")
    service: Annotated[
        str,
        Field(min_length=1, max_length=100),
        Allowed(text="1 to 100 characters"),
        Default(text="the name of the working directory"),
    ] = Field(description="the name of the service that is watched, in events and scans")
    host: Annotated[str, Field(min_length=1, max_length=255), Allowed(text="an address or a host name")] = Field(
        "127.0.0.1", description="the address that `assay serve` listens on; `0.0.0.0` for all"
    )
    port: Port = Field(8000, description="the port that `assay serve` listens on")
    admin_port: Annotated[
        Port | None,
        Allowed(text="a port from 0 to 65535 (0: any free one)"),
        Default(text="none: everything on `port`"),
    ] = Field(None, description="a port of its own for `/metrics` and the verbose health answers")
    drain_seconds: Annotated[SecondsOrZero, Default(text="7 in production, 0 in development")] = Field(
        default_factory=lambda given: 7.0 if given.get("env") is Environment.PRODUCTION else 0.0,
        description="how long `/readyz` says 503 before the service stops listening: a balancer's interval x fall + 1",
    )
    probe_interval_seconds: Seconds = Field(15.0, description="how often each target is probed")
    probe_timeout_seconds: Seconds = Field(5.0, description="the absolute deadline of one probe, at most its interval")
    scan_path: Annotated[
        Path | None, Allowed(text="the path of a folder that exists"), Default(text="none: no scheduled scan")
    ] = Field(None, description="the code that is scanned on a schedule")
    scan_interval_seconds: Seconds = Field(900.0, description="how often it is scanned")
    scan_timeout_seconds: Seconds = Field(300.0, description="after which a scheduled scan is ended")
    scan_memory_bytes: Annotated[
        int, Field(ge=64 * 2**20), Allowed(text="a whole number of bytes, at least 67108864")
    ] = Field(2 * 2**30, description="the memory that a scheduled scan may use")
    log_level: Annotated[LogLevel, _Lower, Allowed(text="debug, info, warning, error or critical")] = Field(
        LogLevel.INFO, description="the least severe line that is logged"
    )
    log_format: Annotated[LogFormat, _Lower, Allowed(text="json or console")] = Field(
        LogFormat.JSON, description="one JSON object a line, or text for people"
    )
    outbox_limit: Annotated[int, Field(ge=1, le=1_000_000), Allowed(text="a whole number from 1 to 1000000")] = Field(
        10_000,
        description="how many records wait in memory while the store is away; beyond it they are dropped and counted",
    )
    readiness_fall: Times = Field(3, description="failures in a row after which `/readyz` says 503")
    readiness_rise: Times = Field(2, description="successes in a row after which `/readyz` says 200 again")
    readiness_grace_seconds: SecondsOrZero = Field(
        30.0, description="how long the database may be away before `/readyz` says 503, beyond `readiness_fall`"
    )
    data_dir: Annotated[
        Path, Allowed(text="the path of a folder"), Default(text="`.assay` in the working directory")
    ] = Field(description="what Assay keeps on disk: the embedded server, locks")
    config_file: Annotated[
        Path | None,
        Sources(variables=("ASSAY_CONFIG",)),
        Allowed(text="the path of a TOML file"),
        Default(text="`assay.toml`, or `[tool.assay]` of `pyproject.toml`, in the working directory"),
    ] = Field(None, description="the file with these settings; a file named `pyproject.toml` is read at `[tool.assay]`")
    targets: Annotated[
        tuple[TargetSetting, ...], Sources(key="target"), Allowed(text="[[target]] tables"), Default(text="none")
    ] = Field((), description="further databases to probe, one `[[target]]` table each")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic-settings'
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in: `load_settings` reads the sources, because an error names the one that was wrong."""
        return (init_settings,)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        problems = [*self._deadline_problems(), *self._name_problems()]
        if self.admin_port and self.admin_port == self.port:
            problems.append(f"admin_port is {self.admin_port}, the same as port: give it a port of its own, or none")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _deadline_problems(self) -> list[str]:
        every, within = self.probe_interval_seconds, self.probe_timeout_seconds
        pairs = [("", within, every)] + [
            (f"target {target.name!r}: ", target.timeout_seconds or within, target.interval_seconds or every)
            for target in self.targets
            if target.timeout_seconds or target.interval_seconds
        ]
        return [
            f"{whose}probe_timeout_seconds is {timeout:g}, longer than the interval, {interval:g}: make it at most that"
            for whose, timeout, interval in pairs
            if timeout > interval
        ]

    def _name_problems(self) -> list[str]:
        names = [target.name for target in self.targets]
        doubled = sorted({name for name in names if names.count(name) > 1})
        return [f"{names.count(name)} [[target]] tables are named {name!r}: give each its own name" for name in doubled]

    @property
    def embedded(self) -> bool:
        """Whether the embedded PostgreSQL is the store: in development, when no store is set."""
        return self.env is Environment.DEVELOPMENT and self.store_url is None

    def probe_targets(self) -> tuple[Target, ...]:
        """The `[[target]]` tables as targets, in their order; the service's own database is not among them."""
        return tuple(self._target(setting) for setting in self.targets)

    def _target(self, setting: TargetSetting) -> Target:
        return Target(
            name=setting.name,
            engine=Engine.POSTGRESQL,
            url=setting.url,
            timeout_seconds=setting.timeout_seconds or self.probe_timeout_seconds,
            interval_seconds=setting.interval_seconds or self.probe_interval_seconds,
            write_table=setting.write_table,
        )
