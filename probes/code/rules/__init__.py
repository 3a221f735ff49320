"""The rules, in the order in which they are documented; one file per rule, one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from assay.probes.code.rules.base import About
from assay.probes.code.rules.broken_handler import RULE as BROKEN_HANDLER
from assay.probes.code.rules.commit_after_response import RULE as COMMIT_AFTER_RESPONSE
from assay.probes.code.rules.commit_missing import RULE as COMMIT_MISSING
from assay.probes.code.rules.create_all_at_startup import RULE as CREATE_ALL_AT_STARTUP
from assay.probes.code.rules.dishonest_health import RULE as DISHONEST_HEALTH
from assay.probes.code.rules.drop_all import RULE as DROP_ALL
from assay.probes.code.rules.dual_storage import RULE as DUAL_STORAGE
from assay.probes.code.rules.fallback_on_db_error import RULE as FALLBACK_ON_DB_ERROR
from assay.probes.code.rules.file_persistence import RULE as FILE_PERSISTENCE
from assay.probes.code.rules.hardcoded_content import RULE as HARDCODED_CONTENT
from assay.probes.code.rules.hardcoded_credentials import RULE as HARDCODED_CREDENTIALS
from assay.probes.code.rules.invalid_suppression import RULE as INVALID_SUPPRESSION
from assay.probes.code.rules.missing_model import RULE as MISSING_MODEL
from assay.probes.code.rules.mock_auth import RULE as MOCK_AUTH
from assay.probes.code.rules.mock_data import RULE as MOCK_DATA
from assay.probes.code.rules.never_written_table import RULE as NEVER_WRITTEN_TABLE
from assay.probes.code.rules.non_atomic_writes import RULE as NON_ATOMIC_WRITES
from assay.probes.code.rules.optional_database import RULE as OPTIONAL_DATABASE
from assay.probes.code.rules.orphaned_database import RULE as ORPHANED_DATABASE
from assay.probes.code.rules.placeholder_response import RULE as PLACEHOLDER_RESPONSE
from assay.probes.code.rules.second_engine import RULE as SECOND_ENGINE
from assay.probes.code.rules.shadowed_route import RULE as SHADOWED_ROUTE
from assay.probes.code.rules.success_without_write import RULE as SUCCESS_WITHOUT_WRITE
from assay.probes.code.rules.swallowed_db_error import RULE as SWALLOWED_DB_ERROR
from assay.probes.code.rules.todo_persistence import RULE as TODO_PERSISTENCE
from assay.probes.code.rules.unbounded_connection import RULE as UNBOUNDED_CONNECTION
from assay.probes.code.rules.unimportable_module import RULE as UNIMPORTABLE_MODULE
from assay.probes.code.rules.unmounted_router import RULE as UNMOUNTED_ROUTER
from assay.probes.code.rules.unused_suppression import RULE as UNUSED_SUPPRESSION
from assay.probes.code.rules.volatile_state import RULE as VOLATILE_STATE
from assay.probes.code.rules.weak_default_secret import RULE as WEAK_DEFAULT_SECRET
from assay.probes.code.rules.weakened_configuration import RULE as WEAKENED_CONFIGURATION

if TYPE_CHECKING:
    from assay.probes.code.rules.base import Rule

RULES: Final[tuple[Rule, ...]] = (
    MOCK_DATA,
    PLACEHOLDER_RESPONSE,
    SUCCESS_WITHOUT_WRITE,
    FALLBACK_ON_DB_ERROR,
    SWALLOWED_DB_ERROR,
    DISHONEST_HEALTH,
    MOCK_AUTH,
    VOLATILE_STATE,
    FILE_PERSISTENCE,
    DUAL_STORAGE,
    HARDCODED_CONTENT,
    BROKEN_HANDLER,
    UNMOUNTED_ROUTER,
    SHADOWED_ROUTE,
    UNIMPORTABLE_MODULE,
    TODO_PERSISTENCE,
    HARDCODED_CREDENTIALS,
    WEAK_DEFAULT_SECRET,
    OPTIONAL_DATABASE,
    COMMIT_MISSING,
    COMMIT_AFTER_RESPONSE,
    NON_ATOMIC_WRITES,
    ORPHANED_DATABASE,
    NEVER_WRITTEN_TABLE,
    MISSING_MODEL,
    SECOND_ENGINE,
    UNBOUNDED_CONNECTION,
    CREATE_ALL_AT_STARTUP,
    DROP_ALL,
    WEAKENED_CONFIGURATION,
    INVALID_SUPPRESSION,
    UNUSED_SUPPRESSION,
)
RULE_IDS: Final = frozenset(rule.id for rule in RULES)
SUPPRESSIBLE: Final = frozenset(rule.id for rule in RULES if rule.about is not About.SCAN)
