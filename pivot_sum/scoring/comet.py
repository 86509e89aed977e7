"""COMET, CometKiwi and xCOMET: how good a translation is, by a checkpoint that the user has.

The networks are written here on transformers, because the authors' package (unbabel-comet) pins
versions of numpy, pandas and transformers that do not go with ours. Weights are read by torch's
weights-only loader, which runs no code.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pivot_sum.scoring.encoders import hidden_states, max_tokens
from pivot_sum.stages.engines.devices import resolve_device
from pivot_sum.stages.errors import DamagedModel, WrongCheckpoint
from pivot_sum.stages.models.checkpoints import first_line, load_config, load_tokenizer
from pivot_sum.stages.models.hub import local_folder, name_and_revision
from pivot_sum.stages.models.unreachable import unreachable
from pivot_sum.strict_yaml import read_yaml

if TYPE_CHECKING:
    import torch

    from pivot_sum.scoring.comet_model import CometNetwork, Settings

VERSION: Final = 1
"""Raised with every change that can change a value."""

SETTINGS, WEIGHTS = "hparams.yaml", "checkpoints/model.ckpt"

_PARTS: Final = (0.12, 0.33, 0.33, 0.22)
"""xCOMET's score: by the source, the reference, both, and the errors that it tags."""
_SPANS: Final = (1 / 6, 1 / 3, 1 / 2)
"""How much each of the three readings counts in what it tags."""
_ERRORS: Final = (0, 1, 5, 10)
"""What an error takes by its label (none, minor, major, critical), of 25 at most: MQM's weights."""
_MOST_ERRORS: Final = 25


