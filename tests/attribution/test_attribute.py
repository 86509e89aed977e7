"""Taking a run apart whose every mistake is known: the figures are counted by hand.

Of two words one right scores 33.33 (R1 and RL 50, R2 0), one alone and right 44.44 (R1 and RL
66.67, R2 0), both 100.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pytest import approx
from wordstages import ROWS, SEEN, project, ran, without, write_rows

from pivot_sum.attribution import RESULT, TEXTS, Attribution, attribute
from pivot_sum.errors import CacheMiss
from pivot_sum.scoring import load_metric

__all__ = ["project"]

HALF, SHORT = 100 / 3, 400 / 9
"""One of two words right; one word of two, and that right."""


def apart(folder: Path, **changes: Any) -> Attribution:
    return attribute(folder, metric=load_metric(tokenizer="eojeol"), **changes)


def means(found: Attribution) -> dict[str, float]:
    return {" + ".join(item.oracles): item.final.mean for item in found.combinations if item.final}


def losses(found: Attribution) -> dict[str, float]:
    return {stage.name: stage.loss for stage in found.stages}


def test_every_combination_is_scored_and_the_loss_is_shared_out(project: Path) -> None:
    found = apart(ran())
    own = (100 + HALF + SHORT + HALF) / 4
    there = (100 + 100 + SHORT + HALF) / 4
    short = (100 + 100 + 100 + HALF) / 4
    assert means(found) == pytest.approx(
        {
            "": own,
            "there": there,
            "short": short,
            "there + short": short,
            "short + back": 100,
            "there + short + back": 100,
        }
    )
    assert losses(found) == pytest.approx(
        {"there": (100 - HALF) / 4, "short": (100 - SHORT) / 4, "back": (100 - HALF) / 4}
    )
    assert (found.actual.mean, found.ceiling.mean) == pytest.approx((own, 100))
    assert found.loss.mean == pytest.approx(100 - own)
    assert sum(losses(found).values()) == pytest.approx(found.loss.mean, abs=1e-12)


def test_each_mistake_is_charged_to_the_stage_that_made_it(project: Path) -> None:
    folder = ran()
    apart(folder).write(folder)
    charged = {
        line["id"]: {name: loss for name, loss in line["loss"].items() if abs(loss) > 1e-9}
        for line in lines(folder)
    }
    assert charged == {
        "d1": {},
        "d2": {"there": approx(100 - HALF)},
        "d3": {"short": approx(100 - SHORT)},
        "d4": {"back": approx(100 - HALF)},
    }
    assert [(stage.dialogues, stage.worst) for stage in apart(folder).stages] == [
        (1, "d2"),
        (1, "d3"),
        (1, "d4"),
    ]


def test_the_shapley_share_lays_a_part_of_the_translators_mistake_on_the_summariser(
    project: Path,
) -> None:
    found = apart(ran())
    there, short, back = found.stages
    assert found.orders == (
        ("there", "short", "back"),
        ("short", "there", "back"),
        ("short", "back", "there"),
    )
    assert there.by_order == pytest.approx(((100 - HALF) / 4, 0, 0))
    assert short.by_order == pytest.approx(((100 - SHORT) / 4, *[(200 - HALF - SHORT) / 4] * 2))
    assert back.by_order == pytest.approx([(100 - HALF) / 4] * 3)
    for stage in found.stages:
        assert stage.shapley.mean == pytest.approx(sum(stage.by_order) / 3)
    assert sum(stage.shapley.mean for stage in found.stages) == pytest.approx(
        found.loss.mean, abs=1e-12
    )


def test_steps_that_tidy_up_are_counted_with_the_part_they_prepare_or_end(project: Path) -> None:
    assert [stage.steps for stage in apart(ran()).stages] == [
        ("clean", "there"),
        ("tidy", "short"),
        ("back", "polish"),
    ]


def test_what_cannot_be_had_and_what_equals_another_is_said(project: Path) -> None:
    told = {item.oracles: item for item in apart(ran()).combinations}
    assert len(told) == 8
    assert {oracles for oracles, item in told.items() if item.final is None} == {
        ("back",),
        ("there", "back"),
    }
    assert (
        "no data says how the translation of a summary that the run made should read"
        in told["back",].what
    )
    equal = {oracles: item.same_as for oracles, item in told.items() if item.same_as}
    assert equal == {("there", "short"): ("short",), ("there", "short", "back"): ("short", "back")}
    assert "nobody reads the dialogue" in told["there", "short"].what


def test_the_intervals_come_from_the_dialogues(project: Path) -> None:
    found = apart(ran())
    for stage in found.stages:
        assert stage.low <= stage.loss <= stage.high
        assert (stage.low, stage.high) != (stage.loss, stage.loss)
    assert found.actual.low < found.actual.mean < found.actual.high
    assert found.ceiling == pytest.approx((100, 100, 100))


def test_the_reference_round_trip_shows_what_translation_does_by_itself(project: Path) -> None:
    told = apart(ran()).diagnostics
    assert told["round_trip"]["final"] == pytest.approx((100 + HALF + 100 + HALF) / 4)
    assert told["one_reference_against_the_others"] is None


def test_the_translation_to_english_is_scored_against_the_originals(project: Path) -> None:
    told = apart(ran()).diagnostics["to_english"]
    assert (told["turns"], told["dialogues"]) == (4, 4)
    assert 50 < told["chrf"] < 100  # bird came out as thing
    write_rows(project / "data.jsonl", without("dialogue_en"))
    assert (
        attribute(ran(out=Path("other")), metric=load_metric(tokenizer="eojeol")).diagnostics[
            "to_english"
        ]
        is None
    )


def test_without_english_summaries_the_references_go_round_trip_instead(project: Path) -> None:
    write_rows(project / "data.jsonl", without("summary_en"))
    found = apart(ran())
    round_trip = (100 + HALF + 100 + HALF) / 4
    assert means(found)["short"] == pytest.approx(round_trip)
    # d2: its reference comes back as wrong as its dialogue did, so what the oracle dialogue brought
    # is lost again
    expected = {"there": (100 - HALF) / 4, "short": (HALF - SHORT) / 4, "back": (100 - HALF) / 2}
    assert losses(found) == pytest.approx(expected)
    assert any(
        "no English summaries" in note and "counted with back in place of short" in note
        for note in found.notes
    )


def test_without_english_dialogues_the_first_two_stages_are_one_part(project: Path) -> None:
    write_rows(project / "data.jsonl", without("dialogue_en"))
    found = apart(ran())
    assert losses(found) == pytest.approx(
        {"there..short": (200 - HALF - SHORT) / 4, "back": (100 - HALF) / 4}
    )
    assert found.orders == (("there..short", "back"),)
    assert all(stage.shapley == (stage.loss, stage.low, stage.high) for stage in found.stages)
    assert any("cannot be told apart" in note for note in found.notes)


def test_without_any_english_the_references_alone_serve(project: Path) -> None:
    write_rows(project / "data.jsonl", without("dialogue_en", "summary_en"))
    found = apart(ran())
    assert losses(found) == pytest.approx(
        {"there..short": (100 - SHORT) / 4, "back": (100 - HALF) / 2}
    )
    assert sum(losses(found).values()) == pytest.approx(found.loss.mean, abs=1e-12)


def test_on_the_direct_pipeline_the_whole_loss_is_the_summarisers(project: Path) -> None:
    folder = ran("direct.yaml")
    SEEN.clear()
    found = apart(folder, cache=Path("no-such-cache"))
    assert losses(found) == pytest.approx({"short": (100 - SHORT) / 4})
    assert [item.oracles for item in found.combinations] == [(), ("short",)]
    assert found.notes == (
        (
            "The direct pipeline is one summariser: nothing is to be shared out, the whole loss is"
            " its own."
        ),
    )
    assert SEEN == [] and not Path("no-such-cache").exists()


def test_who_gives_the_reference_word_for_word_has_lost_nothing_whatever_the_other_references_say(
    project: Path,
) -> None:
    rows = [{**row, "summary": [row["summary"], "개 개 개"]} for row in ROWS[:1]]
    write_rows(project / "data.jsonl", rows)
    found = apart(ran())
    assert found.loss == (0, 0, 0)
    assert found.ceiling.mean < 100
    assert set(losses(found).values()) == {0}
    assert found.diagnostics["one_reference_against_the_others"]["final"] < found.ceiling.mean


def test_a_second_time_nothing_is_computed_and_offline_gives_the_same_bytes(project: Path) -> None:
    folder = ran()
    apart(folder).write(Path("first"))
    SEEN.clear()
    apart(folder).write(Path("second"))
    apart(folder, offline=True).write(Path("third"))
    assert SEEN == []
    for name in (RESULT, TEXTS):
        assert (
            Path("first", name).read_bytes()
            == Path("second", name).read_bytes()
            == Path("third", name).read_bytes()
        )


def test_offline_what_is_missing_is_said(project: Path) -> None:
    with pytest.raises(
        CacheMiss,
        match=(
            r"step 3 \(back, references, round trip\): 1 text of 1 sample \(d3\) not in the"
            r" cache"
        ),
    ):
        apart(ran(), offline=True)


def test_the_order_of_the_rows_changes_no_byte(project: Path) -> None:
    folder = ran()
    apart(folder).write(Path("first"))
    Path("shuffled").mkdir()
    write_rows(Path("shuffled", "data.jsonl"), ROWS[::-1])
    apart(folder, data="shuffled/data.jsonl").write(Path("second"))
    assert Path("first", RESULT).read_bytes() == Path("second", RESULT).read_bytes()
    assert Path("first", TEXTS).read_bytes() == Path("second", TEXTS).read_bytes()


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / TEXTS).read_text(encoding="utf-8").splitlines()]


def test_the_texts_of_every_combination_are_kept_by_dialogue_and_marked(project: Path) -> None:
    folder = ran()
    apart(folder).write(folder)
    told = lines(folder)
    assert [line["id"] for line in told] == ["d1", "d2", "d3", "d4"]
    assert all(line["oracle"] is True for line in told)
    texts: dict[tuple[str, ...], Sequence[str]] = {
        tuple(item["oracles"]): list(item["steps"].items()) for item in told[1]["combinations"]
    }
    clean = [("clean", "새 개")]
    assert texts == {
        (): [
            *clean,
            ("there", "thing dog"),
            ("tidy", "thing dog"),
            ("short", "thing dog"),
            *ends("물건 개"),
        ],
        ("there",): [
            ("there", "bird dog"),
            ("tidy", "bird dog"),
            ("short", "bird dog"),
            *ends("새 개"),
        ],
        ("short",): [("short", "bird dog"), *ends("새 개")],
        ("short", "back"): [("back", "새 개")],
    }


def ends(text: str) -> list[tuple[str, str]]:
    return [("back", text), ("polish", text)]
