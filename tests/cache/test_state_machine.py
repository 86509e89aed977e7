"""Whatever is done to a cache in whatever order, it answers as a dict would, or says it is hurt."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import suppress
from pathlib import Path

from cachefiles import IDENTITY, tamper
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pivot_sum.cache import Cache, CorruptRow, Row, export_cache, import_cache, repair_cache
from pivot_sum.cache.database import transaction

PAGE = 4_096
TEXTS = [f"{letter}{'길' * 900}" for letter in "abcdefgh"]  # a page holds one of them
texts = st.sampled_from(TEXTS)
outputs = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
answers = st.dictionaries(texts, outputs, max_size=4)


class Killed(Exception):
    """Ends a transaction without its end."""


class Caches(RuleBasedStateMachine):
    """Two connections to one file, as two processes have; `rows` is what has to be in it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "0.sqlite3"
        self.files = 0
        self.rows: dict[str, str] = {}
        self.damaged: set[str] = set()
        self.caches = [Cache(self.path), Cache(self.path)]

    def teardown(self) -> None:
        self._close()
        self.folder.cleanup()

    def _close(self) -> None:
        for cache in self.caches:
            cache.close()

    def _open(self) -> None:
        self.caches = [Cache(self.path), Cache(self.path)]

    def _new_path(self) -> Path:
        self.files += 1
        return Path(self.folder.name) / f"{self.files}.sqlite3"

    @rule(which=st.sampled_from([0, 1]), given=answers)
    def put(self, which: int, given: dict[str, str]) -> None:
        self.caches[which].put(IDENTITY, [(text, output, {}) for text, output in given.items()])
        self.rows = given | self.rows

    @rule(which=st.sampled_from([0, 1]), chosen=st.sets(texts, max_size=3))
    def forget(self, which: int, chosen: set[str]) -> None:
        self.caches[which].forget(IDENTITY, chosen)
        self.rows = {text: output for text, output in self.rows.items() if text not in chosen}
        self.damaged -= chosen

    @rule()
    def reopen(self) -> None:
        self._close()
        self._open()

    @rule()
    def kill(self) -> None:
        """The files as they lie there in the middle of a transaction are what a kill leaves."""
        crashed = self._new_path()
        writer = self.caches[0].connection
        writer.execute("PRAGMA cache_size = 1")  # so that the file is changed before the end
        with suppress(Killed), transaction(writer, self.path):
            writer.execute("DELETE FROM rows")
            writer.execute("INSERT INTO identities VALUES (77, 'x', zeroblob(90000))")
            for end in ("", "-journal"):
                shutil.copy(f"{self.path}{end}", f"{crashed}{end}")
            raise Killed
        self._close()
        self.path = crashed
        self._open()

    @rule(given=answers)
    def merge(self, given: dict[str, str]) -> None:
        other = self._new_path()
        with Cache(other) as source:
            source.put(IDENTITY, [(text, output, {}) for text, output in given.items()])
        found = import_cache(self.caches[0], other)
        assert found.added == len(given.keys() - self.rows.keys())
        self.rows = given | self.rows

    @rule()
    def export(self) -> None:
        exported = self._new_path()
        done = export_cache(self.caches[0], exported)
        sound = self.rows.keys() - self.damaged
        assert done == (len(sound), len(self.damaged))
        with Cache(exported, read_only=True) as copy:
            assert copy.get(IDENTITY, TEXTS) == {text: Row(self.rows[text], {}) for text in sound}

    @rule(text=texts)
    def damage(self, text: str) -> None:
        if text in self.rows:
            tamper(self.path, f"UPDATE rows SET output = 'DAMAGED' WHERE input = '{text}'")
            self.damaged.add(text)

    @rule()
    def drop_damaged(self) -> None:
        assert self.caches[1].drop(damaged=True) == len(self.damaged)
        self._without_damaged()

    @rule(index=st.sampled_from(["sqlite_autoindex_rows_1", "rows_by_identity"]))
    def hurt_the_index_and_repair(self, index: str) -> None:
        if not self.rows.keys() - self.damaged:
            return  # nothing could be saved
        self._close()
        connection = sqlite3.connect(self.path)
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        root: int = connection.execute(query, [index]).fetchone()[0]
        connection.close()
        content = bytearray(self.path.read_bytes())
        content[(root - 1) * PAGE : root * PAGE] = bytes(PAGE)
        self.path.write_bytes(content)
        repaired = repair_cache(self.path)
        assert repaired is None or repaired.damaged == len(self.damaged)
        self._without_damaged()
        self._open()

    def _without_damaged(self) -> None:
        self.rows = {text: self.rows[text] for text in self.rows.keys() - self.damaged}
        self.damaged = set()

    @invariant()
    def both_connections_find_what_the_dict_holds(self) -> None:
        for cache in self.caches:
            for text in TEXTS:
                try:
                    found = cache.get(IDENTITY, [text])
                except CorruptRow:
                    assert text in self.damaged
                else:
                    assert text not in self.damaged
                    assert found == ({text: Row(self.rows[text], {})} if text in self.rows else {})

    @invariant()
    def verify_counts_what_is_damaged(self) -> None:
        found = self.caches[1].verify()
        assert (found.rows, found.damaged) == (len(self.rows), len(self.damaged))
        assert found.structure == []


TestCaches = Caches.TestCase
TestCaches.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)
