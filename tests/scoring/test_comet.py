"""COMET checkpoints are read, and score as their networks say: small ones of the real layout."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from comets import make_comet
from commandline import pivot_sum
from reportruns import pivot_run, write_data
from transformers import AutoConfig, AutoTokenizer, XLMRobertaModel

from pivot_sum.data.samples import read_samples
from pivot_sum.errors import ScoreRefused
from pivot_sum.running.reading import read_run
from pivot_sum.scoring import comet
from pivot_sum.scoring.comet import Comet
from pivot_sum.scoring.comet_model import sparsemax
from pivot_sum.scoring.translation_quality import quality_of
from pivot_sum.stages.errors import DamagedModel, ModelUnreachable, WrongCheckpoint

SOURCES = ["네, 세 시에 도서관 앞에서 만나요.", "커피가 맛있어요."]
TRANSLATIONS = ["Yes, let's meet at the clinic.", "The coffee is good."]
REFERENCES = ["Yes, let's meet in front of the library at 3.", "The coffee is good."]


class ByHand:
    """A checkpoint computed one text at a time, by the papers' formulas."""

    def __init__(self, folder: Path, transform: Any) -> None:
        self.weights = torch.load(folder / "checkpoints/model.ckpt", weights_only=True)[
            "state_dict"
        ]
        encoder = folder / "encoder"
        self.tokenizer = AutoTokenizer.from_pretrained(encoder)
        self.model = XLMRobertaModel(AutoConfig.from_pretrained(encoder), add_pooling_layer=False)
        own = "encoder.model."
        self.model.load_state_dict(
            {key[len(own) :]: value for key, value in self.weights.items() if key.startswith(own)}
        )
        self.model.eval()
        self.transform = transform

    def states(self, text: str, *others: str) -> tuple[torch.Tensor, ...]:
        ids = self.tokenizer(text).input_ids
        for other in others:
            ids = [*ids, self.tokenizer.sep_token_id, *self.tokenizer(other).input_ids[1:]]
        with torch.no_grad():
            found = self.model(torch.tensor([ids]), output_hidden_states=True)
        states: tuple[torch.Tensor, ...] = found.hidden_states
        return states

    def mixed(self, states: Sequence[torch.Tensor]) -> torch.Tensor:
        own = "layerwise_attention.scalar_parameters."
        scalars = [self.weights[f"{own}{layer}"] for layer in range(len(states))]
        weights = self.transform(torch.cat(scalars))
        total = torch.zeros_like(states[0])
        for weight, state in zip(weights, states, strict=True):
            total += weight * state
        return (self.weights["layerwise_attention.gamma"] * total)[0]

    def estimated(self, features: torch.Tensor) -> float:
        for place in (0, 3, 6):
            weight, bias = (
                self.weights[f"estimator.ff.{place}.{part}"] for part in ("weight", "bias")
            )
            features = weight @ features + bias
            features = features if place == 6 else torch.tanh(features)
        return float(features)


def softmax(scores: torch.Tensor) -> torch.Tensor:
    return torch.softmax(scores, 0)


def test_a_regression_model_compares_embeddings_of_the_three_texts(tmp_path: Path) -> None:
    folder = make_comet(tmp_path / "comet", "regression_metric")
    hand = ByHand(folder, softmax)
    expected = []
    for texts in zip(SOURCES, TRANSLATIONS, REFERENCES, strict=True):
        source, translation, reference = (
            hand.mixed(hand.states(text)).mean(dim=0) for text in texts
        )
        features = [translation, reference]
        for other in (reference, source):
            features += [translation * other, (translation - other).abs()]
        expected.append(100 * hand.estimated(torch.cat(features)))
    comet = Comet(str(folder))
    assert comet.score(SOURCES, TRANSLATIONS, REFERENCES) == pytest.approx(expected, abs=1e-3)
    assert comet.score(SOURCES[:1], TRANSLATIONS[:1], REFERENCES[:1]) == pytest.approx(
        expected[:1], abs=1e-3
    )
    with pytest.raises(WrongCheckpoint, match="compares translations with references"):
        comet.score(SOURCES, TRANSLATIONS)


