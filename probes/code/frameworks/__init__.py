"""Web frameworks, one file each; the order is the order in which they are tried where a name alone does not decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.frameworks import (
    aiohttp,
    django,
    django_ninja,
    express,
    fastapi,
    flask,
    flask_rest,
    litestar,
    sanic,
    tornado,
)

if TYPE_CHECKING:
    from assay.probes.code.frameworks.base import Framework

FRAMEWORKS: Final[tuple[Framework, ...]] = (
    fastapi.FRAMEWORK,
    flask.FRAMEWORK,
    flask_rest.FRAMEWORK,
    django.FRAMEWORK,
    django_ninja.FRAMEWORK,
    aiohttp.FRAMEWORK,
    litestar.FRAMEWORK,
    sanic.FRAMEWORK,
    tornado.FRAMEWORK,
    express.FRAMEWORK,
)
