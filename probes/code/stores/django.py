"""Django's object mapper.

Querysets run when they are read; writes commit at once unless a transaction surrounds them.
"""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Gives, Library, row

_MODEL: Final = "django.Model"
_MANAGER: Final = "django.Manager"

LIBRARY: Final = Library(
    name="django",
    models={
        "django.db.models.Model": _MODEL,
        "django.contrib.auth.models.AbstractUser": _MODEL,
        "django.contrib.auth.models.AbstractBaseUser": _MODEL,
        "django.contrib.gis.db.models.Model": _MODEL,
    },
    makes={"django.contrib.auth.get_user_model": _MODEL},
    types={"django.contrib.auth.models.User": _MODEL, "django.contrib.auth.models.Group": _MODEL},
    attributes={(_MODEL, "objects"): _MANAGER},
    errors=("django.db",),
    rows=(
        row("django.shortcuts", "get_object_or_404 get_list_or_404", Act.READ, gives=Gives.ROW, handle=_MODEL),
        row(
            _MANAGER,
            "filter exclude order_by all annotate values values_list select_related",
            Act.READ,
            handle=_MANAGER,
        ),
        row(_MANAGER, "prefetch_related distinct only defer using none reverse", Act.READ, handle=_MANAGER),
        row(_MANAGER, "get first last latest earliest", Act.READ, gives=Gives.ROW, handle=_MODEL),
        row(_MANAGER, "count exists aggregate", Act.READ, gives=Gives.COUNT),
        row(
            _MANAGER,
            "create bulk_create update bulk_update create_user",
            Act.WRITE,
            gives=Gives.WRITTEN,
            data=None,
            handle=_MODEL,
        ),
        row(_MANAGER, "get_or_create update_or_create", Act.WRITE, gives=Gives.ROW, data=None, path="0", handle=_MODEL),
        row(_MANAGER, "delete", Act.WRITE, gives=Gives.COUNT),
        row(_MODEL, "save", Act.STAGE, gives=Gives.NONE),
        row(_MODEL, "delete", Act.WRITE, gives=Gives.NONE),
        row(_MODEL, "refresh_from_db", Act.READ, gives=Gives.NONE),
    ),
)