class Comet:
    """A checkpoint of COMET's. Values are what it was trained to give, times 100: usually 0 to 100,
    not bounded."""

    def __init__(self, model: str, device: str = "auto") -> None:
        """`model` is a folder that holds hparams.yaml and checkpoints/model.ckpt, or an id on the
        hub. What hparams.yaml names as `pretrained_model` (a folder, or an id on the hub) gives the
        encoder's configuration and tokenizer. Weights are loaded by the first text.

        Raises ModelUnreachable, DamagedModel, WrongCheckpoint.
        """
        self._folder = _fetched(model, [SETTINGS, WEIGHTS])
        self.settings = _settings(self._folder)
        encoder = _fetched(self.settings.pretrained_model, ["*.json", "*.model", "*.txt"])
        self._config = load_config(encoder)
        self._tokenizer = load_tokenizer(encoder)
        self._device = device
        self._limit = max_tokens(self._tokenizer, self._config)
        self.name = name_and_revision(model)[0].rstrip("/").rpartition("/")[2]
        self.cut = 0
        """Texts that were longer than the encoder reads, so far."""

    @property
    def reads_references(self) -> bool:
        """Whether a reference changes its scores."""
        kind = self.settings.class_identifier
        return kind in ("regression_metric", "xcomet_metric") or (
            kind == "unified_metric" and "ref" in self.settings.input_segments
        )

    @property
    def needs_references(self) -> bool:
        """Whether it gives no score without one."""
        return self.settings.class_identifier == "regression_metric"

    @cached_property
    def identity(self) -> str:
        """Name, and the beginning of the hash over settings and weights."""
        total = hashlib.sha256()
        for name in (SETTINGS, WEIGHTS):
            with (self._folder / name).open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
        return f"{self.name}@{total.hexdigest()[:12]}"

    def signature(self, *, references: bool) -> str:
        """How scores with or without references are made."""
        segments = "mt,src,ref" if references and self.reads_references else "mt,src"
        return (
            f"comet|{self.identity}|{self.settings.class_identifier}|segments:{segments}"
            f"|max-tokens:{self._limit}|comet:{VERSION}"
        )

    def score(
        self,
        sources: Sequence[str],
        translations: Sequence[str],
        references: Sequence[str] | None = None,
    ) -> list[float]:
        """A value for each translation. References are read only by models that know them. Raises
        WrongCheckpoint where the model needs them and there are none."""
        if references is None and self.needs_references:
            raise WrongCheckpoint(
                f"{self.name} compares translations with references, and there are none. Name a"
                " model for reference-free scores, such as Unbabel/wmt22-cometkiwi-da"
            )
        given = references if self.reads_references else None
        if self.settings.joined:
            return self._joined(sources, translations, given)
        return self._one_by_one(sources, translations, given)

    def _one_by_one(
        self, sources: Sequence[str], translations: Sequence[str], references: Sequence[str] | None
    ) -> list[float]:
        import torch

        texts = sorted({*sources, *translations, *(references or ())})
        embedded: dict[str, torch.Tensor] = {}
        rows = [self._framed([self._ids(text)]) for text in texts]
        for places, states, mask in hidden_states(self._network.encoder["model"], rows):
            with torch.inference_mode():
                vectors = self._network.embedded(states, mask).cpu()
            embedded |= {texts[place]: vectors[line] for line, place in enumerate(places)}
        device = resolve_device(self._device)

        def stacked(chosen: Sequence[str]) -> torch.Tensor:
            return torch.stack([embedded[text] for text in chosen]).to(device)

        with torch.inference_mode():
            scores = self._network.compared(
                stacked(translations),
                stacked(sources),
                None if references is None else stacked(references),
            )
        return [100 * score for score in scores.tolist()]

    def _joined(
        self, sources: Sequence[str], translations: Sequence[str], references: Sequence[str] | None
    ) -> list[float]:
        import torch

        ids = [[self._ids(text) for text in texts] for texts in (translations, sources)]
        readings = [list(zip(*ids, strict=True))]
        if references is not None:
            theirs = [self._ids(text) for text in references]
            readings.append(list(zip(ids[0], theirs, strict=True)))
            readings.append(list(zip(*ids, theirs, strict=True)))
        found = [self._read([self._framed(parts) for parts in reading]) for reading in readings]
        values = []
        for place, translation in enumerate(ids[0]):
            scores = [scores[place] for scores, _ in found]
            if self.settings.class_identifier == "unified_metric":
                values.append(100 * math.fsum(scores) / len(scores))
                continue
            length = len(translation) + 2  # with the tokens around it
            tags = [tagged[place][:length] for _, tagged in found]
            weights = _SPANS if len(found) == 3 else (1.0,)
            shortest = min(map(len, tags))
            probabilities = sum(
                (weight * tag[:shortest] for weight, tag in zip(weights, tags, strict=True)),
                torch.zeros_like(tags[0][:shortest]),
            )
            parts = _PARTS[:3] if len(found) == 3 else (sum(_PARTS[:3]),)
            regression = math.fsum(
                part * min(score, 1.0) for part, score in zip(parts, scores, strict=True)
            )
            labels = probabilities.argmax(dim=1).tolist()
            values.append(100 * (regression + _PARTS[3] * _without_errors(labels)))
        return values

    def _read(self, rows: Sequence[list[int]]) -> tuple[list[float], list[torch.Tensor]]:
        """The score of each row, and the probabilities of its tokens' labels (xCOMET)."""
        import torch

        scores = [0.0] * len(rows)
        tagged = [torch.zeros(0)] * len(rows)
        for places, states, mask in hidden_states(self._network.encoder["model"], rows):
            with torch.inference_mode():
                given = self._network.estimator(self._network.embedded(states, mask)).tolist()
                tagger = self._network.hidden2tag
                labels = (
                    torch.softmax(tagger(states[self.settings.word_layer]), dim=2).cpu()
                    if tagger is not None
                    else None
                )
            for line, place in enumerate(places):
                scores[place] = given[line]
                if labels is not None:
                    tagged[place] = labels[line]
        return scores, tagged

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False, verbose=False).input_ids
        return ids

    def _framed(self, parts: Iterable[Sequence[int]]) -> list[int]:
        """Texts as one row: `<s> translation </s></s> source </s>`, with one separator in BERT.
        Where they are too long together, each loses as much of its end."""
        parts = list(parts)
        between = 1 if self.settings.encoder_model == "BERT" else 2
        room = self._limit - 2 - between * (len(parts) - 1)
        over = sum(map(len, parts)) - room
        if over > 0:
            self.cut += 1
            share = math.ceil(over / len(parts))
            parts = [part[: max(0, len(part) - share)] for part in parts]
            parts = [part[:room] for part in parts]
        separator = [self._tokenizer.sep_token_id]
        row = [self._tokenizer.cls_token_id, *parts[0]]
        for part in parts[1:]:
            row += [*separator * between, *part]
        return (row + separator)[: self._limit]

    @cached_property
    def _network(self) -> CometNetwork:
        from pivot_sum.scoring.comet_model import CometNetwork

        network = CometNetwork(self._config, self.settings)
        report = network.load_state_dict(_weights(self._folder / WEIGHTS), strict=False)
        if report.missing_keys:  # what it has too much is of its training
            raise DamagedModel(
                f"{self._folder / WEIGHTS} lacks {len(report.missing_keys)} of the weights that"
                f" {SETTINGS} and {self.settings.pretrained_model} ask for (first:"
                f" {report.missing_keys[0]}). Fetch it again"
            )
        return network.to(resolve_device(self._device)).eval()


