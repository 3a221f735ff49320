"""MongoDB from Python and JavaScript, drivers and object mappers. Mongoose queries run when they are awaited."""

from __future__ import annotations

from typing import Final

from assay.probes.code.stores.base import Act, Gives, Library, Row, row

_MONGO_SESSION: Final = "mongo.Session"
_TRANSACTION: Final = "mongo.Transaction"
_FILES: Final = "mongo.GridFS"
_CLIENT: Final = "mongo.Client"
_DATABASE: Final = "mongo.Database"
_COLLECTION: Final = "mongo.Collection"
_MODEL: Final = "mongoose.Model"
_DOCUMENT: Final = "mongoose.Document"
_BEANIE: Final = "beanie.Document"
_ENGINE: Final = "mongoengine.Document"
_SET: Final = "mongoengine.QuerySet"
_MONGOENGINE: Final = "flask_mongoengine.MongoEngine"

_FINDS: Final = "find aggregate distinct listIndexes list_indexes find_raw_batches"
_WRITES: Final = (
    "insert_one insert_many update_one update_many replace_one bulk_write"
    " insertOne insertMany updateOne updateMany replaceOne bulkWrite"
)
_READS_ONE: Final = "find_one findOne find_one_or_404"
_COUNTS: Final = "count_documents countDocuments estimated_document_count estimatedDocumentCount"
_SWAPS: Final = "find_one_and_update find_one_and_replace findOneAndUpdate findOneAndReplace"
_DELETES: Final = "delete_one delete_many deleteOne deleteMany find_one_and_delete findOneAndDelete"


def _collection(kind: str) -> tuple[Row, ...]:
    return (
        row(kind, _FINDS, Act.READ),
        row(kind, _READS_ONE, Act.READ, gives=Gives.ROW),
        row(kind, _COUNTS, Act.READ, gives=Gives.COUNT),
        row(kind, _WRITES, Act.WRITE, gives=Gives.WRITTEN, data=None),
        row(kind, _SWAPS, Act.WRITE, gives=Gives.ROW, data=(1,)),
        row(kind, _DELETES, Act.WRITE, gives=Gives.WRITTEN),
        row(kind, "create_index createIndex create_indexes drop", Act.OPEN, gives=Gives.NONE),
    )


