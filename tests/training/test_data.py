"""What a model learns from: pairs of a data file, and data that is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from trainings import TINY, TRANSLATE, request, rows, trained, with_files, write_rows

from pivot_sum.data.overlap import dialogue_hash
from pivot_sum.data.trained_on import read_trained_on
from pivot_sum.errors import TrainingDataRefused, TrainingRefused
from pivot_sum.stages.errors import TextTooLong
from pivot_sum.stages.text.placeholders import find
from pivot_sum.training.encoding import Encoder, dialogue_parts
from pivot_sum.training.examples import DEMO_TRAINING, read_file, read_rows
from pivot_sum.training.model import TrainedEngine, load
from pivot_sum.training.recipe import checked_recipe


def refused(folder: Path, **changes: object) -> str:
    with pytest.raises(TrainingDataRefused) as caught:
        trained(folder, **{"model": "demo:summarizer-ko", **changes})
    return str(caught.value)


def test_there_has_to_be_a_dev_file_and_not_the_training_file_itself(tmp_path: Path) -> None:
    recipe = checked_recipe(TINY, "tiny")
    with pytest.raises(TrainingDataRefused) as caught:
        read_rows(recipe, None, "dev")
    assert str(caught.value).startswith("there is no dev file: without one nothing says which")
    assert "--dev FILE" in str(caught.value)
    write_rows(tmp_path / "train.csv", rows(4))
    write_rows(tmp_path / "dev.csv", rows(4))
    assert "is the training file itself" in refused(tmp_path)


def test_rows_without_a_target_are_named(tmp_path: Path) -> None:
    with_files(tmp_path)
    bare = [{**row, "summary": " " if row["fname"] in ("d1", "d3") else "요약"} for row in rows(9)]
    write_rows(tmp_path / "train.csv", bare)
    message = refused(tmp_path)
    assert "2 of 9 rows have no target (an empty reference): d1, d3" in message


def test_texts_in_another_language_than_the_recipe_says_are_refused(tmp_path: Path) -> None:
    with_files(tmp_path)
    english = {"data": {"columns": {"source": "dialogue_en", "target": ["summary"]}}}
    message = refused(tmp_path, **english)
    assert "48 of 48 source texts are English, and the recipe says Korean" in message
    message = refused(tmp_path, data={"columns": {"target": ["summary_en"]}})
    assert "48 of 48 targets are English" in message


def test_turns_are_paired_and_dialogues_that_do_not_correspond_are_counted(
    tmp_path: Path,
) -> None:
    made = rows(3)
    made[1]["dialogue_en"] = "#Person1#: One line for two turns."
    write_rows(tmp_path / "pairs.csv", made)
    recipe = checked_recipe({**TRANSLATE, "data": {"over": "turn", "directions": "both"}}, "x")
    file = read_file(recipe, read_rows(recipe, str(tmp_path / "pairs.csv"), "train"))
    assert (file.rows, file.unpaired, len(file.examples)) == (3, 1, 8)
    first, back = file.examples[0], file.examples[4]
    assert (first.id, first.direction, back.direction) == ("d0#1", "ko-en", "en-ko")
    assert (first.source, first.targets) == (back.targets[0], (back.source,))
    assert not find(first.source)


@pytest.mark.slow
def test_the_demos_training_dialogues_are_the_same_each_time_and_none_is_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    recipe = checked_recipe({**TINY, "data": {"columns": {"target": ["summary1"]}}}, "x")
    file, again = (read_file(recipe, read_rows(recipe, DEMO_TRAINING, "train")) for _ in range(2))
    shipped = read_file(recipe, read_rows(recipe, "demo:dialogues", "dev"))
    assert file == again and file.rows > 300
    assert not {one.source for one in file.examples} & {one.source for one in shipped.examples}


def test_what_is_too_long_is_split_dropped_or_an_error_and_counted(
    bart: Path, tmp_path: Path
) -> None:
    made = rows(4)
    made[2]["dialogue"] = "\n".join(
        ["#Person1#: 도서관에서 만나요."] * 4 + ["#Person2#: 병원에 갈게요."] * 4
    )
    made[2]["summary"] = "도서관에서 만나기로 한다. 병원에 가기로 한다."
    made[3]["summary"] = "가나다라마바사" * 20
    write_rows(tmp_path / "train.csv", made)
    write_rows(tmp_path / "dev.csv", rows(2, first=900))
    short = {"max_source_tokens": 80, "max_target_tokens": 100}

    def counted(too_long: str) -> tuple[dict[str, int], Encoder]:
        asked = request(tmp_path, f"model={bart}", text={**short, "too_long": too_long})
        loaded = load(asked.recipe)
        encoder = Encoder(TrainedEngine(loaded, "tiny"), asked.recipe)
        read = read_rows(asked.recipe, asked.train_file, "train")
        found = encoder.pairs(read_file(asked.recipe, read).examples)
        assert all(
            len(feature["input_ids"]) <= 80 and len(feature["labels"]) <= 100
            for feature in found.features
        )
        assert len(found.features) == 4 - found.counts["too long"] + found.counts["parts"]
        return dict(found.counts), encoder

    counts, encoder = counted("drop")
    assert (counts["pairs"], counts["too long"], counts["dropped"]) == (4, 2, 2)
    counts, encoder = counted("split")
    assert (counts["too long"], counts["split"], counts["dropped"]) == (2, 1, 1)
    with pytest.raises(TextTooLong, match=r"^d2: 1\d\d source and \d+ target tokens"):
        counted("error")

    def length(text: str) -> int:
        return len(encoder.engine.encode([text])[0])

    parts = dialogue_parts(made[2]["dialogue"], made[2]["summary"], 80, length, "ko")
    assert len(parts) == 2
    assert all(("도서관" in part) == ("도서관" in summary) for part, summary in parts)


def test_t5_is_not_computed_in_fp16(small: Callable[[str], Path], tmp_path: Path) -> None:
    half = f"model={small('t5')}", "settings.precision=fp16"
    with pytest.raises(TrainingRefused, match="fp16 is too small for the architecture t5"):
        trained(with_files(tmp_path), *half)


def test_a_file_of_which_nothing_fits_is_refused(bart: Path, tmp_path: Path) -> None:
    tight = {"max_source_tokens": 10, "max_target_tokens": 8, "too_long": "drop"}
    with pytest.raises(TrainingRefused, match="none of its 48 pairs fits into 10 source and 8"):
        trained(with_files(tmp_path), f"model={bart}", text=tight)


def test_a_comparison_says_what_a_model_was_trained_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with_files(tmp_path)
    made = rows(48)
    write_rows(tmp_path / "dev.csv", [*made[:2], *rows(4, first=900)])
    dialogues = {row["dialogue"] for row in made}
    folder = trained(tmp_path, "model=demo:summarizer-ko", "settings.max_steps=1").folder
    assert "dialogues of" in caplog.text and "flatters the model" in caplog.text
    seen = read_trained_on(folder)
    assert seen is not None
    assert {dialogue_hash(text) for text in dialogues} <= seen.train
    assert dialogue_hash(made[0]["dialogue_en"]) in seen.train & seen.dev
