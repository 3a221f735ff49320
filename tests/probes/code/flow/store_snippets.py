"""For every kind of store handle: how a program gets one, and what its members are called with.

A snippet is a line of code per row and member; `h` is the handle. What is not listed in `CALLS` is called with what
its act needs: a statement, the request's data, or nothing.
"""

from __future__ import annotations

from typing import Final

_ALCHEMY: Final = "from sqlalchemy import create_engine, select, Table; engine = create_engine('postgresql://db/app')"
_MODEL: Final = (
    f"{_ALCHEMY}\nfrom sqlalchemy.orm import DeclarativeBase, Session, sessionmaker\n"
    "class Base(DeclarativeBase):\n    pass\nclass Note(Base):\n    __tablename__ = 'notes'\nsession = Session(engine)"
)
_FLASK_ALCHEMY: Final = "from flask_sqlalchemy import SQLAlchemy; db = SQLAlchemy()"
_ALCHEMICAL: Final = "from alchemical import Alchemical, Model\nclass Note(Model):\n    pass\ndb = Alchemical('')"
_PSYCOPG: Final = "import psycopg; connection = psycopg.connect('')"
_ASYNCPG: Final = "import asyncpg; connection = asyncpg.connect('')"
_MONGO: Final = "from pymongo import MongoClient; client = MongoClient()"
_PEEWEE: Final = (
    "from peewee import Model, PostgresqlDatabase\ndb = PostgresqlDatabase('app')\n"
    "class Note(Model):\n    class Meta:\n        database = db"
)
_TORTOISE: Final = "from tortoise.models import Model\nclass Note(Model):\n    pass"
_ORMAR: Final = "import ormar\nclass Note(ormar.Model):\n    pass"
_BEANIE: Final = "from beanie import Document\nclass Note(Document):\n    text: str"
_MONGOENGINE: Final = "from mongoengine import Document\nclass Note(Document):\n    pass"
_DYNAMO: Final = "import boto3; resource = boto3.resource('dynamodb')"
_S3: Final = "import boto3; resource = boto3.resource('s3')"
_GCS: Final = "from google.cloud import storage; client = storage.Client()"
_COSMOS: Final = "from azure.cosmos import CosmosClient; client = CosmosClient('', '')"
_FIRESTORE: Final = "from google.cloud import firestore; client = firestore.Client()"
_SUPABASE: Final = "from supabase import create_client; client = create_client('', '')"
_REDIS: Final = "import redis; client = redis.Redis()"
_SEARCH: Final = "from elasticsearch import Elasticsearch; client = Elasticsearch()"
_SEARCH_DSL: Final = "from elasticsearch_dsl import Document, Search\nclass Note(Document):\n    pass"
_INFLUX: Final = "from influxdb_client import InfluxDBClient; client = InfluxDBClient('')"
_NEO4J: Final = "from neo4j import GraphDatabase; driver = GraphDatabase.driver('')"