def test_a_referenceless_model_compares_translation_and_source(tmp_path: Path) -> None:
    folder = make_comet(tmp_path / "comet", "referenceless_regression_metric", pool="cls", layer=2)
    hand = ByHand(folder, softmax)
    source, translation = (hand.states(text)[2][0, 0] for text in (SOURCES[0], TRANSLATIONS[0]))
    features = [translation, source, translation * source, (translation - source).abs()]
    expected = 100 * hand.estimated(torch.cat(features))
    comet = Comet(str(folder))
    assert comet.score(SOURCES[:1], TRANSLATIONS[:1])[0] == pytest.approx(expected, abs=1e-3)
    assert not comet.reads_references
    assert comet.score(SOURCES, TRANSLATIONS, REFERENCES) == comet.score(SOURCES, TRANSLATIONS)


def test_cometkiwi_reads_translation_and_source_as_one_text(tmp_path: Path) -> None:
    folder = make_comet(tmp_path / "kiwi", "unified_metric", input_segments=["mt", "src"])
    hand = ByHand(folder, sparsemax)
    expected = [
        100 * hand.estimated(hand.mixed(hand.states(translation, source))[0])
        for source, translation in zip(SOURCES, TRANSLATIONS, strict=True)
    ]
    assert Comet(str(folder)).score(SOURCES, TRANSLATIONS) == pytest.approx(expected, abs=1e-3)


def test_with_a_reference_the_unified_model_means_its_three_readings(tmp_path: Path) -> None:
    folder = make_comet(tmp_path / "unite", "unified_metric")
    hand = ByHand(folder, sparsemax)
    source, translation, reference = SOURCES[0], TRANSLATIONS[0], REFERENCES[0]
    readings = [(source,), (reference,), (source, reference)]
    scores = [
        hand.estimated(hand.mixed(hand.states(translation, *others))[0]) for others in readings
    ]
    [value] = Comet(str(folder)).score([source], [translation], [reference])
    assert value == pytest.approx(100 * sum(scores) / 3, abs=1e-3)


@pytest.mark.parametrize("referenced", [True, False])
def test_xcomet_takes_off_for_the_errors_it_tags(tmp_path: Path, referenced: bool) -> None:
    folder = make_comet(tmp_path / "xcomet", "xcomet_metric")
    hand = ByHand(folder, sparsemax)
    source, translation, reference = SOURCES[0], TRANSLATIONS[0], REFERENCES[0]
    readings = [(source,), (reference,), (source, reference)] if referenced else [(source,)]
    length = len(hand.tokenizer(translation).input_ids)
    regression, tags = 0.0, torch.zeros(length, 4)
    for others, part, share in zip(
        readings,
        (0.12, 0.33, 0.33) if referenced else (0.78,),
        (1 / 6, 1 / 3, 1 / 2) if referenced else (1,),
        strict=True,
    ):
        states = hand.states(translation, *others)
        regression += part * min(1.0, hand.estimated(hand.mixed(states)[0]))
        logits = states[1][0, :length] @ hand.weights["hidden2tag.weight"].T
        tags += share * torch.softmax(logits, dim=1)
    taken, inside = 0, 0
    for label in tags.argmax(dim=1).tolist():
        if label and not inside:
            inside = label
        elif not label and inside:
            taken, inside = taken + {1: 1, 2: 5, 3: 10}[inside], 0
    assert taken
    expected = 100 * (regression + 0.22 * (25 - min(25, taken)) / 25)
    [value] = Comet(str(folder)).score([source], [translation], [reference] if referenced else None)
    assert value == pytest.approx(expected, abs=1e-3)


