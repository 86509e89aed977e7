"""Predicting pivots whose translators know fewer and fewer words, from those that have been run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from animalstages import SUMMARISED, TRANSLATED, animals, finished, pivot, rows, run
from comets import make_comet
from wordstages import write_rows

import pivot_sum
from pivot_sum.commands.predict import predict as command
from pivot_sum.data.samples import Sample
from pivot_sum.errors import CacheMiss, PredictionRefused, RunFolderError
from pivot_sum.prediction import LEAST_SYSTEMS, Prediction, predict
from pivot_sum.prediction.translating import drawn
from pivot_sum.running.execute import Request
from pivot_sum.scoring import load_metric

__all__ = ["animals", "finished"]


def predicted(
    recipe: str, *, offline: bool = False, data: str | None = None, **changes: Any
) -> Any:
    options = {"metric": load_metric(tokenizer="eojeol"), "sample": 40} | changes
    return predict(Request(recipe, data, offline=offline), **options)


def observed(found: Prediction) -> dict[str, float]:
    return {Path(run.folder).name: run.difference for run in found.learned}


def test_what_has_not_been_run_is_predicted_from_what_has(animals: Path) -> None:
    found = predicted(pivot(3))
    assert found.direct == "runs/direct"
    differences = observed(found)
    assert list(differences) == ["6", "4", "2", "1", "0"]  # the newest first
    assert differences["0"] == pytest.approx(0) and differences["6"] < differences["4"] < 0
    assert found.expected is not None and found.expected.by in found.expected.errors
    assert found.expected.helps and found.expected.error < found.expected.error_of_mean / 2
    run(pivot(3), "3")
    [truth] = predicted(pivot(3)).own.values()
    low, high = found.expected.intervals[0.95]
    assert low < truth < high < 0
    assert abs(found.expected.difference - truth) < abs(found.expected.mean - truth)


def test_nothing_is_summarised_and_of_runs_only_the_way_back_is_translated(animals: Path) -> None:
    predicted(pivot(3))
    assert SUMMARISED == []
    korean = [text for text in TRANSLATED if any(letter >= "가" for letter in text)]
    assert len(korean) == len({turn for row in rows() for turn in turns(row["dialogue"])})
    TRANSLATED.clear()
    predicted(pivot(3))
    predicted(pivot(3), offline=True)
    assert TRANSLATED == []


def turns(dialogue: str) -> list[str]:
    return [line.partition(": ")[2] for line in dialogue.split("\n")]


def test_each_run_is_left_out_once_and_predicted_from_the_others(animals: Path) -> None:
    found = predicted(pivot(3), by="round-trip")
    assert found.expected is not None and list(found.expected.errors) == ["round-trip"]
    for left_out in found.learned:
        others = [run.difference for run in found.learned if run is not left_out]
        assert left_out.mean_of_others == pytest.approx(sum(others) / 4)
    errors = [abs(run.difference - (run.expected or 0)) for run in found.learned]
    assert found.expected.error == pytest.approx(sum(errors) / 5)


def test_with_too_few_runs_the_measures_are_given_and_nothing_is_paid_for_the_runs(
    animals: Path,
) -> None:
    few = [Path("runs", name) for name in ("direct", "0", "2", "6")]
    found = predicted(pivot(3), runs=few)
    assert found.expected is None and found.missing == 1 == LEAST_SYSTEMS - len(found.learned)
    assert 0 < found.measures["round-trip"] < 100
    assert all(run.measures["round-trip"] is None for run in found.learned)
    assert "elephant" in " ".join(TRANSLATED) and "tiger" not in " ".join(TRANSLATED)


def test_where_there_is_no_run_at_all_the_measures_are_given(animals: Path) -> None:
    shutil.rmtree("runs")
    found = predicted(pivot(0))
    assert (found.direct, found.expected, found.learned) == (None, None, ())
    assert found.measures["round-trip"] == pytest.approx(100)


def test_a_run_of_the_recipe_itself_is_not_learned_from(animals: Path) -> None:
    found = predicted(pivot(2))
    assert found.own == {"runs/2": observed(predicted(pivot(3)))["2"]}
    assert list(observed(found)) == ["6", "4", "1", "0"]


def test_a_system_that_was_run_twice_counts_once(animals: Path) -> None:
    run(pivot(6), "again")
    found = predicted(pivot(3))
    assert len(found.learned) == 5
    assert "the same system as runs/" in "".join(found.left_out.values())


def test_runs_over_other_dialogues_are_left_out_with_a_word(animals: Path) -> None:
    write_rows(animals / "other.jsonl", rows(first=20))
    run(pivot(5), "other", data="other.jsonl")
    run(pivot(5), "beginning", limit=10)
    found = predicted(pivot(3))
    assert "other" not in observed(found) and "beginning" not in observed(found)
    assert "whose dialogues are not those of data.jsonl" in found.left_out["runs/other"]
    assert "do not answer the same dialogues" in found.left_out["runs/beginning"]


def test_runs_that_failed_and_parts_are_left_out_with_a_word(animals: Path) -> None:
    run(pivot(5), "part", stages="..there")
    record = json.loads(Path("runs", "6", "run.json").read_text(encoding="utf-8"))
    record["status"] = "failed"
    Path("runs", "6", "run.json").write_text(json.dumps(record), encoding="utf-8")
    left_out = predicted(pivot(3)).left_out
    assert "has no summaries" in left_out["runs/part"]
    assert "is not finished" in left_out["runs/6"]


def test_the_direct_run_over_the_same_data_is_taken_before_a_newer_one(animals: Path) -> None:
    write_rows(animals / "other.jsonl", rows(first=20))
    run("direct.yaml", "z-newer", data="other.jsonl")
    assert predicted(pivot(3)).direct == "runs/direct"
    assert predicted(pivot(3), direct=Path("runs/z-newer")).learned == ()


def test_dialogues_that_no_run_saw_can_be_predicted_and_a_note_says_so(animals: Path) -> None:
    bare = [{name: row[name] for name in ("fname", "dialogue")} for row in rows(first=60)]
    write_rows(animals / "new.jsonl", bare)
    found = predicted(pivot(3), data="new.jsonl")
    assert found.expected is not None
    assert any("over other dialogues" in note for note in found.notes)
    assert predicted(pivot(3)).notes == ()


def test_offline_without_the_way_back_another_measure_predicts(animals: Path) -> None:
    run(pivot(3), "3", stages="..there")
    found = predicted(pivot(3), offline=True)
    assert found.measures["round-trip"] is None
    assert found.expected is not None
    assert list(found.expected.errors) == ["length"]  # flags and placeholders never vary here
    assert any("not at hand" in note for note in found.notes)
    assert predicted(pivot(3), offline=True, by="round-trip").expected is None


def test_offline_what_was_never_translated_is_an_error(animals: Path) -> None:
    with pytest.raises(CacheMiss, match=r"step 2 \(there\)"):
        predicted(pivot(5), offline=True)


def test_a_translator_that_is_another_now_is_not_measured_in_its_place(animals: Path) -> None:
    path = Path("runs", "6", "run.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    record["steps"][3]["identity"]["unknown"] = 7
    path.write_text(json.dumps(record), encoding="utf-8")
    found = predicted(pivot(3), by="round-trip")
    assert any("runs/6: back is not what it was" in note for note in found.notes)
    by_name = {Path(run.folder).name: run for run in found.learned}
    assert by_name["6"].measures["round-trip"] is by_name["6"].expected is None
    assert by_name["4"].expected is not None


def test_a_pivot_that_translates_other_units_is_another_system(animals: Path) -> None:
    assert len(predicted(pivot(3)).learned) == 5
    whole = Path(pivot(1)).read_text(encoding="utf-8").replace("animals, over: turn", "animals")
    Path("dialogues.yaml").write_text(whole, encoding="utf-8")
    run("dialogues.yaml", "dialogues")
    assert len(predicted(pivot(3)).learned) == 6


def test_a_measure_that_is_the_same_in_all_runs_predicts_nothing(animals: Path) -> None:
    found = predicted(pivot(3))
    same = {
        name
        for name, value in found.learned[0].measures.items()
        if all(run.measures[name] == value for run in found.learned)
    }
    assert {"placeholders"} <= same  # there are none in these dialogues
    assert found.expected is not None and not same & set(found.expected.errors)


def test_measures_beyond_those_of_every_run_are_named(
    animals: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(pivot(3), "3")
    command(pivot(9), tokenizer="eojeol")
    assert "beyond what any run has, so where nobody has looked: round-trip" in (
        capsys.readouterr().out
    )
    command(pivot(5), tokenizer="eojeol")
    assert "beyond what any run has" not in capsys.readouterr().out


def test_without_a_direct_run_that_is_what_is_missing(
    animals: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command(pivot(3), runs=[Path("runs", name) for name in "0126"], tokenizer="eojeol")
    said = capsys.readouterr().out
    assert "there is no direct run that can be scored" in said and "pivot system" not in said


def test_what_cannot_be_predicted_is_refused(animals: Path) -> None:
    with pytest.raises(PredictionRefused, match=r"direct is no pivot: clean \(ko to ko\)"):
        predicted("direct.yaml")
    with pytest.raises(PredictionRefused, match=r"--by roundtrip: .*did you mean 'round-trip'"):
        predicted(pivot(3), by="roundtrip")
    with pytest.raises(PredictionRefused, match=r"--direct runs/0 is a run of pivot-0, which"):
        predicted(pivot(3), direct=Path("runs/0"))
    with pytest.raises(RunFolderError, match="nowhere: there is no run there"):
        predicted(pivot(3), runs=[Path("nowhere")])
    assert TRANSLATED == []


def test_the_sample_depends_on_ids_and_seed_alone_and_larger_ones_hold_smaller_ones() -> None:
    samples = [Sample(str(place), "", (), None, None) for place in range(100)]

    def ids(number: int, seed: int, of: list[Sample] = samples) -> list[str]:
        return [sample.id for sample in drawn(of, number, seed)]

    assert ids(10, 1) == ids(10, 1, samples[::-1]) != ids(10, 2)
    assert set(ids(10, 1)) < set(ids(30, 1)) and len(ids(30, 1)) == 30
    assert len(ids(500, 1)) == 100


def test_python_gives_what_the_command_line_does(animals: Path) -> None:
    found = pivot_sum.predict(
        pivot(3), runs=["runs"], direct="runs/direct", sample=40, by="length", tokenizer="eojeol"
    )
    assert found.expected is not None and found.expected.by == "length"
    assert len(found.learned) == 5
    with pytest.raises(ValueError, match="sample=0"):
        pivot_sum.predict(pivot(3), sample=0)


def test_the_command_says_what_to_expect_in_words(
    animals: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command(pivot(3), sample=40, tokenizer="eojeol")
    said = capsys.readouterr().out
    assert "expected difference to runs/direct: -" in said and "95 % interval" in said
    assert "in words: the pivot is expected to be worse than the direct system" in said
    assert "left out one by one" in said and "do not help" not in said
    assert "pivot-sum run pivot-3.yaml" in said


def test_a_comet_model_measures_the_turns_too(
    animals: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_comet(animals / "kiwi", "unified_metric", input_segments=["mt", "src"])
    command(pivot(3), sample=40, tokenizer="eojeol", comet=str(folder), by="comet", json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["comet"].startswith("comet|kiwi@") and "segments:mt,src|" in told["comet"]
    assert told["expected"]["by"] == "comet" and "kiwi" in told["meanings"]["comet"]
    scores = [told["measures"]["comet"], *(run["measures"]["comet"] for run in told["learned"])]
    assert len(set(scores)) == 6
    command(pivot(3), sample=40, tokenizer="eojeol", comet=str(folder))
    assert "kiwi of the turns, without references" in capsys.readouterr().out


def test_a_comet_model_that_cannot_be_used_is_refused(animals: Path) -> None:
    with pytest.raises(PredictionRefused, match="--by comet takes a model: name it with --comet"):
        predicted(pivot(3), by="comet")
    folder = make_comet(animals / "comet", "regression_metric")
    with pytest.raises(PredictionRefused, match="without, such as Unbabel/wmt22-cometkiwi-da"):
        predicted(pivot(3), comet=str(folder))


def test_the_command_says_how_many_runs_are_missing(
    animals: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command(pivot(3), runs=[Path("runs/direct"), Path("runs/0")], tokenizer="eojeol")
    said = capsys.readouterr().out
    assert "not enough runs: 1 pivot system with references" in said
    assert "takes 4, so 3 more" in said and "expected difference" not in said


def test_the_command_prints_everything_for_a_program(
    animals: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command(pivot(3), tokenizer="eojeol", json=True)
    told = json.loads(capsys.readouterr().out)
    assert set(told["expected"]["intervals"]) == {"80%", "95%"} and told["expected"]["helps"]
    assert len(told["learned"]) == 5 and told["sampled"] == 40 and told["systems_needed"] == 4