HANDLES: Final[dict[str, tuple[str, str]]] = {
    "sqlalchemy": ("import sqlalchemy", "sqlalchemy"),
    "sqlalchemy.sql": ("import sqlalchemy.sql as sql", "sql"),
    "sqlalchemy.sql.expression": ("import sqlalchemy.sql.expression as sql", "sql"),
    "sqlalchemy.future": ("import sqlalchemy.future as sql", "sql"),
    "sqlalchemy.orm": ("import sqlalchemy.orm as sql", "sql"),
    "sqlalchemy.dialects.postgresql": ("import sqlalchemy.dialects.postgresql as sql", "sql"),
    "sqlalchemy.dialects.mysql": ("import sqlalchemy.dialects.mysql as sql", "sql"),
    "sqlalchemy.dialects.sqlite": ("import sqlalchemy.dialects.sqlite as sql", "sql"),
    "sqlmodel": ("import sqlmodel", "sqlmodel"),
    "flask_sqlalchemy.SQLAlchemy": (_FLASK_ALCHEMY, "db"),
    "sqlalchemy.Alchemical": (_ALCHEMICAL, "db"),
    "sqlalchemy.Alchemical.Model": (_ALCHEMICAL, "Note"),
    "sqlalchemy.Table": (_ALCHEMY, "Table('notes')"),
    "sqlalchemy.sessionmaker": (_MODEL, "sessionmaker(engine)"),
    "sqlalchemy.Engine": (_ALCHEMY, "engine"),
    "sqlalchemy.Connection": (_ALCHEMY, "engine.connect()"),
    "sqlalchemy.Cursor": (_ALCHEMY, "engine.raw_connection().cursor()"),
    "sqlalchemy.Session": (_MODEL, "session"),
    "sqlalchemy.Transaction": (_MODEL, "session.begin()"),
    "sqlalchemy.Savepoint": (_MODEL, "session.begin_nested()"),
    "sqlalchemy.Result": (_MODEL, "session.execute(select(Note))"),
    "sqlalchemy.Query": (_MODEL, "session.query(Note)"),
    "sqlalchemy.Inspector": (f"{_ALCHEMY}\nfrom sqlalchemy import inspect", "inspect(engine)"),
    "psycopg.Connection": (_PSYCOPG, "connection"),
    "psycopg.Cursor": (_PSYCOPG, "connection.cursor()"),
    "psycopg.Copy": (_PSYCOPG, "connection.cursor().copy('COPY notes FROM STDIN')"),
    "psycopg.Pool": ("from psycopg_pool import ConnectionPool", "ConnectionPool('')"),
    "psycopg2.extras": ("import psycopg2, psycopg2.extras; cursor = psycopg2.connect('').cursor()", "psycopg2.extras"),
    "psycopg2.sql": ("import psycopg2.sql as sql", "sql"),
    "psycopg.sql": ("import psycopg.sql as sql", "sql"),
    "asyncpg.Connection": (_ASYNCPG, "connection"),
    "asyncpg.Pool": ("import asyncpg; pool = asyncpg.create_pool('')", "pool"),
    "asyncpg.PreparedStatement": (_ASYNCPG, "connection.prepare('SELECT 1')"),
    "asyncpg.Transaction": (_ASYNCPG, "connection.transaction()"),
    "databases.Database": ("from databases import Database; db = Database('')", "db"),
    "databases.Transaction": ("from databases import Database; db = Database('')", "db.transaction()"),
    "sqlite3.Connection": ("import sqlite3", "sqlite3.connect('app.db')"),
    "aiosqlite.Connection": ("import aiosqlite", "aiosqlite.connect('app.db')"),
    "sqlite3.Cursor": ("import sqlite3", "sqlite3.connect('app.db').cursor()"),
    "mysql.Connection": ("import pymysql", "pymysql.connect()"),
    "mysql.Cursor": ("import mysql.connector", "mysql.connector.connect().cursor()"),
    "mysql.Pool": ("import aiomysql", "aiomysql.create_pool()"),
    "flask_mysqldb.MySQL": ("from flask_mysqldb import MySQL; mysql = MySQL()", "mysql"),
    "pyodbc.Connection": ("import pyodbc", "pyodbc.connect('')"),
    "pyodbc.Cursor": ("import pyodbc", "pyodbc.connect('').cursor()"),
    "oracledb.Connection": ("import oracledb", "oracledb.connect('')"),
    "oracledb.Cursor": ("import oracledb", "oracledb.connect('').cursor()"),
    "oracledb.Pool": ("import oracledb", "oracledb.create_pool('')"),
    "duckdb.Connection": ("import duckdb", "duckdb.connect('app.duckdb')"),
    "mongo.Client": (_MONGO, "client"),
    "mongo.Database": (_MONGO, "client['app']"),
    "mongo.Collection": (_MONGO, "client.app.notes"),
    "mongo.Session": (_MONGO, "client.start_session()"),
    "mongo.GridFS": (f"{_MONGO}\nimport gridfs", "gridfs.GridFS(client.app)"),
    "flask_pymongo.PyMongo": ("from flask_pymongo import PyMongo; mongo = PyMongo()", "mongo"),
    "beanie": ("import beanie", "beanie"),
    "bunnet": ("import bunnet", "bunnet"),
    "beanie.Document": (_BEANIE, "Note"),
    "mongoengine": ("import mongoengine", "mongoengine"),
    "mongoengine.Document": (_MONGOENGINE, "Note(text='a')"),
    "mongoengine.QuerySet": (_MONGOENGINE, "Note.objects"),
    "flask_mongoengine.MongoEngine": ("from flask_mongoengine import MongoEngine; db = MongoEngine()", "db"),
    "redis.Redis": (_REDIS, "client"),
    "redis.Pipeline": (_REDIS, "client.pipeline()"),
    "supabase.Client": (_SUPABASE, "client"),
    "supabase.Client.Table": (_SUPABASE, "client.table('notes')"),
    "supabase.Auth": (_SUPABASE, "client.auth"),
    "supabase.Storage": (_SUPABASE, "client.storage"),
    "firestore.Client": (_FIRESTORE, "client"),
    "firestore.Collection": (_FIRESTORE, "client.collection('notes')"),
    "firestore.Batch": (_FIRESTORE, "client.batch()"),
    "firebase.Reference": ("from firebase_admin import db", "db.reference('notes')"),
    "peewee.Model": (_PEEWEE, "Note"),
    "peewee.Query": (_PEEWEE, "Note.select()"),
    "peewee.Database": (_PEEWEE, "db"),
    "peewee.Cursor": (_PEEWEE, "db.execute_sql('SELECT 1')"),
    "peewee.Transaction": (_PEEWEE, "db.atomic()"),
    "tortoise.Model": (_TORTOISE, "Note"),
    "tortoise.QuerySet": (_TORTOISE, "Note.all()"),
    "tortoise.Client": ("from tortoise import Tortoise", "Tortoise.get_connection('default')"),
    "ormar.Model": (_ORMAR, "Note(text='a')"),
    "ormar.QuerySet": (_ORMAR, "Note.objects"),
    "odmantic.AIOEngine": ("from odmantic import AIOEngine", "AIOEngine()"),
    "odmantic.Model": ("from odmantic import Model\nclass Note(Model):\n    text: str", "Note(text='a')"),
    "s3.Client": ("import boto3", "boto3.client('s3')"),
    "s3.Resource": (_S3, "resource"),
    "s3.Object": (_S3, "resource.Object('b', 'k')"),
    "s3.Bucket": (_S3, "resource.Bucket('b')"),
    "dynamodb.Client": ("import boto3", "boto3.client('dynamodb')"),
    "dynamodb.Resource": (_DYNAMO, "resource"),
    "dynamodb.Table": (_DYNAMO, "resource.Table('notes')"),
    "gcs.Client": (_GCS, "client"),
    "gcs.Bucket": (_GCS, "client.bucket('b')"),
    "gcs.Blob": (_GCS, "client.bucket('b').blob('n')"),
    "azure.BlobService": ("from azure.storage.blob import BlobServiceClient", "BlobServiceClient('')"),
    "minio.Minio": ("from minio import Minio", "Minio('')"),
    "cosmos.Client": (_COSMOS, "client"),
    "cosmos.Container": (_COSMOS, "client.get_database_client('d').get_container_client('c')"),
    "elasticsearch.Client": (_SEARCH, "client"),
    "elasticsearch.helpers": (f"{_SEARCH}\nfrom elasticsearch import helpers", "helpers"),
    "opensearchpy.helpers": (
        "from opensearchpy import OpenSearch, helpers; client = OpenSearch()",
        "helpers",
    ),
    "elasticsearch.Document": (_SEARCH_DSL, "Note(text='a')"),
    "elasticsearch.Search": (_SEARCH_DSL, "Search(index='notes')"),
    "cassandra.Cluster": ("from cassandra.cluster import Cluster", "Cluster()"),
    "cassandra.Session": ("from cassandra.cluster import Cluster", "Cluster().connect()"),
    "cassandra.query": ("import cassandra.query as query", "query"),
    "clickhouse.Client": ("from clickhouse_driver import Client", "Client('')"),
    "influx.Client": (_INFLUX, "client"),
    "influx.WriteApi": (_INFLUX, "client.write_api()"),
    "influx.QueryApi": (_INFLUX, "client.query_api()"),
    "neo4j.Driver": (_NEO4J, "driver"),
    "neo4j.Session": (_NEO4J, "driver.session()"),
    "neo4j.Transaction": (_NEO4J, "driver.session().begin_transaction()"),
    "pandas": (f"{_ALCHEMY}\nimport pandas", "pandas"),
    "polars": (f"{_ALCHEMY}\nimport polars", "polars"),
    "tinydb.TinyDB": ("from tinydb import TinyDB", "TinyDB('notes.json')"),
    "shelve.Shelf": ("import shelve", "shelve.open('notes')"),
    "cache.Cache": ("from flask_caching import Cache; cache = Cache()", "cache"),
}
"""The imports and definitions, and the expression that gives the handle."""

