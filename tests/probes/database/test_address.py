from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.probes.database.postgres.address import parse
from assay.probes.database.postgres.errors import InvalidTargetError


def conninfo(url: str) -> str:
    parsed = parse(url)
    return parsed.conninfo(parsed.endpoints[0], parsed.passes[0], timeout_seconds=1.5)


@pytest.mark.parametrize(
    ("url", "endpoints"),
    [
        ("postgresql://u:p@h:1/d", ["h:1"]),
        ("postgres://h/d", ["h:5432"]),
        ("postgresql://h1:1,h2:2/d", ["h1:1", "h2:2"]),
        ("postgresql://h1,h2:5/d", ["h1:5432", "h2:5"]),
        ("postgresql:///d?host=h1,h2&port=7", ["h1:7", "h2:7"]),
        ("postgresql://[::1]:5/d", ["[::1]:5"]),
        ("postgresql:///d?host=/run/pg", ["/run/pg"]),
        ("postgresql://%2Frun%2Fpg/d", ["/run/pg"]),
        ("postgresql:///d?host=h&hostaddr=192.0.2.1", ["192.0.2.1:5432"]),
    ],
)
def test_every_server_that_a_url_names_is_an_endpoint(url: str, endpoints: list[str]) -> None:
    assert [str(endpoint) for endpoint in parse(url).endpoints] == endpoints


@pytest.mark.parametrize(
    ("url", "needs"),
    [
        ("postgresql://h/d", True),
        ("postgresql://192.0.2.1/d", False),
        ("postgresql://[::1]/d", False),
        ("postgresql:///d?host=/run/pg", False),
        ("postgresql:///d?host=h&hostaddr=192.0.2.1", False),
    ],
)
def test_only_names_need_a_look_up(url: str, needs: bool) -> None:  # noqa: FBT001 - a table's column
    assert parse(url).endpoints[0].needs_lookup is needs


def test_every_connection_has_the_settings_of_a_probe_whatever_the_url_says() -> None:
    words = conninfo("postgresql://h/d?application_name=mine&client_encoding=LATIN1&sslmode=disable").split()
    assert {"application_name=assay-probe", "client_encoding=UTF8", "gssencmode=disable"} <= set(words)
    assert {"tcp_user_timeout=1500", "keepalives=1", "sslmode=disable"} <= set(words)


def test_no_startup_options_are_sent_unless_the_url_has_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c statement_timeout=1")
    assert "options=''" in conninfo("postgresql://h/d").split()
    assert "options=-csearch_path=x" in conninfo("postgresql://h/d?options=-csearch_path%3Dx").split()


def test_a_preferred_standby_is_looked_for_on_every_server_first() -> None:
    parsed = parse("postgresql://h1,h2/d?target_session_attrs=prefer-standby")
    assert [asked["target_session_attrs"] for asked in parsed.passes] == ["standby", "any"]
    assert "target_session_attrs=standby" in conninfo("postgresql://h/d?target_session_attrs=prefer-standby").split()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://h/d", "postgresql://"),
        ("h/d", "postgresql://"),
        ("postgresql://h/d?nonsense=1", "does not parse"),
        ("postgresql://h/%zz", "does not parse"),
        ("postgresql://h:0/d", "1 to 65535"),
        ("postgresql://h:99999/d", "1 to 65535"),
        ("postgresql://h:1,i:2,j/d?port=3,4", "3 hosts"),
        ("postgresql://h/d?service=s", "service"),
        ("postgresql://u:pass@word@h/d", "%40"),
        ("postgresql://u:pa@ss:word@h/d", "1 to 65535"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_with_what_it_may_be(url: str, told: str) -> None:
    with pytest.raises(InvalidTargetError, match=told):
        parse(url)


_PASSWORDS = st.text(st.sampled_from("pässwörd0:/@?#[]%&=+ '\"\\,"), min_size=6, max_size=12).map("zq".__add__)


@given(_PASSWORDS)
def test_a_refusal_never_quotes_a_piece_of_the_password(password: str) -> None:
    refusal: InvalidTargetError | None = None
    try:
        parse(f"postgresql://user:{password}@host/d")
    except InvalidTargetError as error:
        refusal = error
    if refusal is not None:
        assert "zq" not in str(refusal)
        assert refusal.__cause__ is None
        assert all(piece not in str(refusal) for piece in password.split("@") if len(piece) > 3)