DRIVER: Final = Library(
    name="mongodb",
    makes={
        "pymongo.MongoClient": _CLIENT,
        "pymongo.AsyncMongoClient": _CLIENT,
        "motor.motor_asyncio.AsyncIOMotorClient": _CLIENT,
        "motor.AsyncIOMotorClient": _CLIENT,
        "motor.motor_tornado.MotorClient": _CLIENT,
        "flask_pymongo.PyMongo": "flask_pymongo.PyMongo",
        "gridfs.GridFS": _FILES,
        "gridfs.GridFSBucket": _FILES,
        "motor.motor_asyncio.AsyncIOMotorGridFSBucket": _FILES,
        "mongodb.MongoClient": _CLIENT,
    },
    types={
        "pymongo.MongoClient": _CLIENT,
        "pymongo.mongo_client.MongoClient": _CLIENT,
        "pymongo.AsyncMongoClient": _CLIENT,
        "pymongo.database.Database": _DATABASE,
        "pymongo.collection.Collection": _COLLECTION,
        "pymongo.asynchronous.database.AsyncDatabase": _DATABASE,
        "pymongo.asynchronous.collection.AsyncCollection": _COLLECTION,
        "motor.motor_asyncio.AsyncIOMotorClient": _CLIENT,
        "motor.motor_asyncio.AsyncIOMotorDatabase": _DATABASE,
        "motor.motor_asyncio.AsyncIOMotorCollection": _COLLECTION,
        "motor.core.AgnosticDatabase": _DATABASE,
        "motor.core.AgnosticCollection": _COLLECTION,
        "mongodb.MongoClient": _CLIENT,
        "mongodb.Db": _DATABASE,
        "mongodb.Collection": _COLLECTION,
    },
    attributes={
        (_CLIENT, "*"): _DATABASE,
        (_DATABASE, "*"): _COLLECTION,
        (_COLLECTION, "database"): _DATABASE,
        ("flask_pymongo.PyMongo", "db"): _DATABASE,
        ("flask_pymongo.PyMongo", "cx"): _CLIENT,
    },
    exits=(_TRANSACTION,),
    errors=("pymongo.errors", "motor", "mongodb"),
    rows=(
        row(_CLIENT, "db get_database get_default_database", Act.HANDLE, handle=_DATABASE),
        row(_CLIENT, "connect server_info close", Act.OPEN, gives=Gives.SAME),
        row(_CLIENT, "start_session startSession", Act.HANDLE, handle=_MONGO_SESSION),
        row(_CLIENT, "list_database_names", Act.READ),
        row(_MONGO_SESSION, "start_transaction startTransaction", Act.HANDLE, handle=_TRANSACTION),
        row(_MONGO_SESSION, "commit_transaction commitTransaction", Act.COMMIT, gives=Gives.NONE),
        row(_MONGO_SESSION, "abort_transaction abortTransaction", Act.ROLLBACK, gives=Gives.NONE),
        row(_MONGO_SESSION, "with_transaction withTransaction", Act.CALL),
        row(_MONGO_SESSION, "end_session endSession", Act.NOTHING, gives=Gives.NONE),
        row("flask_pymongo.PyMongo", "init_app", Act.NOTHING, gives=Gives.NONE),
        row(_FILES, "get get_last_version open_download_stream find find_one list exists", Act.READ),
        row(_FILES, "put upload_from_stream open_upload_stream", Act.WRITE, gives=Gives.WRITTEN, data=None),
        row(_FILES, "delete", Act.WRITE, gives=Gives.NONE),
        row(_DATABASE, "collection get_collection", Act.HANDLE, handle=_COLLECTION, table=0),
        row(_DATABASE, "command list_collection_names list_collections", Act.READ),
        row(_DATABASE, "create_collection drop_collection", Act.OPEN, gives=Gives.NONE),
        *_collection(_COLLECTION),
    ),
)
MONGOOSE: Final = Library(
    name="mongoose",
    makes={"mongoose.model": _MODEL},
    types={"mongoose.Model": _MODEL, "mongoose.Document": _DOCUMENT, "mongoose.HydratedDocument": _DOCUMENT},
    errors=("mongoose", "mongodb"),
    rows=(
        row("mongoose", "connect", Act.OPEN, gives=Gives.NONE),
        row(_MODEL, "()", Act.HANDLE, handle=_DOCUMENT),
        row(_MODEL, "find aggregate distinct where", Act.READ, lazy=True, handle=_DOCUMENT),
        row(_MODEL, "findOne findById exists", Act.READ, gives=Gives.ROW, lazy=True, handle=_DOCUMENT),
        row(_MODEL, "countDocuments estimatedDocumentCount count", Act.READ, gives=Gives.COUNT, lazy=True),
        row(
            _MODEL, "create insertMany bulkWrite bulkSave", Act.WRITE, gives=Gives.WRITTEN, data=None, handle=_DOCUMENT
        ),
        row(_MODEL, "updateOne updateMany replaceOne update", Act.WRITE, gives=Gives.WRITTEN, data=(1,), lazy=True),
        row(
            _MODEL,
            "findByIdAndUpdate findOneAndUpdate findOneAndReplace",
            Act.WRITE,
            gives=Gives.ROW,
            data=(1,),
            lazy=True,
            handle=_DOCUMENT,
        ),
        row(_MODEL, "deleteOne deleteMany", Act.WRITE, gives=Gives.WRITTEN, lazy=True),
        row(
            _MODEL,
            "findByIdAndDelete findOneAndDelete findByIdAndRemove findOneAndRemove",
            Act.WRITE,
            gives=Gives.ROW,
            lazy=True,
        ),
        row(_DOCUMENT, "save", Act.STAGE, gives=Gives.SAME, data=()),
        row(_DOCUMENT, "remove deleteOne updateOne", Act.WRITE, gives=Gives.WRITTEN, data=(0,)),
        row(_DOCUMENT, "populate execPopulate", Act.READ, gives=Gives.SAME),
    ),
)
BEANIE: Final = Library(
    name="beanie",
    models={"beanie.Document": _BEANIE, "bunnet.Document": _BEANIE, "beanie.odm.documents.Document": _BEANIE},
    errors=("beanie", "pymongo.errors"),
    rows=(
        row("beanie", "init_beanie", Act.OPEN, gives=Gives.NONE),
        row("bunnet", "init_bunnet", Act.OPEN, gives=Gives.NONE),
        row(_BEANIE, "find find_all find_many all aggregate distinct", Act.READ, handle=_BEANIE),
        row(_BEANIE, "find_one get", Act.READ, gives=Gives.ROW, handle=_BEANIE),
        row(_BEANIE, "count exists", Act.READ, gives=Gives.COUNT),
        row(_BEANIE, "fetch_link fetch_all_links sync", Act.READ, gives=Gives.NONE),
        row(_BEANIE, "insert create save replace save_changes", Act.STAGE, gives=Gives.SAME),
        row(_BEANIE, "insert_one insert_many replace_many upsert", Act.WRITE, gives=Gives.WRITTEN, data=None),
        row(_BEANIE, "update set inc update_all update_one update_many", Act.WRITE, gives=Gives.SAME, data=None),
        row(_BEANIE, "delete delete_all delete_one", Act.WRITE, gives=Gives.WRITTEN),
        row(_BEANIE, "get_motor_collection get_pymongo_collection", Act.HANDLE, handle=_COLLECTION),
    ),
)
MONGOENGINE: Final = Library(
    name="mongoengine",
    makes={"flask_mongoengine.MongoEngine": _MONGOENGINE},
    models={
        "mongoengine.Document": _ENGINE,
        "mongoengine.DynamicDocument": _ENGINE,
        "mongoengine.document.Document": _ENGINE,
        "flask_mongoengine.Document": _ENGINE,
        f"{_MONGOENGINE}.Document": _ENGINE,
        f"{_MONGOENGINE}.DynamicDocument": _ENGINE,
    },
    attributes={
        (_ENGINE, "objects"): _SET,
        (_MONGOENGINE, "Document"): f"{_MONGOENGINE}.Document",
        (_MONGOENGINE, "DynamicDocument"): f"{_MONGOENGINE}.DynamicDocument",
    },
    errors=("mongoengine", "pymongo.errors"),
    rows=(
        row("mongoengine", "connect disconnect", Act.OPEN, gives=Gives.NONE),
        row(_MONGOENGINE, "init_app", Act.NOTHING, gives=Gives.NONE),
        row(_ENGINE, "save", Act.STAGE, gives=Gives.SAME),
        row(_ENGINE, "delete", Act.WRITE, gives=Gives.NONE),
        row(_ENGINE, "update modify", Act.WRITE, gives=Gives.COUNT, data=None),
        row(_ENGINE, "reload", Act.READ, gives=Gives.SAME),
        row(
            _SET,
            "() filter order_by limit skip only exclude all distinct aggregate search_text no_dereference paginate"
            " values_list scalar as_pymongo to_json []",
            Act.READ,
            handle=_SET,
        ),
        row(_SET, "first get get_or_404 first_or_404 with_id", Act.READ, gives=Gives.ROW, handle=_ENGINE),
        row(_SET, "count sum average", Act.READ, gives=Gives.COUNT),
        row(_SET, "update update_one upsert_one insert create modify", Act.WRITE, gives=Gives.WRITTEN, data=None),
        row(_SET, "delete", Act.WRITE, gives=Gives.COUNT),
    ),
)
