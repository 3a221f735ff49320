"""What calling the parts of Flask and Quart does that are neither routes nor answers, and what gives the caller."""

from __future__ import annotations

from typing import Final

from assay.probes.code.flow.does import Does, table

_LOADERS: Final = ("user_loader", "user_lookup_loader")
_VERIFIERS: Final = ("verify_password", "verify_token")

EXACT: Final[dict[str, Does]] = {
    **table(Does.PURE, "flask.url_for flask.helpers.url_for quart.url_for quart.helpers.url_for"),
    **table(Does.NOTHING, "flask.flash quart.flash"),
    **table(Does.NOTHING, "login_user logout_user confirm_login login_fresh", "flask_login."),
    **table(Does.NOTHING, "login_user logout_user renew_login", "quart_auth."),
    **table(Does.NOTHING, "login_user logout_user", "flask_security."),
}
CALLERS: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        ("flask_login.current_user", "flask_jwt_extended.current_user", "flask_security.current_user"), _LOADERS
    ),
    **{f"flask_httpauth.HTTP{kind}Auth.current_user": _VERIFIERS for kind in ("Basic", "Digest", "Token", "Multi")},
}
"""What gives the user of the request, and as what the function is registered that loads the row."""