def _without_errors(labels: Sequence[int]) -> float:
    """1 without errors, 0 with the most; a run of tagged tokens is one error, as grave as its first
    token says. One that goes on to the end is not closed and does not count, as in the original."""
    taken, begun = 0, 0
    for label in labels:
        if label and not begun:
            begun = label
        elif not label and begun:
            taken, begun = taken + _ERRORS[begun], 0
    return 1 - min(taken, _MOST_ERRORS) / _MOST_ERRORS


def _fetched(name: str, patterns: list[str]) -> Path:
    """The folder of a model's files; of one on the hub, those that match are downloaded."""
    model, revision = name_and_revision(name)
    folder = local_folder(model)
    if folder is not None:
        return folder
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(model, revision=revision, allow_patterns=patterns))
    except Exception as error:  # the hub client raises many kinds
        raise unreachable(model, revision, error) from error


def _settings(folder: Path) -> Settings:
    import yaml
    from pydantic import ValidationError

    from pivot_sum.scoring.comet_model import Settings

    if missing := [name for name in (SETTINGS, WEIGHTS) if not (folder / name).is_file()]:
        raise WrongCheckpoint(
            f"{folder} is no COMET checkpoint: it has no {' and no '.join(missing)}. Name the"
            " folder that holds both, as unbabel-comet keeps it, or an id such as"
            " Unbabel/wmt22-cometkiwi-da"
        )
    try:
        return Settings.model_validate(read_yaml((folder / SETTINGS).read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        raise WrongCheckpoint(
            f"{folder / SETTINGS}: {'.'.join(map(str, first['loc']))}: {first['msg']}. COMET"
            " regression models, CometKiwi and xCOMET on XLM-RoBERTa or BERT can be read"
        ) from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DamagedModel(f"{folder / SETTINGS} cannot be read: {first_line(error)}") from error


def _weights(file: Path) -> dict[str, Any]:
    import torch

    try:
        loaded = torch.load(file, map_location="cpu", weights_only=True, mmap=True)
        weights: dict[str, Any] = loaded["state_dict"]
        return weights
    except Exception as error:  # a cut zip, a pickle that wants to run code, another kind of file
        raise DamagedModel(
            f"{file} cannot be read by torch's weights-only loader: {first_line(error)}. Fetch it"
            " again. A file that needs anything but tensors is refused on purpose; where you trust"
            " it, keep its tensors alone: torch.save({'state_dict': torch.load(FILE,"
            " weights_only=False)['state_dict']}, FILE)"
        ) from error
