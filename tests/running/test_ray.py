"""Runs on Ray's actors: the same bytes as in one process, whatever is killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from commandline import everything_in
from outsidestages import SHOUTING, shouting_step
from ray_executor import descendants

from pivot_sum.cache import Cache
from pivot_sum.errors import ExecutorRefused
from pivot_sum.running.execute import Request, execute
from pivot_sum.running.executor import Where
from pivot_sum.running.ray_cluster import Cluster
from pivot_sum.stages.errors import Unanswered

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        find_spec("ray") is None, reason='Ray is not installed: pip install "pivot-sum[ray]"'
    ),
]

RECIPE = """\
steps:
  - {name: clean, stage: clean}
  - {name: shout, stage: "shouting:Shout", over: turn}
"""
ASKED = [f"{number} 번째 손님이 지금 오시나요?" for number in range(60)]
ANSWERED = [f"네, {number} 번째 손님이 오고 계세요" for number in range(60)]
TURNS = len(ASKED + ANSWERED)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recipe and dialogues. `shout-local` is its run in one process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")  # one for each actor
    (tmp_path / "shouting.py").write_text(SHOUTING, encoding="utf-8")
    (tmp_path / "own.yaml").write_text(RECIPE, encoding="utf-8")
    rows = [
        {"fname": f"d{number}", "dialogue": f"#Person1#: {one}\n#Person2#: {other}"}
        for number, (one, other) in enumerate(zip(ASKED, ANSWERED, strict=True))
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (tmp_path / "data.jsonl").write_text("\n".join(lines), encoding="utf-8")
    execute(request("local"))
    return tmp_path


def request(name: str, *settings: str, where: Where | None = None) -> Request:
    given = {"cache": Path(f"{name}.sqlite3"), "out": Path(name)}
    return Request("own.yaml", "data.jsonl", settings=settings, where=where or Where(), **given)


RAY = Where("ray", actors=2)


def texts_of(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in everything_in(folder).items() if name != "run.json"}


def rows_of(name: str) -> dict[str, Any]:
    with Cache(Path(f"{name}.sqlite3"), read_only=True) as cache:
        return cache.get(shouting_step().resolved_identity(), ASKED + ANSWERED)


def same_as_local(name: str) -> bool:
    assert len(rows_of("local")) == TURNS
    return texts_of(Path(name)) == texts_of(Path("local")) and rows_of(name) == rows_of("local")


def test_the_demo_gives_the_bytes_of_a_local_run(project: Path) -> None:
    found = []
    for name, where in (("demo-local", Where()), ("demo-ray", RAY)):
        given = {"out": Path(name), "cache": Path(f"{name}.db"), "where": where}
        run = execute(Request("demo-pivot", limit=3, **given))
        steps = [step.model_copy(update={"seconds": 0}) for step in run.record.steps]
        with Cache(Path(f"{name}.db"), read_only=True) as cache:
            identities = [step.identity for step in run.record.steps]
            found.append((texts_of(Path(name)), steps, [cache.count(one) for one in identities]))
    assert found[0] == found[1]


def test_a_worker_that_is_killed_changes_nothing(project: Path) -> None:
    (project / "dies").touch()
    execute(request("ray", "shout.dies=네", where=RAY))
    assert not (project / "dies").exists()
    assert same_as_local("ray")


@pytest.mark.parametrize("form", ["ray://127.0.0.1:{client}", "127.0.0.1:{port}"])
def test_a_cluster_gives_the_same_bytes_and_loses_a_worker(
    project: Path, cluster: dict[str, int], form: str
) -> None:
    (project / "dies").touch()
    words = ["run", "own.yaml", "--data", "data.jsonl", "--cache", "ray.sqlite3", "--out", "ray"]
    words += ["--on", form.format(**cluster), "--actors", "2", "--set", "shout.dies=네", "--json"]
    # Ray's client and its driver cannot be in one process, one after the other.
    command = [sys.executable, "-m", "pivot_sum", *words, "--no-score"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "a worker was lost" in done.stderr and json.loads(done.stdout)
    assert not (project / "dies").exists()
    assert same_as_local("ray")


def test_a_driver_that_is_killed_leaves_nothing_behind_but_what_was_computed(
    project: Path,
) -> None:
    words = ["run", "own.yaml", "--data", "data.jsonl", "--cache", "ray.sqlite3", "--on", "ray"]
    words += ["--actors", "2", "--set", "shout.seconds=0.2", "--no-score"]
    command = [sys.executable, "-m", "pivot_sum", *words, "--out", "killed"]
    driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not Path("ray.sqlite3").exists() or not rows_of("ray"):
        assert driver.poll() is None and time.monotonic() < deadline
        time.sleep(0.2)
    children = descendants(driver.pid)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    kept = len(rows_of("ray"))
    assert children and 0 < kept < TURNS
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    run = execute(request("ray", where=RAY))
    assert run.record.steps[1].cached == kept
    assert same_as_local("ray")


def test_a_text_without_an_answer_fails_alone(project: Path) -> None:
    data = project / "data.jsonl"
    data.write_text(data.read_text("utf-8").replace("네, 7 ", "거절, 7 "), encoding="utf-8")
    with pytest.raises(Unanswered, match=r"1 text of 1 sample \(d7\) got no answer \(refused\)"):
        execute(request("ray", where=RAY))
    assert len(rows_of("ray")) == TURNS - 1


def test_only_this_machine_is_listened_to_and_keys_are_in_no_file(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEEPL_API_KEY", "a-secret-key")
    cluster = Cluster("ray")
    ray = cluster.ray
    try:
        folder = Path(ray._private.worker._global_node.get_session_dir_path())
        assert folder.parents[1].stat().st_mode & 0o077 == 0
        assert set(listening([os.getpid(), *descendants(os.getpid())])) == {"127.0.0.1"}
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert files and not any(b"a-secret-key" in path.read_bytes() for path in files)
    finally:
        cluster.close()
    assert not folder.exists() and not ray.is_initialized()


def test_what_is_no_ray_is_refused_soon(project: Path, server: int) -> None:
    began = time.monotonic()
    with pytest.raises(ExecutorRefused, match=r"what answers at .* is no Ray"):
        execute(request("ray", where=Where(f"127.0.0.1:{server}")))
    assert time.monotonic() - began < 60


def listening(processes: list[int]) -> Iterator[str]:
    """The addresses at which processes listen, as Linux shows them."""
    inodes = set()
    for process in processes:
        for link in Path(f"/proc/{process}/fd").glob("*"):
            try:
                inodes.add(os.readlink(link))
            except OSError:  # gone by now
                continue
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in inodes:
                # Hexadecimal, byte by byte from behind; an IPv4 address is the end of an IPv6 one.
                number = bytes.fromhex(words[1].split(":")[0][-8:])
                yield ".".join(map(str, reversed(number)))


@pytest.fixture
def cluster(project: Path) -> Iterator[dict[str, int]]:
    """The ports of a Ray cluster of one machine: for drivers on it, and for those elsewhere."""
    ports = {name: free_port() for name in ("port", "client")}
    words = [f"--port={ports['port']}", f"--ray-client-server-port={ports['client']}"]
    words += ["--include-dashboard=false", "--node-ip-address=127.0.0.1", "--num-cpus=2"]
    ray = Path(sys.executable).with_name("ray")
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as folder:
        head = subprocess.Popen(
            [ray, "start", "--head", "--block", *words, f"--temp-dir={folder}"],
            env=os.environ
            | {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_AUTH_MODE": "disabled"},
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 120
        while not all(map(answers_at, ports.values())):
            assert head.poll() is None and time.monotonic() < deadline
            time.sleep(0.2)
        yield ports
        for process in [*descendants(head.pid), head.pid]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        head.wait()


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def answers_at(port: int) -> bool:
    """Whether somebody listens at a port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def server() -> Iterator[int]:
    """The port of a web server."""
    from http.server import HTTPServer, SimpleHTTPRequestHandler
    from threading import Thread

    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as found:
        thread = Thread(target=found.serve_forever)
        thread.start()
        yield found.server_port
        found.shutdown()
        thread.join()
