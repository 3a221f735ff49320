"""Object and item stores of cloud providers: S3, MinIO, Google Cloud Storage, Azure, DynamoDB, Cosmos DB."""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Durability, Gives, Library, row

_S3: Final = "s3.Client"
_S3_RESOURCE: Final = "s3.Resource"
_S3_OBJECT: Final = "s3.Object"
_S3_BUCKET: Final = "s3.Bucket"
_DYNAMO: Final = "dynamodb.Client"
_DYNAMO_RESOURCE: Final = "dynamodb.Resource"
_DYNAMO_TABLE: Final = "dynamodb.Table"
_GCS: Final = "gcs.Client"
_GCS_BUCKET: Final = "gcs.Bucket"
_GCS_BLOB: Final = "gcs.Blob"
_AZURE: Final = "azure.BlobService"
_MINIO: Final = "minio.Minio"
_COSMOS: Final = "cosmos.Client"
_COSMOS_CONTAINER: Final = "cosmos.Container"
_ALL: Final = None
_CLIENTS: Final = (
    "boto3.client",
    "boto3.Session.client",
    "boto3.session.Session.client",
    "aioboto3.Session.client",
    "aiobotocore.session.get_session.create_client",
)
_RESOURCES: Final = (
    "boto3.resource",
    "boto3.Session.resource",
    "boto3.session.Session.resource",
    "aioboto3.Session.resource",
)

