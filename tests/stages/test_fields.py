"""The fields of a stage that is made in Python: checked as a recipe's are, with one message."""

from __future__ import annotations

from typing import Any

import pytest

from pivot_sum.stages.errors import FieldsInvalid
from pivot_sum.stages.polish import Polish
from pivot_sum.stages.rule import Rule
from pivot_sum.stages.translate import Translate


def test_values_are_brought_to_the_declared_types_so_that_the_identity_is_one() -> None:
    fields: dict[str, Any] = {"model": "m", "source": "ko", "target": "en"}
    given = Translate(**fields, masks=["xml"], length_penalty=1)
    assert given == Translate(**fields, masks=("xml",), length_penalty=1.0)
    assert (given.masks, str(given.length_penalty)) == (("xml",), "1.0")
    with pytest.raises(FieldsInvalid) as caught:
        Translate(**fields | {"source": "xx"}, num_beams=-3, masks=("nope",))
    places = {mistake.partition(":")[0] for mistake in caught.value.mistakes}
    assert places == {"source", "num_beams", "masks.0"}
    message = str(caught.value)
    assert message.startswith("Translate has 3 mistakes: ")
    assert "source: input should be 'ko' or 'en', not 'xx'" in message
    assert message.endswith("`pivot-sum stages translate` explains every field")
    assert "pydantic" not in message and isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("fields", "mistake"),
    [
        ({"num_beams": "3"}, "num_beams: input should be a valid integer, not '3'"),
        ({"num_beams": True}, "num_beams: input should be a valid integer, not True"),
        ({"min_new_tokens": 1.0}, "min_new_tokens: input should be a valid integer, not 1.0"),
        ({"target": "ko"}, "target: translates from ko into ko; set source and target to two"),
        ({"dtype": "int8", "engine": "transformers"}, "dtype: "),
    ],
)
def test_what_a_recipe_refuses_is_refused_in_python(fields: dict[str, Any], mistake: str) -> None:
    with pytest.raises(FieldsInvalid) as caught:
        Translate(**{"model": "m", "source": "ko", "target": "en"} | fields)
    [said] = caught.value.mistakes
    assert said.startswith(mistake)


def test_one_text_in_the_place_of_several_is_refused() -> None:
    """Its characters would be answered one by one."""

    class Same(Rule):
        name = "same"
        version = 1

        def apply(self, text: str) -> str:
            return text

    for stage in (Same(), Polish()):
        with pytest.raises(TypeError, match=r"a list of texts, not one text: stage\(\[text\]\)"):
            stage("안녕")
        assert stage(["안녕"]) == ["안녕"]
