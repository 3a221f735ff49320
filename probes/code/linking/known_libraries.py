"""Names that mean a library wherever a file inside a package imports them absolutely.

A package often has a module of the same name that sets the library up (`shop/celery.py`, `config/jwt.py`). Python looks
for an absolute import below the roots of its path only, never beside the file that asks.
"""

from __future__ import annotations

import sys
from typing import Final

_INSTALLED: Final = frozenset(
    [
        *("aiohttp", "alembic", "allauth", "amqp", "anthropic", "anyio", "apscheduler", "arq", "asgiref", "asyncpg"),
        *("attr", "attrs", "authlib", "bcrypt", "beanie", "boto3", "botocore", "bs4", "cachetools", "celery"),
        *("channels", "cloudinary", "corsheaders", "cryptography", "debug_toolbar", "decouple", "django"),
        *("django_filters", "docker", "dotenv", "drf_spectacular", "drf_yasg", "elasticsearch", "environ", "faker"),
        *("fastapi", "firebase_admin", "flask", "flask_cors", "flask_jwt_extended", "flask_login", "flask_sqlalchemy"),
        *("gevent", "graphene", "gunicorn", "httpx", "huey", "jinja2", "jose", "jwt", "kafka", "kombu", "langchain"),
        *("ldap3", "loguru", "marshmallow", "minio", "mongoengine", "motor", "newrelic", "ninja", "numpy", "oauthlib"),
        *("openai", "opentelemetry", "opensearchpy", "pandas", "passlib", "paypalrestsdk", "peewee", "pika", "PIL"),
        *("prometheus_client", "psutil", "psycopg", "psycopg2", "pusher", "pydantic", "pydantic_settings", "pymongo"),
        *("pymysql", "pytest", "qdrant_client", "quart", "razorpay", "redis", "requests", "rest_framework"),
        *("rest_framework_simplejwt", "rq", "sanic", "sendgrid", "sentry_sdk", "silk", "sklearn", "slack_sdk"),
        *("slowapi", "socketio", "sqlalchemy", "sqlmodel", "starlette", "storages", "stripe", "structlog", "supabase"),
        *("telegram", "tenacity", "tornado", "torch", "tortoise", "transformers", "twilio", "uvicorn", "weasyprint"),
        *("werkzeug", "whitenoise", "yaml"),
    ]
)


def is_installed_library(name: str) -> bool:
    """A library that is installed beside Python."""
    return name in _INSTALLED


def is_known_library(name: str) -> bool:
    """A library that is installed, or one of Python's own."""
    return name in _INSTALLED or name in sys.stdlib_module_names
