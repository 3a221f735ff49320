"""Django's object mapper and its raw connection.

Querysets run when they are read; writes commit at once unless a transaction surrounds them. A field of a row may be a
related manager (`order.items`), or a row of another table (`order.customer`): both answer to their own members only,
so a text or a number is never mistaken for one.
"""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Gives, Library, Row, row

_MODEL: Final = "django.Model"
_MANAGER: Final = "django.Manager"
_FIELD: Final = "django.Field"
_CONNECTION: Final = "django.Connection"
_CURSOR: Final = "django.Cursor"

_CHAINED: Final = (
    "filter exclude order_by annotate alias select_related prefetch_related distinct only defer using reverse"
    " select_for_update union intersection difference extra raw dates datetimes complex_filter"
)
_ONE: Final = "get first last latest earliest aget afirst alast alatest aearliest get_by_natural_key"
_COUNTS: Final = "count exists aggregate acount aexists aaggregate contains acontains explain"
_CREATES: Final = (
    "create bulk_create update bulk_update create_user create_superuser acreate abulk_create aupdate abulk_update"
)
_EITHER: Final = "get_or_create update_or_create aget_or_create aupdate_or_create"


def _manager(on: str) -> tuple[Row, ...]:
    """What a manager, a queryset and a related manager do alike."""
    return (
        row(on, _CHAINED, Act.READ, handle=_MANAGER, deferred=True),
        row(on, "all values values_list", Act.READ, handle=_MANAGER, deferred=True),
        row(on, "iterator in_bulk aiterator", Act.READ, handle=_MANAGER),
        row(on, _ONE, Act.READ, gives=Gives.ROW, handle=_MODEL),
        row(on, _COUNTS, Act.READ, gives=Gives.COUNT),
        row(on, _CREATES, Act.WRITE, gives=Gives.WRITTEN, data=None, handle=_MODEL),
        row(on, _EITHER, Act.WRITE, gives=Gives.ROW, data=None, path="0", handle=_MODEL),
    )


LIBRARY: Final = Library(
    name="django",
    models={
        "django.db.models.Model": _MODEL,
        "django.db.models.base.Model": _MODEL,
        "django.contrib.auth.models.AbstractUser": _MODEL,
        "django.contrib.auth.models.AbstractBaseUser": _MODEL,
        "django.contrib.auth.models.User": _MODEL,
        "django.contrib.auth.models.Group": _MODEL,
        "django.contrib.auth.base_user.AbstractBaseUser": _MODEL,
        "django.contrib.gis.db.models.Model": _MODEL,
        "mptt.models.MPTTModel": _MODEL,
        "treebeard.mp_tree.MP_Node": _MODEL,
        "polymorphic.models.PolymorphicModel": _MODEL,
        "model_utils.models.TimeStampedModel": _MODEL,
        "django_extensions.db.models.TimeStampedModel": _MODEL,
        "parler.models.TranslatableModel": _MODEL,
        "django.db.models.Manager": _MANAGER,
        "django.db.models.manager.Manager": _MANAGER,
        "django.db.models.manager.BaseManager": _MANAGER,
        "django.db.models.QuerySet": _MANAGER,
        "django.db.models.query.QuerySet": _MANAGER,
        "django.contrib.auth.models.UserManager": _MANAGER,
        "django.contrib.auth.models.BaseUserManager": _MANAGER,
        "django.contrib.auth.base_user.BaseUserManager": _MANAGER,
    },
    makes={"django.contrib.auth.get_user_model": _MODEL},
    types={
        "django.contrib.auth.models.User": _MODEL,
        "django.contrib.auth.models.Group": _MODEL,
        "django.contrib.auth.models.Permission": _MODEL,
        "django.contrib.contenttypes.models.ContentType": _MODEL,
        "django.contrib.sites.models.Site": _MODEL,
        "django.contrib.sessions.models.Session": _MODEL,
        "rest_framework.authtoken.models.Token": _MODEL,
        "django.db.connections": _CONNECTION,
        "django.db.models.QuerySet": _MANAGER,
    },
    attributes={
        (_MODEL, "objects"): _MANAGER,
        (_MODEL, "_default_manager"): _MANAGER,
        (_MODEL, "_base_manager"): _MANAGER,
    },
    fields={_MODEL: _FIELD, _FIELD: _FIELD, _MANAGER: _FIELD},
    relations=("ForeignKey", "ManyToManyField", "OneToOneField", "GenericForeignKey", "GenericRelation"),
    errors=("django.db",),
    rows=(
        row("django.shortcuts", "get_object_or_404", Act.READ, gives=Gives.ROW, handle=_MODEL, table=0),
        row("django.shortcuts", "aget_object_or_404", Act.READ, gives=Gives.ROW, handle=_MODEL, table=0),
        row("django.shortcuts", "get_list_or_404 aget_list_or_404", Act.READ, handle=_MANAGER, table=0),
        row("rest_framework.generics", "get_object_or_404", Act.READ, gives=Gives.ROW, handle=_MODEL, table=0),
        row("django.contrib.auth", "authenticate aauthenticate", Act.READ, gives=Gives.ROW, handle=_MODEL),
        row("django.contrib.auth", "get_user", Act.READ, gives=Gives.ROW, handle=_MODEL),
        *_manager(_MANAGER),
        row(_MANAGER, "delete adelete _raw_delete", Act.WRITE, gives=Gives.COUNT),
        row(_MANAGER, "none", Act.NOTHING, gives=Gives.NONE),
        row(_MANAGER, "get_queryset as_manager ()", Act.HANDLE, handle=_MANAGER),
        row("django.db.models.Manager", "from_queryset", Act.HANDLE, handle=_MANAGER, table=0),
        row(_MANAGER, "from_queryset", Act.HANDLE, handle=_MANAGER, table=0),
        row(_MODEL, "save asave", Act.STAGE, gives=Gives.NONE),
        row(_MANAGER, "save asave", Act.STAGE, gives=Gives.NONE),  # of one of its rows
        row(_MODEL, "delete adelete", Act.WRITE, gives=Gives.NONE),
        row(_MODEL, "set_password set_unusable_password full_clean clean_fields", Act.NOTHING, gives=Gives.NONE),
        row(_MODEL, "refresh_from_db arefresh_from_db", Act.READ, gives=Gives.NONE),
        *_manager(_FIELD),
        row(_FIELD, "add set remove clear aadd aset aremove aclear", Act.WRITE, gives=Gives.NONE, data=None),
        row(_FIELD, "save asave delete adelete", Act.WRITE, gives=Gives.NONE),
        row("django.db.connection", "cursor", Act.HANDLE, handle=_CURSOR),
        row("django.db.connection", "ensure_connection connect", Act.OPEN, gives=Gives.NONE),
        row(_CONNECTION, "cursor", Act.HANDLE, handle=_CURSOR),
        row(_CONNECTION, "ensure_connection connect", Act.OPEN, gives=Gives.NONE),
        row(_CONNECTION, "close commit rollback set_autocommit", Act.NOTHING, gives=Gives.NONE),
        row(_CURSOR, "execute executemany callproc", Act.RUN, data=(1,), handle=_CURSOR),
        row(_CURSOR, "fetchone", Act.READ, gives=Gives.ROW),
        row(_CURSOR, "fetchall fetchmany", Act.READ),
        row(_CURSOR, "close", Act.NOTHING, gives=Gives.NONE),
    ),
)
