"""A training from its recipe to a model that a recipe uses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from trainings import TRANSLATE, rows, trained, with_files
from transformers import AutoTokenizer

from pivot_sum.commands.train import print_training
from pivot_sum.data.trained_on import read_trained_on
from pivot_sum.errors import TrainingFolderError
from pivot_sum.stages.models.content import content_hash
from pivot_sum.stages.models.trained import Trained
from pivot_sum.stages.models.trained import trained as note_of
from pivot_sum.stages.summarize import Summarize
from pivot_sum.stages.translate import Translate
from pivot_sum.training.averaging import average
from pivot_sum.training.record import is_better_than_start
from pivot_sum.training.selection import last_checkpoints
from pivot_sum.training.train import Training

LEARNS = (
    "start=scratch",
    "settings.num_train_epochs=15",
    "settings.learning_rate=1e-2",
    "settings.eval_strategy=steps",
    "settings.eval_steps=15",
    "text.prefix=대화: ",
)


@pytest.fixture(scope="module")
def folder(bart: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a training in `out`, of a fresh model that learned for 60 steps."""
    folder = with_files(tmp_path_factory.mktemp("training"))
    trained(folder, f"model={bart}", *LEARNS)
    return folder


def test_a_small_model_learns_and_the_best_checkpoint_is_the_result(folder: Path) -> None:
    record = Training.load(folder / "out").record
    assert record.status == "finished" and (record.steps, record.epochs) == (60, 15.0)
    assert record.scores["final"] > record.at_start["final"] + 20
    assert record.scores["loss"] < record.at_start["loss"] / 2
    scores = {
        point.step: point.values["eval_final"]
        for point in record.history
        if "eval_final" in point.values
    }
    assert list(scores) == [0, 15, 30, 45, 60]
    assert scores[record.best_step or 0] == max(scores.values()) == record.scores["final"]
    assert record.trainable == record.parameters > 10_000
    assert record.train.counts["pairs"] == record.train.rows == 48
    assert "tok:mecab-ko" in record.signatures["rouge"] and "n:6" in record.signatures["rouge"]


def test_the_folder_is_a_model_that_answers_as_it_was_scored(folder: Path) -> None:
    stage = Summarize(
        model=str(folder / "out"),
        language="ko",
        engine="transformers",
        num_beams=1,
        max_new_tokens=60,
        retries=(),
    )
    summaries = stage([row["dialogue"] for row in rows(6, first=900)])
    right = sum(
        summary == row["summary"]
        for summary, row in zip(summaries, rows(6, first=900), strict=True)
    )
    record = Training.load(folder / "out").record
    assert 100 * right / 6 == pytest.approx(record.scores["exact_match"])
    assert note_of(str(folder / "out"), "main") == Trained("plain", "대화: ")


def test_a_mean_of_its_checkpoints_is_used_as_the_model_is(folder: Path, tmp_path: Path) -> None:
    members = [str(checkpoint) for checkpoint in last_checkpoints(folder / "out", 2)]
    made = average(members, tmp_path / "mean")
    assert note_of(str(made.folder), "main") == Trained("plain", "대화: ")
    assert read_trained_on(made.folder) == read_trained_on(folder / "out") is not None


def test_what_is_no_part_of_the_model_is_not_part_of_its_identity(folder: Path) -> None:
    before = content_hash(folder / "out")
    assert sorted(path.name for path in (folder / "out").iterdir()) == [
        "README.md",
        "checkpoints",
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "pivot_sum.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "trained_on.json",
        "training.html",
        "training.json",
    ]
    (folder / "out" / "training.json").touch()
    text = (folder / "out" / "training.json").read_text(encoding="utf-8")
    (folder / "out" / "training.json").write_text(text + " ", encoding="utf-8")
    assert content_hash(folder / "out") == before
    (folder / "out" / "pivot_sum.json").write_text('{"prefix": ""}', encoding="utf-8")
    assert content_hash(folder / "out") != before
    note = {"placeholders": "plain", "prefix": "대화: "}
    written = json.dumps(note, ensure_ascii=False, indent=1) + "\n"
    (folder / "out" / "pivot_sum.json").write_text(written, encoding="utf-8")
    assert content_hash(folder / "out") == before


def test_the_card_and_the_page_say_what_it_was_trained_on_and_how(folder: Path) -> None:
    record = Training.load(folder / "out").record
    card = (folder / "out" / "README.md").read_text(encoding="utf-8")
    for said in (record.train.sha256, record.dev.sha256, record.signatures["rouge"]):
        assert said in card
    assert "learning_rate: 0.01" in card and "Licence of the base model: not known" in card
    html = (folder / "out" / "training.html").read_text(encoding="utf-8")
    assert html.count("<figure>") == 2 and record.signatures["rouge"] in html
    assert f"{record.scores['final']:,.2f}" in html