CALLS: Final[dict[tuple[str, str], str]] = {
    ("sqlalchemy.Session", "execute"): "select(Note)",
    ("sqlalchemy.Session", "query"): "Note",
    ("sqlalchemy.Session", "get"): "Note, 1",
    ("sqlalchemy.Session", "get_one"): "Note, 1",
    ("flask_sqlalchemy.SQLAlchemy", "paginate"): "db.select()",
    ("flask_sqlalchemy.SQLAlchemy", "first_or_404"): "db.select()",
    ("flask_sqlalchemy.SQLAlchemy", "one_or_404"): "db.select()",
    ("pandas", "read_sql"): "'SELECT * FROM notes', engine",
    ("pandas", "read_sql_query"): "'SELECT * FROM notes', con=engine",
    ("pandas", "read_sql_table"): "'notes', engine",
    ("polars", "read_database"): "'SELECT * FROM notes', engine",
    ("psycopg2.extras", "execute_values"): "cursor, 'SELECT * FROM notes WHERE id IN %s', note",
    ("psycopg2.extras", "execute_batch"): "cursor, 'SELECT * FROM notes WHERE id = %s', note",
    ("elasticsearch.helpers", "bulk"): "client, note",
    ("elasticsearch.helpers", "async_bulk"): "client, note",
    ("elasticsearch.helpers", "scan"): "client",
    ("elasticsearch.helpers", "async_scan"): "client",
    ("opensearchpy.helpers", "bulk"): "client, note",
    ("opensearchpy.helpers", "async_bulk"): "client, note",
}
"""The arguments where a row needs others than its act."""

UNREACHED: Final = frozenset({"neo4j.ManagedTransaction", "mongo.Transaction"})
"""Handles that only a callback is given; the applications show them."""