def test_layers_are_normalised_where_the_checkpoint_says_so(tmp_path: Path) -> None:
    folder = make_comet(tmp_path / "kiwi", "unified_metric", layer_norm=True)
    hand = ByHand(folder, sparsemax)
    states = [
        (state - state.mean()) / (state.var(unbiased=False) + 1e-12).sqrt()
        for state in hand.states(TRANSLATIONS[0], SOURCES[0])
    ]
    expected = 100 * hand.estimated(hand.mixed(states)[0])
    # beside a longer text, so that there is padding
    values = Comet(str(folder)).score([SOURCES[0]] * 2, [TRANSLATIONS[0], TRANSLATIONS[0] * 2])
    assert values[0] == pytest.approx(expected, abs=1e-3)


def test_sparsemax_is_the_projection_onto_the_simplex() -> None:
    assert sparsemax(torch.tensor([0.0, 0.0])).tolist() == [0.5, 0.5]
    assert sparsemax(torch.tensor([2.0, 0.1, 0.0])).tolist() == [1.0, 0.0, 0.0]
    assert sparsemax(torch.tensor([0.6, 0.2, -1.0])).tolist() == pytest.approx([0.7, 0.3, 0.0])


def test_texts_too_long_together_are_cut_and_counted(tmp_path: Path) -> None:
    comet = Comet(str(make_comet(tmp_path / "kiwi", "unified_metric")))
    [value] = comet.score([" ".join(SOURCES * 10)], [" ".join(TRANSLATIONS * 10)])
    assert comet.cut == 1
    assert value == value  # not NaN


def test_the_signature_names_checkpoint_kind_and_what_was_read(tmp_path: Path) -> None:
    comet = Comet(str(make_comet(tmp_path / "kiwi", "unified_metric")))
    assert comet.signature(references=False) == (
        f"comet|{comet.identity}|unified_metric|segments:mt,src|max-tokens:128|comet:1"
    )
    assert "|segments:mt,src,ref|" in comet.signature(references=True)
    assert comet.identity.startswith("kiwi@")


class Runs:
    """What a pickle would run when it is read."""

    def __reduce__(self) -> Any:
        return print, ("this must not run",)


def test_every_step_of_a_run_that_translates_is_scored(tmp_path: Path) -> None:
    data = write_data(tmp_path)
    run = pivot_run(tmp_path / "run", data)
    kiwi = make_comet(tmp_path / "kiwi", "unified_metric")
    found = json.loads(
        pivot_sum(tmp_path, "score", run, "--data", data, "--comet", kiwi, "--json").stdout
    )["comet"]
    assert found.keys() == {"to-english", "to-korean"}
    assert (found["to-english"]["references"], found["to-korean"]["references"]) == (True, False)
    assert "|segments:mt,src,ref|" in found["to-english"]["signature"]
    assert found["to-korean"]["units"] == len(read_samples(data))
    assert found["to-english"]["units"] > found["to-korean"]["units"]
    samples, record = read_samples(data), read_run(run)
    needing = Comet(str(make_comet(tmp_path / "comet", "regression_metric")))
    assert quality_of(run, record, samples, needing).keys() == {"to-english"}
    bare = [replace(sample, english_dialogue=None) for sample in samples]
    with pytest.raises(ScoreRefused, match="it needs English originals"):
        quality_of(run, record, bare, needing)
    told = pivot_sum(tmp_path, "score", "x.csv", "--comet", kiwi, code=ScoreRefused.exit_code)
    assert "x.csv is no run folder" in told.message


