"""Hosted stores reached through a client library.

Supabase's JavaScript client resolves with an error field instead of raising; the Python client raises.
"""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Gives, Library, Row, row

_JAVASCRIPT: Final = "supabase.JavaScriptClient"
_PYTHON: Final = "supabase.Client"
_AUTH: Final = "supabase.Auth"
_STORAGE: Final = "supabase.Storage"
_FIRESTORE: Final = "firestore.Client"
_COLLECTION: Final = "firestore.Collection"
_BATCH: Final = "firestore.Batch"
_REFERENCE: Final = "firebase.Reference"
_ALL: Final = None


def _supabase(client: str, *, throws: bool) -> tuple[Row, ...]:
    table = f"{client}.Table"
    return (
        row(client, "from from_ table", Act.HANDLE, handle=table, table=0),
        row(client, "rpc", Act.READ, lazy=True, path="data", throws=throws),
        row(client, "schema", Act.HANDLE, handle=client),
        row(table, "select", Act.READ, lazy=True, path="data", throws=throws),
        row(table, "insert update upsert", Act.WRITE, lazy=True, path="data", data=(0,), throws=throws),
        row(table, "delete", Act.WRITE, lazy=True, path="data", throws=throws),
    )


SUPABASE: Final = Library(
    name="supabase",
    makes={
        "@supabase/supabase-js.createClient": _JAVASCRIPT,
        "@supabase/ssr.createServerClient": _JAVASCRIPT,
        "@supabase/ssr.createBrowserClient": _JAVASCRIPT,
        "@supabase/auth-helpers-nextjs.createRouteHandlerClient": _JAVASCRIPT,
        "@supabase/auth-helpers-nextjs.createServerComponentClient": _JAVASCRIPT,
        "supabase.create_client": _PYTHON,
        "supabase.acreate_client": _PYTHON,
        "supabase.create_async_client": _PYTHON,
        "supabase.client.create_client": _PYTHON,
    },
    types={
        "@supabase/supabase-js.SupabaseClient": _JAVASCRIPT,
        "supabase.Client": _PYTHON,
        "supabase.AsyncClient": _PYTHON,
        "supabase.client.Client": _PYTHON,
    },
    attributes={(_PYTHON, "auth"): _AUTH, (_AUTH, "admin"): _AUTH, (_PYTHON, "storage"): _STORAGE},
    errors=("postgrest", "httpx", "gotrue", "storage3"),
    rows=(
        *_supabase(_JAVASCRIPT, throws=False),
        *_supabase(_PYTHON, throws=True),
        row(_AUTH, "get_user get_session sign_in_with_password get_user_by_id list_users refresh_session", Act.READ),
        row(_AUTH, "sign_up create_user update_user update_user_by_id", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_AUTH, "delete_user", Act.WRITE, gives=Gives.NONE),
        row(_AUTH, "sign_out set_session reset_password_for_email", Act.OPEN, gives=Gives.NONE),
        row(_STORAGE, "from_", Act.HANDLE, handle=_STORAGE, table=0),
        row(_STORAGE, "download list list_buckets", Act.READ),
        row(_STORAGE, "upload update", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_STORAGE, "remove move copy", Act.WRITE, gives=Gives.WRITTEN),
        row(_STORAGE, "get_public_url create_signed_url", Act.NOTHING, gives=Gives.SAME),
    ),
)
FIRESTORE: Final = Library(
    name="firestore",
    makes={
        "firebase_admin.firestore.client": _FIRESTORE,
        "firebase_admin.firestore_async.client": _FIRESTORE,
        "google.cloud.firestore.Client": _FIRESTORE,
        "google.cloud.firestore.AsyncClient": _FIRESTORE,
        "firebase-admin/firestore.getFirestore": _FIRESTORE,
        "firebase-admin.firestore": _FIRESTORE,
        "firebase/firestore.getFirestore": _FIRESTORE,
        "@google-cloud/firestore.Firestore": _FIRESTORE,
        "firebase_admin.db.reference": _REFERENCE,
    },
    types={"google.cloud.firestore.Client": _FIRESTORE, "google.cloud.firestore.AsyncClient": _FIRESTORE},
    attributes={(_COLLECTION, "reference"): _COLLECTION},
    errors=("google.api_core.exceptions", "firebase_admin.exceptions"),
    rows=(
        row(
            _FIRESTORE,
            "collection doc collection_group collectionGroup document",
            Act.HANDLE,
            handle=_COLLECTION,
            table=0,
        ),
        row(_FIRESTORE, "batch transaction bulk_writer", Act.HANDLE, handle=_BATCH),
        row(_FIRESTORE, "close", Act.NOTHING, gives=Gives.NONE),
        row(
            _COLLECTION,
            "doc document collection where orderBy order_by limit offset start_after start_at end_before select"
            " limit_to_last count",
            Act.HANDLE,
            handle=_COLLECTION,
        ),
        row(_COLLECTION, "get stream list_documents", Act.READ, handle=_COLLECTION),
        row(_COLLECTION, "add set update create", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_COLLECTION, "delete", Act.WRITE, gives=Gives.WRITTEN),
        row(_BATCH, "set update create", Act.WRITE, gives=Gives.NONE, data=_ALL, commits=False),
        row(_BATCH, "delete", Act.WRITE, gives=Gives.NONE, commits=False),
        row(_BATCH, "get", Act.READ),
        row(_BATCH, "commit flush close", Act.COMMIT, gives=Gives.NONE),
        row(
            _REFERENCE,
            "child order_by_child order_by_key limit_to_last limit_to_first equal_to",
            Act.HANDLE,
            handle=_REFERENCE,
        ),
        row(_REFERENCE, "get", Act.READ),
        row(_REFERENCE, "set push update", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_REFERENCE, "delete", Act.WRITE, gives=Gives.NONE),
    ),
)
