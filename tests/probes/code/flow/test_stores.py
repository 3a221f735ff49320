"""The store models are consistent data, and a project's own class with the names of a store is none."""

from __future__ import annotations

import pytest

from assay.probes.code.stores import LIBRARIES
from assay.probes.code.stores.base import Act, Gives, StoreModels
from assay.probes.code.view import EffectKind
from tests.probes.code.flow.apps import view_of


def test_every_handle_that_a_row_or_attribute_gives_is_known_to_some_row() -> None:
    models = StoreModels(LIBRARIES)
    spoken = {row.on for library in LIBRARIES for row in library.rows}
    attributes = {kind for library in LIBRARIES for kind, _ in library.attributes}
    for library in LIBRARIES:
        for kind in {*library.makes.values(), *library.types.values()}:
            assert kind in spoken | attributes | models.kinds, kind


def test_no_member_of_a_handle_has_two_meanings_in_one_library() -> None:
    for library in LIBRARIES:
        pairs = [(row.on, member) for row in library.rows for member in row.members]
        assert len(pairs) == len(set(pairs)), library.name


def test_a_row_that_gives_a_handle_names_it() -> None:
    for library in LIBRARIES:
        for row in library.rows:
            if row.act is Act.HANDLE or row.gives is Gives.HANDLE:
                assert row.handle, (library.name, row.members)


PYTHON_CALLS = {
    "psycopg": ("import psycopg", "psycopg.connect('').execute('SELECT 1').fetchone()"),
    "asyncpg": ("import asyncpg", "asyncpg.connect('').fetch('SELECT * FROM t')"),
    "sqlite": ("import sqlite3", "sqlite3.connect('x.db').execute('SELECT * FROM t').fetchall()"),
    "mongodb": ("from pymongo import MongoClient", "MongoClient()['app']['notes'].find_one({})"),
    "redis": ("import redis", "redis.Redis().get('k')"),
    "databases": ("from databases import Database", "Database('').fetch_all('SELECT * FROM t')"),
    "supabase": ("from supabase import create_client", "create_client('', '').table('t').select('*').execute()"),
}


@pytest.mark.parametrize("name", sorted(PYTHON_CALLS))
def test_a_call_of_a_python_store_is_a_read_of_that_store(name: str) -> None:
    imports, call = PYTHON_CALLS[name]
    text = (
        f"{imports}\nfrom fastapi import FastAPI\napp = FastAPI()\n@app.get('/x')\nasync def x():\n    return {call}\n"
    )
    (flow,) = view_of({"main.py": text}).endpoints
    assert {effect.library for effect in flow.store_reads} == {name}
    assert str(flow.endpoint.body) == "real"


JAVASCRIPT_CALLS = {
    "prisma": (
        "import { PrismaClient } from '@prisma/client'; const p = new PrismaClient();",
        "await p.note.findMany()",
    ),
    "drizzle": (
        "import { drizzle } from 'drizzle-orm/node-postgres'; import { t } from './t'; const d = drizzle({});",
        "await d.select().from(t)",
    ),
    "knex": ("import knex from 'knex'; const k = knex({});", "await k('notes').where({ id: 1 })"),
    "pg": ("import { Pool } from 'pg'; const p = new Pool();", "(await p.query('SELECT 1')).rows"),
    "mysql2": ("import mysql from 'mysql2/promise'; const p = mysql.createPool({});", "(await p.query('SELECT 1'))[0]"),
    "better-sqlite3": (
        "import Database from 'better-sqlite3'; const d = new Database('x');",
        "d.prepare('SELECT 1').all()",
    ),
    "mongoose": ("import mongoose from 'mongoose'; const M = mongoose.model('M', {});", "await M.find().lean()"),
    "redis": ("import Redis from 'ioredis'; const r = new Redis();", "await r.get('k')"),
    "supabase": (
        "import { createClient } from '@supabase/supabase-js'; const s = createClient('', '');",
        "(await s.from('t').select('*')).data",
    ),
    "typeorm": (
        "import { DataSource } from 'typeorm'; const d = new DataSource({}); class N {}",
        "await d.getRepository(N).find()",
    ),
}


@pytest.mark.parametrize("name", sorted(JAVASCRIPT_CALLS))
def test_a_call_of_a_javascript_store_is_a_read_of_that_store(name: str) -> None:
    imports, call = JAVASCRIPT_CALLS[name]
    text = (
        f"import express from 'express'; {imports}\nconst app = express();\n"
        f"app.get('/x', async (req, res) => {{ res.json({call}); }});\n"
    )
    (flow,) = view_of({"index.ts": text}).endpoints
    assert {effect.library for effect in flow.store_reads} == {name}
    assert str(flow.endpoint.body) == "real"


def test_a_lazy_query_that_nobody_awaits_does_nothing() -> None:
    text = """
import express from 'express'; import { PrismaClient } from '@prisma/client';
const prisma = new PrismaClient(); const app = express();
app.post('/x', (req, res) => { prisma.note.create({ data: req.body }); res.json({ success: true }); });
"""
    (flow,) = view_of({"index.ts": text}).endpoints
    assert flow.store_writes == ()
    assert str(flow.endpoint.body) == "lossy"


def test_a_class_of_the_project_with_the_names_of_a_store_is_no_store() -> None:
    text = """
from fastapi import FastAPI

class Collection:
    def insert_one(self, document):
        return {"id": "generated"}

    def find(self):
        return [{"total": 4711, "score": 12}]

collection = Collection()
app = FastAPI()

@app.post("/notes")
def add(note: dict):
    collection.insert_one(note)
    return {"success": True, "note": note}

@app.get("/statistics")
def statistics():
    return collection.find()
"""
    flows = {flow.endpoint.title: flow for flow in view_of({"main.py": text}).endpoints}
    assert all(not flow.of_kind(EffectKind.STORE_READ, EffectKind.STORE_WRITE) for flow in flows.values())
    assert {title: str(flow.endpoint.body) for title, flow in flows.items()} == {
        "POST /notes": "lossy",
        "GET /statistics": "mock",
    }