def test_what_is_no_checkpoint_is_refused_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ModelUnreachable, match="does not exist"):
        Comet("./no-such-folder")
    with pytest.raises(WrongCheckpoint, match=r"it has no hparams.yaml and no checkpoints"):
        Comet(str(tmp_path))
    other = make_comet(tmp_path / "other", "regression_metric", encoder_model="RemBERT")
    with pytest.raises(WrongCheckpoint, match="encoder_model: Input should be 'XLM-RoBERTa'"):
        Comet(str(other))
    (other / "hparams.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(DamagedModel, match=r"hparams\.yaml cannot be read"):
        Comet(str(other))
    folder = make_comet(tmp_path / "kiwi", "unified_metric")
    weights = folder / "checkpoints" / "model.ckpt"
    kept = torch.load(weights, weights_only=True)
    torch.save({**kept, "callbacks": Runs()}, weights)
    with pytest.raises(DamagedModel, match="refused on purpose"):
        Comet(str(folder)).score(SOURCES, TRANSLATIONS)
    assert "must not run" not in capsys.readouterr().out
    del kept["state_dict"]["estimator.ff.0.bias"]
    torch.save(kept, weights)
    with pytest.raises(DamagedModel, match=r"lacks 1 of the weights .*estimator\.ff\.0\.bias"):
        Comet(str(folder)).score(SOURCES, TRANSLATIONS)


@pytest.mark.parametrize(
    ("key", "value"),
    [("hidden_sizes", [10**9]), ("hidden_sizes", [1] * 17), ("activations", "Module")],
)
def test_settings_that_no_checkpoint_has_are_one_message(
    tmp_path: Path, key: str, value: object
) -> None:
    folder = make_comet(tmp_path / "comet", "regression_metric", **{key: value})
    with pytest.raises(WrongCheckpoint, match=rf"hparams\.yaml: {key}"):
        Comet(str(folder))


def test_softmax_is_taken_where_a_sparsemax_checkpoint_was_patched(tmp_path: Path) -> None:
    folder = make_comet(tmp_path / "kiwi", "unified_metric", layer_transformation="softmax")
    [plain] = Comet(str(folder)).score(SOURCES[:1], TRANSLATIONS[:1])
    file = folder / "hparams.yaml"
    settings = yaml.safe_load(file.read_text(encoding="utf-8"))
    settings["layer_transformation"] = "sparsemax_patch"
    file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    assert Comet(str(folder)).score(SOURCES[:1], TRANSLATIONS[:1]) == [plain]


@pytest.mark.parametrize("pool", ["max", "default"])
def test_a_text_is_the_largest_numbers_of_its_tokens_or_the_first_token_of_the_last_layer(
    tmp_path: Path, pool: str
) -> None:
    folder = make_comet(
        tmp_path / "comet", "referenceless_regression_metric", pool=pool, final_activation="Sigmoid"
    )
    hand = ByHand(folder, softmax)

    def embedded(text: str) -> torch.Tensor:
        states = hand.states(text)
        return hand.mixed(states).amax(dim=0) if pool == "max" else states[-1][0, 0]

    source, translation = (embedded(text) for text in (SOURCES[0], TRANSLATIONS[0]))
    features = [translation, source, translation * source, (translation - source).abs()]
    expected = 100 * torch.sigmoid(torch.tensor(hand.estimated(torch.cat(features))))
    # Beside a longer text, whose padding counts for nothing.
    values = Comet(str(folder)).score([SOURCES[0], "긴 " * 20], [TRANSLATIONS[0], "long " * 20])
    assert values[0] == pytest.approx(float(expected), abs=1e-3)


def test_a_checkpoint_of_the_hub_is_fetched_without_what_is_not_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, asked = make_comet(tmp_path / "kiwi", "unified_metric"), []

    def download(name: str, *, revision: str | None, allow_patterns: list[str]) -> str:
        asked.append((name, revision, allow_patterns))
        if revision == "gone":
            raise ConnectionError("no network")
        return str(folder)

    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    assert comet._fetched("Unbabel/kiwi@abc", ["*.yaml"]) == folder
    assert asked == [("Unbabel/kiwi", "abc", ["*.yaml"])]
    with pytest.raises(ModelUnreachable, match="Unbabel/kiwi"):
        comet._fetched("Unbabel/kiwi@gone", ["*.yaml"])
