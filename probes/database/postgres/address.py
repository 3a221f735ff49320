"""From a target's URL to the connection attempts that it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from psycopg import ProgrammingError, conninfo, pq

from assay.probes.database.postgres.errors import InvalidTargetError
from assay.probes.database.resolver import is_address

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMES: Final = ("postgresql://", "postgres://")
_ENGINES: Final = frozenset({"postgresql", "postgres"})
APPLICATION_NAME: Final = "assay-probe"

_KEEPALIVE: Final = {"keepalives": "1", "keepalives_idle": "5", "keepalives_interval": "2", "keepalives_count": "3"}
_OURS: Final = {"application_name": APPLICATION_NAME, "client_encoding": "UTF8", "gssencmode": "disable"}
_LAST_PORT: Final = 65535
_NOT_PARSED: Final = (
    "the address does not parse: it is written postgresql://user:password@host:port/database, "
    "with the special characters of user and password percent-encoded and parameters that libpq knows"
)
_SEVERAL: Final = ("host", "hostaddr", "port")


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One server that a URL names.

    `host` is a name, an address or the folder of a unix socket; empty is libpq's default socket.
    """

    host: str
    port: str
    address: str | None = None

    @property
    def needs_lookup(self) -> bool:
        """Whether the host is a name whose addresses are not known yet."""
        return self.address is None and not self.is_socket

    @property
    def is_socket(self) -> bool:
        """Whether the host is a unix socket's folder, or an abstract socket."""
        return self.address is None and (not self.host or self.host.startswith(("/", "@")))

    def __str__(self) -> str:
        place = self.address or self.host
        if self.is_socket:
            return place or "the default socket"
        return f"[{place}]:{self.port}" if ":" in place else f"{place}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Address:
    """What a URL says: the servers in their order, and the parameters they share; the password is among them."""

    endpoints: tuple[Endpoint, ...]
    parameters: Mapping[str, str]

    def conninfo(self, endpoint: Endpoint, asked: Mapping[str, str], *, timeout_seconds: float) -> str:
        """The libpq connection string for one server, with the settings that every probe connection has.

        The numeric address goes along, so that libpq never resolves a name itself: it would block, without a deadline.
        """
        shared = {
            "tcp_user_timeout": str(max(1, round(timeout_seconds * 1000))),
            "options": "",
            **_KEEPALIVE,
            **self.parameters,
        }
        own = {"host": endpoint.host, "port": endpoint.port, "hostaddr": endpoint.address or ""}
        return conninfo.make_conninfo(**{**shared, **own, **asked, **_OURS})

    @property
    def passes(self) -> tuple[Mapping[str, str], ...]:
        """What is asked of the servers' roles, in the order in which to ask all of them."""
        if self.parameters.get("target_session_attrs") == "prefer-standby":
            return ({"target_session_attrs": "standby"}, {"target_session_attrs": "any"})
        return ({},)


def normalised(url: str) -> str:
    """The address as libpq takes it: SQLAlchemy's `postgresql+driver://` becomes `postgresql://`.

    Raises:
        InvalidTargetError: it is the address of something else.
    """
    scheme, found, rest = url.strip().partition("://")
    if not found or scheme.lower().partition("+")[0] not in _ENGINES:
        kind = f"{scheme}:// is not supported" if found and scheme.isalnum() else "it is no address"
        raise InvalidTargetError(f"{kind}; this version probes {' and '.join(SCHEMES)}")
    return f"postgresql://{rest}"


def parse(url: str) -> Address:
    """The address behind a `postgresql://` URL.

    Raises:
        InvalidTargetError: it is no such URL, or uses something that a deadline cannot cover.
    """
    if not url.startswith(SCHEMES):
        raise InvalidTargetError(f"the address has to start with {' or '.join(SCHEMES)}")
    parameters = _parameters(url)
    if "service" in parameters:
        raise InvalidTargetError("the address names a `service`: write host, port and database into it instead")
    shared = {key: value for key, value in parameters.items() if key not in _SEVERAL}
    return Address(endpoints=_endpoints(parameters), parameters=shared)


def _parameters(url: str) -> dict[str, str]:
    try:
        parsed = conninfo.conninfo_to_dict(url)
    except (ProgrammingError, UnicodeEncodeError):
        # libpq's own text can quote a piece of the password where that holds a `@`, a `:` or a `/`
        raise InvalidTargetError(_NOT_PARSED) from None
    return {key: str(value) for key, value in parsed.items() if value is not None}


def _endpoints(parameters: Mapping[str, str]) -> tuple[Endpoint, ...]:
    defaults = {option.keyword.decode(): (option.val or b"").decode() for option in pq.Conninfo.get_defaults()}
    hosts, addresses, ports = (_listed(parameters.get(key) or defaults.get(key, "")) for key in _SEVERAL)
    _check_hosts(hosts)
    _check_ports(ports)
    count = max(len(hosts), len(addresses), 1)
    if len(ports) not in {0, 1, count} or (hosts and addresses and len(hosts) != len(addresses)):
        raise InvalidTargetError(
            f"the address names {len(hosts)} hosts, {len(addresses)} numeric addresses and {len(ports)} ports"
        )
    return tuple(
        Endpoint(
            host=_at(hosts, index),
            port=(_at(ports, index) if len(ports) > 1 else _at(ports, 0)) or "5432",
            address=_at(addresses, index) or (_at(hosts, index) if is_address(_at(hosts, index)) else None),
        )
        for index in range(count)
    )


def _check_hosts(hosts: list[str]) -> None:
    if any("@" in host[1:] for host in hosts):  # a first `@` is an abstract socket's
        raise InvalidTargetError("the address has more than one @: one in the user or the password is written %40")


def _check_ports(ports: list[str]) -> None:
    if not all(port.isascii() and port.isdigit() and 0 < int(port) <= _LAST_PORT for port in ports if port):
        # not quoted: with a `:` or `@` in the password, a piece of it stands where the port is expected
        raise InvalidTargetError(f"the port of the address is not a number from 1 to {_LAST_PORT}")


def _listed(value: str) -> list[str]:
    return value.split(",") if value else []


def _at(values: list[str], index: int) -> str:
    return values[index] if index < len(values) else ""
