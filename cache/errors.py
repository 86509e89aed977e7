"""What can go wrong with the cache file. Each message says what, where and what to do next."""

from typing import ClassVar

from pivot_sum import PivotSumError


class CacheError(PivotSumError):
    """The cache cannot be used. `exit_code` is what the command line returns; docs/errors.md lists
    them all."""

    exit_code: ClassVar[int] = 40


class CacheReadOnly(CacheError):
    """The cache file or its folder cannot be written."""

    exit_code = 41


class CacheTooNew(CacheError):
    """The cache file was made by a newer version of the program."""

    exit_code = 42


class CorruptRow(CacheError):
    """A stored row does not match its checksum."""

    exit_code = 43


class DiskFull(CacheError):
    """The disk refused a write: full, over quota, or failing."""

    exit_code = 44


class NotACache(CacheError):
    """The file is not a cache of ours, or is damaged beyond reading."""

    exit_code = 45


class CacheMissing(CacheError):
    """There is no cache file to read."""

    exit_code = 46
