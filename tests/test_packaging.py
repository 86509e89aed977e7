"""What is installed: the names a wheel takes, the files it holds, what the image is built from."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PARTS = {
    "pivot_sum": "pivot_sum",
    "stages": "pivot_sum/stages",
    "cache": "pivot_sum/cache",
    "configs": "pivot_sum/configs",
}
"""The folders of the checkout, and where each lies in a wheel."""
INSTALL = "pip install -c constraints.txt ."


def files(folder: Path) -> list[Path]:
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution, and the wheel made from it, by the setuptools that is installed."""
    pytest.importorskip("setuptools", "77", reason="it builds the wheel; pip install setuptools")
    place = tmp_path_factory.mktemp("packaging")
    checkout = place / "checkout"
    # As .ci/run does: a leftover build/ would put modules of yesterday into the wheel.
    for folder in (*PARTS, "benchmarks", "docs", "tests"):
        shutil.copytree(
            ROOT / folder, checkout / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for path in ROOT.iterdir():
        if path.is_file() and path.name != ".git":
            shutil.copy2(path, checkout)

    def build(what: str, folder: Path) -> None:
        code = f"from setuptools import build_meta; build_meta.build_{what}({str(place)!r})"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, done.stderr

    build("sdist", checkout)
    [archive] = place.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(place / "unpacked", filter="data")
    [unpacked] = (place / "unpacked").iterdir()
    build("wheel", unpacked)
    return place


@pytest.mark.slow
def test_a_wheel_takes_one_name_and_holds_every_file_of_the_packages(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    [info] = {name.split("/")[0] for name in names} - {"pivot_sum"}
    assert re.fullmatch(r"pivot_sum-[0-9.]+\.dist-info", info)
    wanted = {
        f"{inside}/{path.relative_to(ROOT / folder).as_posix()}"
        for folder, inside in PARTS.items()
        for path in files(ROOT / folder)
    }
    assert {name for name in names if not name.startswith(info)} == wanted


@pytest.mark.slow
def test_a_source_distribution_can_be_installed_tested_and_made_an_image_of(built: Path) -> None:
    [unpacked] = (built / "unpacked").iterdir()
    for name in ("constraints.txt", "CONTRIBUTING.md", "Dockerfile", "tests", "docs", "benchmarks"):
        assert (unpacked / name).exists(), name
    for folder in (*PARTS, "tests"):
        assert [path.relative_to(unpacked) for path in files(unpacked / folder)] == [
            path.relative_to(ROOT) for path in files(ROOT / folder)
        ]


def instructions(name: str) -> list[str]:
    """The values of one instruction of the Dockerfile."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
    return [line.partition(" ")[2] for line in text.splitlines() if line.startswith(f"{name} ")]


def test_the_image_is_built_from_files_that_are_there_and_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line.removeprefix("!") for line in lines if line.startswith("!")}
    copied = {source for line in instructions("COPY") for source in line.split()[:-1]}
    assert copied == kept
    assert all((ROOT / source).exists() for source in copied)
    assert copied >= PARTS.keys()


def test_the_image_installs_as_the_readme_says_and_runs_as_nobody_special() -> None:
    assert INSTALL in (ROOT / "README.md").read_text(encoding="utf-8")
    assert any(INSTALL in line for line in instructions("RUN"))
    assert instructions("USER") == ["1000:1000"]
    assert instructions("ENTRYPOINT") == ['["pivot-sum"]']
    assert instructions("VOLUME") == ["/work"]


def test_every_pinned_version_lies_within_the_bounds() -> None:
    """README, CI and the image install with `-c constraints.txt`: a bound it breaks would break
    them all."""
    import tomllib

    requirements = pytest.importorskip("packaging.requirements")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = dict(
        line.lower().replace("_", "-").split("==")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    )
    optional = settings["optional-dependencies"].values()
    for text in (*settings["dependencies"], *(text for extra in optional for text in extra)):
        wanted = requirements.Requirement(text)
        version = pinned[wanted.name.lower().replace("_", "-")]
        assert wanted.specifier.contains(version), f"{text}: constraints.txt pins {version}"
