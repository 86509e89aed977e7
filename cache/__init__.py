"""The on-disk store of stage outputs: one SQLite file, keyed on the stage's identity and the exact
input text."""

from pivot_sum.cache.errors import (
    CacheError,
    CacheMissing,
    CacheReadOnly,
    CacheTooNew,
    CorruptRow,
    DiskFull,
    NotACache,
)
from pivot_sum.cache.keys import ABSENT, Difference, canonical_json, row_key
from pivot_sum.cache.records import StoredIdentity
from pivot_sum.cache.repair import Repaired, repair_cache
from pivot_sum.cache.store import Cache, CacheInfo, Row
from pivot_sum.cache.transfer import (
    Conflict,
    Exported,
    Imported,
    ImportedNames,
    NameConflict,
    export_cache,
    import_cache,
)
from pivot_sum.cache.verify import Damaged, Verified

__all__ = [
    "ABSENT",
    "Cache",
    "CacheError",
    "CacheInfo",
    "CacheMissing",
    "CacheReadOnly",
    "CacheTooNew",
    "Conflict",
    "CorruptRow",
    "Damaged",
    "Difference",
    "DiskFull",
    "Exported",
    "Imported",
    "ImportedNames",
    "NameConflict",
    "NotACache",
    "Repaired",
    "Row",
    "StoredIdentity",
    "Verified",
    "canonical_json",
    "export_cache",
    "import_cache",
    "repair_cache",
    "row_key",
]
