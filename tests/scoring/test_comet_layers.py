"""The mixture of an encoder's layers in COMET's networks."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from pivot_sum.scoring.comet_model import LayerMixture, Settings  # noqa: E402  # needs torch

STATES = torch.tensor([[[1.0, 3.0], [5.0, 7.0], [100.0, 200.0]]])
"""One text of two tokens with two numbers each, and padding behind it."""
MASK = torch.tensor([[1, 1, 0]])


def mixed(states: list[Any], *, layer_norm: bool) -> Any:
    settings = Settings(
        class_identifier="regression_metric",
        pretrained_model="none",
        hidden_sizes=[1],
        layer_norm=layer_norm,
    )
    return LayerMixture(len(states), settings)(states, MASK)


def test_a_layer_is_normalised_over_all_numbers_of_its_text_without_the_padding() -> None:
    found = mixed([STATES], layer_norm=True)[0, :2].flatten()
    spread = 5**0.5  # of 1, 3, 5, 7, whose mean is 4
    assert found.tolist() == pytest.approx([-3 / spread, -1 / spread, 1 / spread, 3 / spread])


def test_layers_count_alike_at_first_and_as_they_are_without_normalising() -> None:
    found = mixed([STATES, 3 * STATES], layer_norm=False)
    assert torch.equal(found, 2 * STATES)
