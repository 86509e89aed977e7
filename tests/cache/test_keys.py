"""Canonical JSON, row keys and differences: what may share a row, and what may not."""

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivot_sum.cache import ABSENT, Difference, canonical_json, row_key
from pivot_sum.cache.keys import differences, identity_hasher, row_checksum, sha256_hex

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=5,
)
identities = st.dictionaries(texts, values, max_size=4)


@given(identities)
def test_canonical_json_survives_a_round_trip(identity: dict[str, Any]) -> None:
    text = canonical_json(identity)
    assert json.loads(text) == identity
    assert canonical_json(json.loads(text)) == text


@given(identities, st.randoms())
def test_the_order_of_fields_does_not_matter(identity: dict[str, Any], random: Any) -> None:
    shuffled = list(identity.items())
    random.shuffle(shuffled)
    assert row_key(dict(shuffled), "text") == row_key(identity, "text")


@given(identities, identities, texts, texts)
def test_keys_are_equal_only_for_the_same_identity_and_text(
    one: dict[str, Any], other: dict[str, Any], text: str, another: str
) -> None:
    same = canonical_json(one) == canonical_json(other) and text == another
    assert (row_key(one, text) == row_key(other, another)) == same


@given(identities, texts)
def test_a_key_is_32_bytes(identity: dict[str, Any], text: str) -> None:
    assert len(row_key(identity, text)) == 32


def test_a_tuple_and_a_list_are_the_same_but_1_and_true_and_1_0_are_not() -> None:
    assert canonical_json({"a": (1, 2)}) == canonical_json({"a": [1, 2]})
    assert len({row_key({"a": value}, "") for value in (1, 1.0, True, "1", None)}) == 5


def test_korean_is_written_as_it_is() -> None:
    assert (
        canonical_json({"이름": "안녕\n", "a": [1.5, None]}) == '{"a":[1.5,null],"이름":"안녕\\n"}'
    )


def test_text_is_not_normalised() -> None:
    assert row_key({}, "\uac00") != row_key({}, "\u1100\u1161")
    assert row_key({}, "a ") != row_key({}, "a")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_nan_and_infinity_are_refused(value: float) -> None:
    with pytest.raises(ValueError):
        canonical_json({"a": [value]})


@pytest.mark.parametrize("value", [{1: "a"}, {"a": [{None: 1}]}, {"a": {True: 1}}])
def test_keys_that_are_not_text_are_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=r"must be str, not (int: 1|NoneType: None|bool: True)"):
        canonical_json(value)


def test_what_json_does_not_know_is_refused() -> None:
    with pytest.raises(TypeError):
        canonical_json({"a": {1, 2}})


def test_the_key_of_a_known_row_never_changes() -> None:
    """If this fails, every cache out there is abandoned: raise the schema version, or undo the
    change."""
    identity = {
        "stage": "translate",
        "version": 1,
        "num_beams": 5,
        "length_penalty": 1.0,
        "source": "ko",
    }
    key = row_key(identity, "#Person1#: 안녕하세요.")
    assert key.hex() == "bc2d207d0124158b482b999bbeedff3f3923ad277c85e7fef83de4d4d6f35c6a"


def test_the_checksum_of_a_known_row_never_changes() -> None:
    """If this fails, every cache out there is said to be damaged."""
    key = bytes.fromhex("bc2d207d0124158b482b999bbeedff3f3923ad277c85e7fef83de4d4d6f35c6a")
    checksum = row_checksum(key, b"#Person1#: Hello.", b'{"rung":"plain"}')
    assert checksum.hex() == "3c73d419abdd7e11ae3eca62bdb4f3511f186511553b803d6f438fa73fddafd4"


def test_bytes_that_are_no_text_are_hashed_as_they_lie_in_the_file() -> None:
    damaged = b'{"stage":"\xff"}'
    text = damaged.decode(errors="surrogateescape")
    assert sha256_hex(text) == sha256(damaged).hexdigest()
    assert identity_hasher(text).digest() == sha256(damaged + b"\0").digest()


def test_differences_name_exactly_the_changed_fields() -> None:
    wanted = {"same": 1, "changed": 1, "new": None, "model": {"name": "a", "revision": "x"}}
    stored = {"same": 1, "changed": 1.0, "old": "o", "model": {"name": "a", "revision": "y"}}
    assert differences(wanted, stored) == [
        Difference("changed", 1, 1.0),
        Difference("model.revision", "x", "y"),
        Difference("new", None, ABSENT),
        Difference("old", ABSENT, "o"),
    ]


@given(identities, identities)
def test_identities_differ_exactly_when_their_json_does(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert bool(differences(one, other)) == (canonical_json(one) != canonical_json(other))