OBJECTS: Final = Library(
    name="s3",
    durability=Durability.OBJECTS,
    makes={
        **{f"{path}(s3)": _S3 for path in _CLIENTS},
        **{f"{path}(s3)": _S3_RESOURCE for path in _RESOURCES},
        "@aws-sdk/client-s3.S3Client": _S3,
    },
    errors=("botocore", "boto3.exceptions"),
    rows=(
        row(_S3, "get_object list_objects_v2 list_objects head_object list_buckets download_file", Act.READ),
        row(_S3, "download_fileobj get_paginator head_bucket", Act.READ),
        row(
            _S3,
            "put_object upload_file upload_fileobj copy_object copy upload_part complete_multipart_upload",
            Act.WRITE,
            gives=Gives.WRITTEN,
            data=_ALL,
        ),
        row(_S3, "delete_object delete_objects", Act.WRITE, gives=Gives.WRITTEN),
        row(_S3, "generate_presigned_url generate_presigned_post", Act.NOTHING, gives=Gives.SAME),
        row(_S3, "create_bucket", Act.OPEN, gives=Gives.NONE),
        row(_S3_RESOURCE, "Object", Act.HANDLE, handle=_S3_OBJECT),
        row(_S3_RESOURCE, "Bucket", Act.HANDLE, handle=_S3_BUCKET),
        row(_S3_OBJECT, "get", Act.READ),
        row(_S3_OBJECT, "put upload_file upload_fileobj", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_S3_OBJECT, "delete", Act.WRITE, gives=Gives.WRITTEN),
        row(_S3_BUCKET, "Object", Act.HANDLE, handle=_S3_OBJECT),
        row(_S3_BUCKET, "download_file download_fileobj", Act.READ),
        row(_S3_BUCKET, "put_object upload_file upload_fileobj", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_S3_BUCKET, "delete_objects", Act.WRITE, gives=Gives.WRITTEN),
    ),
)
DYNAMODB: Final = Library(
    name="dynamodb",
    makes={
        **{f"{path}(dynamodb)": _DYNAMO for path in _CLIENTS},
        **{f"{path}(dynamodb)": _DYNAMO_RESOURCE for path in _RESOURCES},
    },
    errors=("botocore", "boto3.exceptions"),
    rows=(
        row(_DYNAMO, "get_item query scan batch_get_item transact_get_items execute_statement", Act.READ),
        row(
            _DYNAMO,
            "put_item update_item batch_write_item transact_write_items",
            Act.WRITE,
            gives=Gives.WRITTEN,
            data=_ALL,
        ),
        row(_DYNAMO, "delete_item", Act.WRITE, gives=Gives.WRITTEN),
        row(_DYNAMO, "describe_table create_table list_tables", Act.OPEN, gives=Gives.NONE),
        row(_DYNAMO_RESOURCE, "Table", Act.HANDLE, handle=_DYNAMO_TABLE, table=0),
        row(_DYNAMO_RESOURCE, "batch_get_item", Act.READ),
        row(_DYNAMO_RESOURCE, "batch_write_item", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_DYNAMO_RESOURCE, "create_table", Act.OPEN, gives=Gives.NONE),
        row(_DYNAMO_TABLE, "get_item query scan batch_get_item", Act.READ),
        row(_DYNAMO_TABLE, "put_item update_item", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_DYNAMO_TABLE, "delete_item", Act.WRITE, gives=Gives.WRITTEN),
        row(_DYNAMO_TABLE, "batch_writer", Act.HANDLE, handle=_DYNAMO_TABLE),
        row(_DYNAMO_TABLE, "load wait_until_exists", Act.OPEN, gives=Gives.NONE),
    ),
)
GOOGLE: Final = Library(
    name="gcs",
    durability=Durability.OBJECTS,
    makes={"google.cloud.storage.Client": _GCS, "google.cloud.storage.Client.from_service_account_json": _GCS},
    types={
        "google.cloud.storage.Client": _GCS,
        "google.cloud.storage.Bucket": _GCS_BUCKET,
        "google.cloud.storage.Blob": _GCS_BLOB,
    },
    errors=("google.api_core.exceptions", "google.cloud.exceptions"),
    rows=(
        row(_GCS, "bucket get_bucket", Act.HANDLE, handle=_GCS_BUCKET, table=0),
        row(_GCS, "list_blobs list_buckets", Act.READ, handle=_GCS_BLOB),
        row(_GCS_BUCKET, "blob", Act.HANDLE, handle=_GCS_BLOB),
        row(_GCS_BUCKET, "get_blob list_blobs", Act.READ, handle=_GCS_BLOB),
        row(_GCS_BUCKET, "delete_blob delete_blobs", Act.WRITE, gives=Gives.NONE),
        row(
            _GCS_BLOB,
            "download_as_bytes download_as_string download_as_text download_to_filename download_to_file exists reload",
            Act.READ,
        ),
        row(
            _GCS_BLOB,
            "upload_from_string upload_from_filename upload_from_file",
            Act.WRITE,
            gives=Gives.NONE,
            data=_ALL,
        ),
        row(_GCS_BLOB, "delete", Act.WRITE, gives=Gives.NONE),
        row(_GCS_BLOB, "generate_signed_url make_public", Act.NOTHING, gives=Gives.SAME),
    ),
)
AZURE: Final = Library(
    name="azure-blob",
    durability=Durability.OBJECTS,
    makes={
        "azure.storage.blob.BlobServiceClient": _AZURE,
        "azure.storage.blob.BlobServiceClient.from_connection_string": _AZURE,
        "azure.storage.blob.aio.BlobServiceClient": _AZURE,
        "azure.storage.blob.aio.BlobServiceClient.from_connection_string": _AZURE,
        "azure.storage.blob.ContainerClient": _AZURE,
        "azure.storage.blob.ContainerClient.from_connection_string": _AZURE,
        "azure.storage.blob.BlobClient.from_connection_string": _AZURE,
    },
    types={"azure.storage.blob.BlobServiceClient": _AZURE, "azure.storage.blob.ContainerClient": _AZURE},
    errors=("azure.core.exceptions",),
    rows=(
        row(_AZURE, "get_container_client get_blob_client", Act.HANDLE, handle=_AZURE),
        row(_AZURE, "download_blob list_blobs list_containers get_blob_properties exists", Act.READ),
        row(_AZURE, "upload_blob upload_blob_from_url", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_AZURE, "delete_blob delete_blobs", Act.WRITE, gives=Gives.NONE),
        row(_AZURE, "create_container close", Act.OPEN, gives=Gives.NONE),
    ),
)
MINIO: Final = Library(
    name="minio",
    durability=Durability.OBJECTS,
    makes={"minio.Minio": _MINIO},
    types={"minio.Minio": _MINIO},
    errors=("minio.error",),
    rows=(
        row(_MINIO, "get_object fget_object list_objects stat_object list_buckets", Act.READ),
        row(_MINIO, "put_object fput_object copy_object", Act.WRITE, gives=Gives.WRITTEN, data=_ALL),
        row(_MINIO, "remove_object remove_objects", Act.WRITE, gives=Gives.NONE),
        row(_MINIO, "bucket_exists make_bucket", Act.OPEN, gives=Gives.NONE),
        row(_MINIO, "presigned_get_object presigned_put_object get_presigned_url", Act.NOTHING, gives=Gives.SAME),
    ),
)
COSMOS: Final = Library(
    name="cosmos",
    makes={
        "azure.cosmos.CosmosClient": _COSMOS,
        "azure.cosmos.aio.CosmosClient": _COSMOS,
        "azure.cosmos.CosmosClient.from_connection_string": _COSMOS,
    },
    types={"azure.cosmos.CosmosClient": _COSMOS, "azure.cosmos.ContainerProxy": _COSMOS_CONTAINER},
    errors=("azure.cosmos.exceptions", "azure.core.exceptions"),
    rows=(
        row(_COSMOS, "get_database_client create_database_if_not_exists", Act.HANDLE, handle=_COSMOS),
        row(
            _COSMOS,
            "get_container_client create_container_if_not_exists",
            Act.HANDLE,
            handle=_COSMOS_CONTAINER,
            table=0,
        ),
        row(_COSMOS_CONTAINER, "query_items read_all_items", Act.READ),
        row(_COSMOS_CONTAINER, "read_item", Act.READ, gives=Gives.ROW),
        row(
            _COSMOS_CONTAINER,
            "create_item upsert_item replace_item patch_item",
            Act.WRITE,
            gives=Gives.WRITTEN,
            data=_ALL,
        ),
        row(_COSMOS_CONTAINER, "delete_item", Act.WRITE, gives=Gives.NONE),
    ),
)
