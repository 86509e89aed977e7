"""`pivot-sum eda`: the numbers of a data file, counted by hand on a small one, and the page around
them."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from commandline import pivot_sum

from pivot_sum.data.samples import read_samples
from pivot_sum.eda import eda as eda_module
from pivot_sum.eda.eda import eda, middle_and_most
from pivot_sum.eda.facts import facts, visible
from pivot_sum.eda.words import Word, content_words, most_telling
from pivot_sum.errors import TokenizerMissing


def test_turns_and_speakers_are_counted_after_cleaning(data: Path) -> None:
    found = facts(read_samples(data), "ko")
    assert {id: len(said) for id, said in found.turns.items()} == {"e_0": 3, "e_1": 3, "e_2": 2}
    assert found.speakers == {1: 1, 2: 2}
    assert found.turns_by_speaker == {"#Person1#": 5, "#Person2#": 2}
    assert found.first == {"#Person1#": 2, "#Person2#": 1}
    assert (found.headless, found.in_a_row) == (1, 1)


def test_names_that_lines_begin_with_are_said_with_the_field_that_makes_speakers_of_them(
    tmp_path: Path,
) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_text('{"fname": "c", "dialogue": "민수: 안녕.\\n지영: 네.\\n민수: 네."}\n', "utf-8")
    assert facts(read_samples(path), "ko").by_name == {"민수": 1, "지영": 1}
    named = facts(read_samples(path), "ko", "auto")
    assert (named.by_name, named.headless) == ({}, 0)
    assert set(named.turns_by_speaker) == {"#Person1#", "#Person2#"}
    assert "speakers by name" not in {repair.kind for repair in named.repairs}
    page = eda(str(path)).html
    assert "2 (민수, 지영)" in page and "--set clean.speakers=auto" in page
    assert "--set clean.speakers=auto" not in eda(str(path), settings=["clean.speakers=auto"]).html


def test_people_named_without_speaking_and_references_without_names_are_counted(data: Path) -> None:
    found = facts(read_samples(data), "ko")
    assert found.silent == {"#Person3#": 1}
    assert found.nameless == 2


def test_placeholders_are_counted_by_where_they_stand(data: Path) -> None:
    found = {use.name: use for use in facts(read_samples(data), "ko").placeholders}
    assert list(found) == ["#Person1#", "#Person2#", "#Person3#", "#PhoneNumber#"]
    assert (
        found["#Person1#"].dialogues,
        found["#Person1#"].heads,
        found["#Person1#"].references,
    ) == (3, 5, 1)
    assert (found["#PhoneNumber#"].dialogues, found["#PhoneNumber#"].in_turns) == (1, 1)
    assert (found["#Person3#"].dialogues, found["#Person3#"].references) == (0, 1)


def test_damage_is_reported_by_kind_with_the_lines_it_stands_in(data: Path) -> None:
    found = {repair.kind: repair for repair in facts(read_samples(data), "ko").repairs}
    assert {kind: (repair.dialogues, repair.times) for kind, repair in found.items()} == {
        "line ends": (1, 1),
        "placeholders": (1, 1),
        "spaces around lines": (1, 1),
        "invisible characters": (1, 1),
    }
    [(id, before, after)] = found["placeholders"].examples
    assert (id, before.split("\n")[0], after.split("\n")[0]) == (
        "e_1",
        "##Person1#: 안녕하세요.",
        "#Person1#: 안녕하세요.",
    )
    assert "\\u200b안녕하세요." in found["invisible characters"].examples[0][1]
    assert "\\r" in found["line ends"].examples[0][1]


def test_a_hash_that_belongs_to_no_placeholder_is_listed(data: Path) -> None:
    assert facts(read_samples(data), "ko").stray == [("e_1", "#Person1#: #키를 눌러요.")]


def test_repeats_are_what_equals_something_before(data: Path) -> None:
    found = facts(read_samples(data), "ko")
    assert (found.repeated_turns.total, found.repeated_turns.repeats) == (8, 2)
    assert found.repeated_turns.most == [("안녕하세요.", 3)]
    assert found.repeated_sentences.most[0] == ("안녕하세요.", 4)
    assert found.repeated_dialogues.repeats == 0


def test_what_cannot_be_seen_is_written_out() -> None:
    assert visible("  a\u200b b\r\n end ") == "␣␣a\\u200b b\\r\n␣end␣"


def test_tf_idf_is_the_mean_share_times_the_log_of_rarity() -> None:
    documents = [["비", "비", "우산", "길"], ["길", "차"], ["길"]]
    found = {word.word: word for word in most_telling(documents, 10)}
    assert found["비"] == Word("비", pytest.approx((2 / 4) / 3 * math.log(3)), 1, 2)
    assert found["차"].weight == pytest.approx((1 / 2) / 3 * math.log(3))
    assert found["길"].weight == 0
    assert [word.word for word in most_telling(documents, 2)] == ["비", "차"]


def test_content_words_are_nouns_and_stems_and_no_particles_or_placeholders() -> None:
    assert content_words()("#Person1#은 학교에서 밥을 먹었다.") == ["학교", "밥", "먹다"]


def test_a_placeholder_makes_no_word_with_the_letters_beside_it() -> None:
    cut = content_words()
    assert cut("#Address#phone 번호") == cut("phone 번호") == ["phone", "번호"]
    assert cut("phone#Person1##Person2#은 밥을 먹었다.") == ["phone", "밥", "먹다"]
    assert cut("#Address #phone#") == ["Address", "phone"]  # no placeholder: what is there


def test_the_high_figures_are_the_nearest_rank() -> None:
    assert middle_and_most(list(range(1, 101))) == ["50", "95", "100"]
    assert middle_and_most([7]) == ["7", "7", "7"]


def test_the_page_shows_the_figures_and_every_text_as_text(data: Path) -> None:
    html = eda(str(data)).html
    assert html == eda(str(data)).html
    assert html.count("<script") == 2
    assert (
        html.count("&lt;script&gt;document.title=&#39;taken over&#39;&lt;/script&gt;") == 1
    )  # the topic
    for section in ("lengths", "speakers", "placeholders", "repeats", "topics", "words", "tokens"):
        assert f'<section id="{section}"' in html
    ids = re.findall(r'\bid="([^"]*)"', html)
    assert len(ids) == len(set(ids))


def test_a_file_without_topics_or_references_has_no_sections_for_them(tmp_path: Path) -> None:
    path = tmp_path / "test.csv"
    path.write_text("fname,dialogue\nt_0,#Person1#: 안녕하세요.\n", encoding="utf-8")
    html = eda(str(path)).html
    assert 'id="topics"' not in html
    assert "Characters per reference" not in html
    assert "None: the stage clean would change nothing." in html


def test_without_mecab_the_page_says_what_is_missing(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise TokenizerMissing("no mecab here")

    monkeypatch.setattr(eda_module, "content_words", missing)
    assert "no mecab here" in eda(str(data)).html


def test_other_columns_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("fname,text\nt_0,#Person1#: 안녕하세요.\n", encoding="utf-8")
    ran = pivot_sum(tmp_path, "eda", path, "--set", "data.columns.dialogue=text")
    assert re.search(r": 1 dialogue, ", ran.stdout)
    page = re.sub(r"<[^>]*>", "", (tmp_path / "eda.html").read_text(encoding="utf-8"))
    assert re.search(r"1\s*dialogue\s*1\s*turn, median 1 per dialogue", page)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert (
        "There is no file nowhere.csv" in pivot_sum(tmp_path, "eda", "nowhere.csv", code=10).message
    )
