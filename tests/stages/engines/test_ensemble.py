"""Ensembles: the mean of the members' probabilities, held against plain arithmetic without a cache,
for every family."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from checkpoints import ENGLISH, KOREAN, make_bart
from checkpoints_families import MAKERS
from checkpoints_members import another

from pivot_sum.stages.engines.base import EngineSpec, Search
from pivot_sum.stages.engines.transformers import TransformersEngine
from pivot_sum.stages.errors import WrongCheckpoint
from pivot_sum.stages.models.architectures import ARCHITECTURES

Small = Callable[[str], Path]

GREEDY = Search(1, 12, 0, 1.0, 0, 1.0)
BEAM = replace(GREEDY, num_beams=4)
EVERYTHING = Search(3, 12, 6, 2.0, 2, 1.3)
TEXTS = [KOREAN[0], *ENGLISH[:3], KOREAN[4][:6]]
FIRST = {"nllb": "eng_Latn", "mbart50": "en_XX", "m2m100": "__en__"}
PLENTY = 100_000


def engine(model: Path | str, *others: Path | str) -> TransformersEngine:
    members = tuple((str(other), "main") for other in others)
    return TransformersEngine(EngineSpec(str(model), "main", "float32", "cpu", 1, ensemble=members))


def answers(loaded: TransformersEngine, search: Search, family: str) -> list[str]:
    """The answers to all texts in one batch, in their order."""
    found = loaded.generate(
        loaded.encode(TEXTS), search, batch_tokens=PLENTY, forced_bos_token=FIRST.get(family)
    )
    return [answer.text for answer in found]


def beams_by_hand(
    loaded: TransformersEngine, text: str, search: Search, first: int | None
) -> list[int]:
    """Beam search as transformers defines it (`early_stopping=False`; one beam is greedy), one text
    at a time, every member computed anew at every step from all tokens so far."""
    settings = loaded.generation_config
    (source,) = loaded.encode([text])
    banned = [row[0] for row in settings.bad_words_ids or []]
    running: list[tuple[float, list[int]]] = [(0.0, [settings.decoder_start_token_id])]
    finished: list[tuple[float, list[int]]] = []
    for step in range(1, search.max_new_tokens + 1):
        candidates: list[tuple[float, list[int]]] = []
        for score, tokens in running:
            probabilities: Any = sum(
                member(
                    input_ids=torch.tensor([source]),
                    decoder_input_ids=torch.tensor([tokens]),
                    use_cache=False,
                )
                .logits[0, -1]
                .softmax(-1)
                for member in loaded.model.members
            )
            scores = (probabilities / len(loaded.model.members)).log()
            scores[banned] = -torch.inf
            if step == 1 and first is not None:
                scores[:] = -torch.inf
                scores[first] = 0.0
            best = scores.topk(2 * search.num_beams)
            for value, token in zip(best.values.tolist(), best.indices.tolist(), strict=True):
                candidates.append((score + value, [*tokens, token]))
        candidates = sorted(candidates, key=lambda one: -one[0])[: 2 * search.num_beams]
        is_last = step == search.max_new_tokens
        ends = [is_last or tokens[-1] == settings.eos_token_id for _, tokens in candidates]
        finished += [
            (score / step**search.length_penalty, tokens)
            for (score, tokens), over in list(zip(candidates, ends, strict=True))[
                : search.num_beams
            ]
            if over
        ]
        finished = sorted(finished, key=lambda one: -one[0])[: search.num_beams]
        running = [one for one, over in zip(candidates, ends, strict=True) if not over]
        running = running[: search.num_beams]
        reachable = running[0][0] / step**search.length_penalty if running else -torch.inf
        if len(finished) == search.num_beams and finished[-1][0] >= reachable:
            break
    return finished[0][1][1:]


@pytest.mark.parametrize("family", MAKERS)
def test_two_identical_members_write_what_one_writes(family: str, small: Small) -> None:
    one, two = engine(small(family)), engine(small(family), small(family))
    for search in (GREEDY, replace(GREEDY, min_new_tokens=8), BEAM, EVERYTHING):
        assert answers(one, search, family) == answers(two, search, family)


@pytest.mark.parametrize("family", MAKERS)
def test_members_of_other_sizes_write_what_the_mean_of_their_probabilities_says(
    family: str, small: Small, tmp_path: Path
) -> None:
    """All three members decide, and their caches follow every move of the beams; weights at random
    make near ties, so one of five may differ."""
    larger = another(small(family), tmp_path / "larger", larger=True)
    third = another(small(family), tmp_path / "third", seed=3)
    loaded = engine(small(family), larger, third)
    code = FIRST.get(family)
    first = loaded.tokenizer.convert_tokens_to_ids(code) if code else None
    with torch.inference_mode():
        for search in (GREEDY, BEAM):
            by_hand = [beams_by_hand(loaded, text, search, first) for text in TEXTS]
            expected = loaded.tokenizer.batch_decode(
                [[token for token in row if token not in loaded._control] for row in by_hand],
                skip_special_tokens=False,
                clean_up_tokenization_spaces=False,
            )
            found = answers(loaded, search, family)
            assert (
                sum(text == other.strip() for text, other in zip(found, expected, strict=True))
                >= len(TEXTS) - 1
            ), search
            assert all(
                answers(engine(member), search, family) != found
                for member in (small(family), larger, third)
            )


def test_the_order_in_which_members_are_named_is_irrelevant(small: Small, tmp_path: Path) -> None:
    folders = [
        small("bart"),
        another(small("bart"), tmp_path / "second"),
        another(small("bart"), tmp_path / "third", seed=3, larger=True),
    ]
    ids = torch.tensor(engine(folders[0]).encode(ENGLISH[:1]))
    scores = []
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        loaded = engine(*(folders[place] for place in order))
        settings = loaded._settings(GREEDY, None)
        settings.update(output_scores=True, return_dict_in_generate=True, max_new_tokens=4)
        found = loaded.model.generate(input_ids=ids, generation_config=settings)
        scores.append(torch.stack(found.scores))
    assert torch.equal(scores[0], scores[1]) and torch.equal(scores[0], scores[2])


def test_an_ensemble_is_decoded_by_plain_generate_where_ours_does_not_know_the_architecture(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = small("bart"), another(small("bart"), tmp_path / "other", larger=True)
    expected = [answers(engine(*folders), search, "bart") for search in (GREEDY, BEAM)]
    monkeypatch.setitem(ARCHITECTURES, "bart", replace(ARCHITECTURES["bart"], own_decoding=False))
    assert [answers(engine(*folders), search, "bart") for search in (GREEDY, BEAM)] == expected


def test_the_limits_of_the_smallest_member_hold(small: Small, tmp_path: Path) -> None:
    short = make_bart(tmp_path / "short", positions=64)
    long = make_bart(tmp_path / "long", positions=128)
    for order in ((short, long), (long, short)):
        assert engine(*order).max_positions == 64


def refused(*folders: Path) -> str:
    with pytest.raises(WrongCheckpoint) as caught:
        engine(*folders)
    return str(caught.value)


def test_members_of_another_tokenizer_are_refused_by_name_with_every_difference(
    small: Small, tmp_path: Path
) -> None:
    message = refused(small("bart"), small("kobart"), small("t5"))
    for name in (small("bart"), small("kobart"), small("t5")):
        assert str(name) in message
    assert "'t5'" in message and "tokens of their tokenizers" in message
    assert "one architecture with one tokenizer" in message


def test_a_tokenizer_with_the_same_words_that_cuts_differently_is_refused(
    small: Small, tmp_path: Path
) -> None:
    other = another(small("kobart"), tmp_path / "other")
    file = other / "tokenizer.json"
    rules = json.loads(file.read_text(encoding="utf-8"))
    rules["model"]["merges"] = rules["model"]["merges"][::-1]
    file.write_text(json.dumps(rules), encoding="utf-8")
    assert "cut texts differently" in refused(small("kobart"), other)


def test_members_that_end_their_answers_differently_are_refused(
    small: Small, tmp_path: Path
) -> None:
    other = another(small("bart"), tmp_path / "other")
    file = other / "generation_config.json"
    settings = json.loads(file.read_text(encoding="utf-8")) | {"eos_token_id": 5}
    file.write_text(json.dumps(settings), encoding="utf-8")
    message = refused(small("bart"), other)
    assert "eos_token_id (" in message and str(other) in message and str(small("bart")) in message


@pytest.mark.parametrize("family", ["nllb", "m2m100", "marian-ko-en", "mbart50"])
def test_the_source_language_a_tokenizer_was_last_set_to_is_no_difference(
    family: str, small: Small, tmp_path: Path
) -> None:
    other = another(small(family), tmp_path / "other")
    file = other / "tokenizer_config.json"
    settings = json.loads(file.read_text(encoding="utf-8"))
    if "src_lang" in settings or family in ("nllb", "mbart50"):
        settings["src_lang"] = {"nllb": "kor_Hang", "mbart50": "ko_KR"}.get(family, "ko")
    file.write_text(json.dumps(settings), encoding="utf-8")
    assert len(engine(small(family), other).model.members) == 2