def test_a_result_that_is_no_better_than_its_start_says_so(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_files(tmp_path)
    wild = ("settings.learning_rate=0.5", "settings.num_train_epochs=1")
    made = trained(tmp_path, f"model={folder / 'out'}", "text.prefix=대화: ", *wild)
    record = made.record
    assert record.scores["final"] <= record.at_start["final"] and not record.better_than_start
    said = "no better than before the first step"
    assert said in capsys.readouterr().err
    assert said in (made.folder / "README.md").read_text(encoding="utf-8")
    assert said in (made.folder / "training.html").read_text(encoding="utf-8")
    print_training(made)
    assert said in capsys.readouterr().out

    assert Training.load(folder / "out").record.better_than_start
    assert said not in (folder / "out" / "README.md").read_text(encoding="utf-8")
    assert said not in (folder / "out" / "training.html").read_text(encoding="utf-8")
    as_is = trained(tmp_path, f"model={folder / 'out'}", "train=none", out="as-is")
    assert as_is.record.better_than_start is None
    assert said not in (as_is.folder / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("best_by", "start", "best", "better"),
    [
        ("final", 10.0, 10.0, False),
        ("final", 10.0, 10.1, True),
        ("loss", 2.0, 2.1, False),
        ("loss", 2.0, 1.9, True),
        ("final", None, 1.0, None),
    ],
)
def test_better_is_more_of_a_score_and_less_of_a_loss(
    folder: Path, best_by: str, start: float | None, best: float, better: bool | None
) -> None:
    record = Training.load(folder / "out").record
    record.best_by, record.scores = best_by, {best_by: best}
    record.at_start = {} if start is None else {best_by: start}
    assert is_better_than_start(record) is better


def test_a_finished_training_is_not_done_again(
    folder: Path, bart: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = Training.load(folder / "out").record
    again = trained(folder, f"model={bart}", *LEARNS)
    assert again.record == before
    assert "is finished already" in caplog.text


def test_a_folder_with_another_training_is_refused(folder: Path, bart: Path) -> None:
    with pytest.raises(TrainingFolderError) as refused:
        trained(folder, f"model={bart}", *LEARNS[:5], "settings.seed=1")
    assert "holds another training (tiny, finished)" in str(refused.value)
    assert "text.prefix '대화: ' -> ''" in str(refused.value)
    assert "settings.seed 42 -> 1" in str(refused.value)
    (folder / "mine").mkdir()
    (folder / "mine" / "thesis.txt").touch()
    with pytest.raises(TrainingFolderError, match="holds something that is no training"):
        trained(folder, f"model={bart}", out="mine")


def test_a_translator_learns_both_directions_in_one_model(nllb: Path, tmp_path: Path) -> None:
    both = {**TRANSLATE, "data": {"over": "turn", "directions": "both"}}
    settings = ("settings.num_train_epochs=1", "settings.learning_rate=1e-2")
    base = shutil.copytree(nllb, tmp_path / "base")
    AutoTokenizer.from_pretrained(nllb, src_lang="kor_Hang").save_pretrained(base)
    made = trained(with_files(tmp_path), f"model={base}", *settings, **both)
    record = made.record
    assert record.train.rows == 48 and record.train.examples == 2 * 2 * 48
    assert {"chrf_ko-en", "chrf_en-ko", "bleu_ko-en", "exact_match_en-ko"} <= record.scores.keys()
    mean = (record.scores["chrf_ko-en"] + record.scores["chrf_en-ko"]) / 2
    assert record.scores["chrf"] == pytest.approx(mean)
    assert record.scores["loss"] < record.at_start["loss"] - 1
    assert {"chrf_ko-en", "bleu_en-ko"} <= record.signatures.keys()
    for source, target in (("ko", "en"), ("en", "ko")):
        stage = Translate(
            model=str(made.folder), source=source, target=target, num_beams=1, max_new_tokens=12
        )
        assert len(stage(["안녕하세요" if source == "ko" else "Hello"])) == 1
    before, after = (
        json.loads((folder / "config.json").read_text("utf-8")) for folder in (base, made.folder)
    )
    assert after["use_cache"] is True  # the trainer switches it off
    changed = {"transformers_version", "use_cache", "dtype"}
    assert {k: v for k, v in after.items() if k not in changed} == {
        k: v for k, v in before.items() if k not in changed
    }
    assert AutoTokenizer.from_pretrained(made.folder).src_lang == "kor_Hang"
