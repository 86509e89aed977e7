"""BERTScore by an encoder of the user's, on a small RoBERTa checkpoint made on the spot."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from checkpoints import KOREAN, make_bart, make_roberta
from commandline import pivot_sum

from pivot_sum.errors import MetricInvalid
from pivot_sum.scoring import load_metrics, measure
from pivot_sum.scoring.bertscore import BertScore
from pivot_sum.scoring.encoders import max_tokens
from pivot_sum.stages.errors import DamagedModel, ModelUnreachable, WrongCheckpoint

HYPOTHESES = ["병원에 예약을 하고 싶은데요.", "커피가 맛있어요.", "세 시에 만나요, 세 시에!", ""]
REFERENCES = [
    ["예약을 하고 싶은데요."],
    ["카페는 조용하고 커피가 맛있어요.", "커피가 맛있어요."],
    ["네, 세 시에 도서관 앞에서 만나요.", "안녕하세요."],
    ["네."],
]
NOTHING = [""] * len(HYPOTHESES)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_roberta(tmp_path_factory.mktemp("encoder") / "roberta")


def by_the_formula(folder: Path, hypothesis: str, reference: str, layer: int) -> float:
    """Equations 1 to 3 of Zhang et al. 2020, a text and a pair of tokens at a time."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder)

    def vectors(text: str) -> list[list[float]]:
        with torch.no_grad():
            found = model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True)
        rows: list[list[float]] = found.hidden_states[layer][0].tolist()
        return rows

    def cosine(one: list[float], other: list[float]) -> float:
        product = sum(a * b for a, b in zip(one, other, strict=True))
        lengths = [sum(a * a for a in vector) ** 0.5 for vector in (one, other)]
        return product / (lengths[0] * lengths[1])

    def best(ours: list[list[float]], theirs: list[list[float]]) -> float:
        matches = [max(cosine(one, other) for other in theirs) for one in ours[1:-1]]
        return sum(matches) / len(matches)

    ours, theirs = vectors(hypothesis), vectors(reference)
    precision, recall = best(ours, theirs), best(theirs, ours)
    return 100 * 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize("layer", [1, 3])
def test_values_are_those_of_the_published_formula(encoder: Path, layer: int) -> None:
    values = BertScore(str(encoder), layer=layer).score(HYPOTHESES, REFERENCES, NOTHING)
    for hypothesis, known, value in list(zip(HYPOTHESES, REFERENCES, values, strict=True))[:-1]:
        expected = [by_the_formula(encoder, hypothesis, one, layer) for one in known]
        assert value == pytest.approx(max(expected), abs=1e-3)


def test_a_text_against_itself_has_100_and_an_empty_one_0(encoder: Path) -> None:
    values = BertScore(str(encoder)).score(HYPOTHESES, REFERENCES, NOTHING)
    assert values[1] == pytest.approx(100, abs=1e-3)
    assert values[2] < 99
    assert values[3] == 0


def test_a_value_does_not_depend_on_the_texts_beside_it(encoder: Path) -> None:
    metric = BertScore(str(encoder))
    together = metric.score(HYPOTHESES, REFERENCES, NOTHING)
    alone = [
        metric.score([hypothesis], [known], [""])[0]
        for hypothesis, known in zip(HYPOTHESES, REFERENCES, strict=True)
    ]
    assert alone == pytest.approx(together, abs=1e-3)


def test_the_default_is_the_layer_at_three_quarters(encoder: Path) -> None:
    assert BertScore(str(encoder)).layer == 3
    with pytest.raises(MetricInvalid, match="has 4 layers, and no layer 5"):
        BertScore(str(encoder), layer=5)


def test_texts_longer_than_the_encoder_reads_are_counted(
    encoder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    metric = BertScore(str(encoder))
    long = " ".join(KOREAN * 3)
    with caplog.at_level(logging.WARNING):
        [value] = metric.score([long], [["네, 세 시에 만나요."]], [""])
    assert 0 < value < 100
    assert "bertscore reads the first 65 tokens of a text: 1 of 2 texts are longer" in caplog.text


def test_the_signature_changes_with_the_weights_and_not_with_the_place(
    encoder: Path, tmp_path: Path
) -> None:
    moved = Path(shutil.copytree(encoder, tmp_path / "roberta"))
    signature = BertScore(str(encoder)).signature
    assert BertScore(str(moved)).signature == signature
    assert signature.startswith("bertscore-f1|roberta@")
    assert signature.endswith("|layer:3|max-tokens:65|idf:no|rescaled:no|over-refs:max|bertscore:1")
    (moved / "config.json").write_text(
        (moved / "config.json").read_text().replace('"gelu"', '"relu"')
    )
    assert BertScore(str(moved)).signature != signature


def test_it_is_named_with_its_model_and_its_layer(encoder: Path) -> None:
    metrics = load_metrics([f"bertscore:{encoder},layer=2"])
    scores = measure(metrics["bertscore"], HYPOTHESES, REFERENCES)
    assert "|layer:2|" in scores.signature
    for name in ("bertscore", "bertscore:", f"bertscore:{encoder},layer=last"):
        with pytest.raises(MetricInvalid, match="bertscore:klue/roberta-base"):
            load_metrics([name])


def test_a_model_that_is_none_is_refused_before_anything_is_scored(
    encoder: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelUnreachable, match="does not exist"):
        BertScore("./no-such-folder")
    with pytest.raises(WrongCheckpoint, match="is not an encoder"):
        BertScore(str(make_bart(tmp_path / "bart")))
    bare = Path(shutil.copytree(encoder, tmp_path / "bare"))
    (bare / "model.safetensors").unlink()
    with pytest.raises(DamagedModel, match="holds no weights"):
        BertScore(str(bare))


def test_score_takes_it_from_the_command_line(encoder: Path, tmp_path: Path) -> None:
    data, texts = tmp_path / "data.csv", tmp_path / "texts.csv"
    data.write_text("fname,dialogue,summary\n1,#Person1#: 네.,커피가 맛있어요.\n", "utf-8")
    texts.write_text("fname,summary\n1,커피가 맛있어요.\n", encoding="utf-8")
    done = pivot_sum(tmp_path, "score", texts, "--data", data, "--metric", f"bertscore:{encoder}")
    assert done.code == 0, done.stderr
    assert "BERTScore  100.00" in done.stdout
    assert "signature: bertscore-f1|roberta@" in done.stdout


def test_a_text_of_which_the_tokenizer_keeps_nothing_scores_0(encoder: Path) -> None:
    metric = BertScore(str(encoder))
    metric._ends = frozenset(range(10_000))  # every token is one that needs no match
    assert metric.score(["안녕"], [["안녕"]], [""]) == [0.0]


@pytest.mark.parametrize(
    ("model_type", "limit", "read"),
    [
        ("roberta", 10**30, 512),
        ("xlm-roberta", 10**30, 512),
        ("camembert", 300, 300),
        ("bert", 10**30, 514),
        ("bert", 512, 512),
    ],
)
def test_an_encoder_reads_as_many_tokens_as_it_has_positions_and_its_tokenizer_allows(
    model_type: str, limit: int, read: int
) -> None:
    config = SimpleNamespace(model_type=model_type, max_position_embeddings=514, pad_token_id=1)
    assert max_tokens(SimpleNamespace(model_max_length=limit), config) == read
