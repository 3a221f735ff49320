"""Hosted stores reached through a client library: Supabase resolves with an error field instead of raising."""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Durability, Gives, Library, row

_SUPABASE: Final = "supabase.Client"
_TABLE: Final = "supabase.Table"
_FIRESTORE: Final = "firestore.Client"
_COLLECTION: Final = "firestore.Collection"
_S3: Final = "s3.Client"

SUPABASE: Final = Library(
    name="supabase",
    makes={
        "@supabase/supabase-js.createClient": _SUPABASE,
        "@supabase/ssr.createServerClient": _SUPABASE,
        "@supabase/ssr.createBrowserClient": _SUPABASE,
        "@supabase/auth-helpers-nextjs.createRouteHandlerClient": _SUPABASE,
        "@supabase/auth-helpers-nextjs.createServerComponentClient": _SUPABASE,
        "supabase.create_client": _SUPABASE,
        "supabase.acreate_client": _SUPABASE,
    },
    types={
        "@supabase/supabase-js.SupabaseClient": _SUPABASE,
        "supabase.Client": _SUPABASE,
        "supabase.AsyncClient": _SUPABASE,
    },
    errors=("postgrest",),
    rows=(
        row(_SUPABASE, "from from_ table", Act.HANDLE, handle=_TABLE, table=0),
        row(_SUPABASE, "rpc", Act.READ, lazy=True, path="data", throws=False),
        row(_SUPABASE, "schema", Act.HANDLE, handle=_SUPABASE),
        row(_TABLE, "select", Act.READ, lazy=True, path="data", throws=False),
        row(_TABLE, "insert update upsert", Act.WRITE, lazy=True, path="data", data=(0,), throws=False),
        row(_TABLE, "delete", Act.WRITE, lazy=True, path="data", throws=False),
    ),
)
FIRESTORE: Final = Library(
    name="firestore",
    makes={
        "firebase_admin.firestore.client": _FIRESTORE,
        "google.cloud.firestore.Client": _FIRESTORE,
        "google.cloud.firestore.AsyncClient": _FIRESTORE,
        "firebase-admin/firestore.getFirestore": _FIRESTORE,
        "firebase-admin.firestore": _FIRESTORE,
        "firebase/firestore.getFirestore": _FIRESTORE,
        "@google-cloud/firestore.Firestore": _FIRESTORE,
    },
    errors=("google.api_core.exceptions", "firebase_admin.exceptions"),
    rows=(
        row(
            _FIRESTORE,
            "collection doc collection_group collectionGroup document",
            Act.HANDLE,
            handle=_COLLECTION,
            table=0,
        ),
        row(_FIRESTORE, "batch transaction", Act.HANDLE, handle=_COLLECTION),
        row(_COLLECTION, "doc document collection where orderBy order_by limit offset", Act.HANDLE, handle=_COLLECTION),
        row(_COLLECTION, "get stream count", Act.READ),
        row(_COLLECTION, "add set update create", Act.WRITE, gives=Gives.WRITTEN, data=None),
        row(_COLLECTION, "delete", Act.WRITE, gives=Gives.WRITTEN),
        row(_COLLECTION, "commit", Act.COMMIT, gives=Gives.NONE),
    ),
)
OBJECTS: Final = Library(
    name="s3",
    durability=Durability.OBJECTS,
    makes={"boto3.client": _S3, "boto3.resource": "dynamodb.Resource", "@aws-sdk/client-s3.S3Client": _S3},
    errors=("botocore",),
    rows=(
        row(_S3, "get_object list_objects_v2 list_objects head_object list_buckets query scan get_item", Act.READ),
        row(
            _S3,
            "put_object upload_file upload_fileobj put_item update_item copy_object",
            Act.WRITE,
            gives=Gives.WRITTEN,
            data=None,
        ),
        row(_S3, "delete_object delete_objects delete_item", Act.WRITE, gives=Gives.WRITTEN),
        row(_S3, "generate_presigned_url", Act.NOTHING, gives=Gives.SAME),
        row("dynamodb.Resource", "Table", Act.HANDLE, handle="dynamodb.Table", table=0),
        row("dynamodb.Table", "get_item query scan batch_get_item", Act.READ, path="Items"),
        row("dynamodb.Table", "put_item update_item", Act.WRITE, gives=Gives.WRITTEN, data=None),
        row("dynamodb.Table", "delete_item", Act.WRITE, gives=Gives.WRITTEN),
    ),
)
