"""A connection to Ray: a cluster of this machine alone, for one run, or one that is there."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import threading
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from pivot_sum.errors import ExecutorRefused
from pivot_sum.running.executor import RAY, Where
from pivot_sum.stages.engines.devices import cpu_cores

CONNECT_SECONDS = 5.0
"""How long an address may take to answer at all."""

CLIENT = "ray://"
CLIENT_PORT = 10001
"""Where Ray listens for drivers outside of the cluster, if the address says nothing else."""

OBJECT_STORE = 128 * 1024 * 1024
"""Bytes of shared memory of a cluster of our own. What is sent are texts, a block at a time."""

_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # the node's address is the loopback's, as there
    "RAY_ENABLE_AUTO_CONNECT": "0",  # what is lost is not replaced in silence by a cluster here
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # Ray would print to stdout what became of workers
}
"""What Ray reads when it is imported; what the user has set stays."""

_OURS_ALONE = {
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),  # Ray keeps the first one that a process has
}
"""Keeps everybody else on this machine out of a cluster of our own."""


class Room(NamedTuple):
    """What a step's actors get: how many there are, and of each the cores and the share of GPUs."""

    actors: int
    cores: int
    gpus: float


def check(where: Where) -> None:
    """Raises `ExecutorRefused` where Ray is not installed, or what was typed is no address."""
    _parsed(where.on)
    if find_spec("ray") is None:
        raise ExecutorRefused(
            f'--on {where.on} needs Ray, which is not installed: pip install "pivot-sum[ray]"'
        )


class Cluster:
    """Ray, connected. Leave it by `close`."""

    def __init__(self, on: str) -> None:
        """Raises `ExecutorRefused` where Ray cannot be started or joined."""
        self._closing = ExitStack()
        self.on = on
        self.ray = ray = _imported(on)
        if ray.is_initialized():  # by the caller, who also ends it
            return
        place = _parsed(on)
        if place is None:
            options = self._alone()
        else:
            _reach(on, *place)
            options = {"address": on}
        self._closing.callback(_on_sigterm, signal.getsignal(signal.SIGTERM))
        self._closing.callback(ray.shutdown)
        try:
            ray.init(**options, log_to_driver=False, logging_level=logging.ERROR)
        # Ray raises whatever lies beneath: ConnectionError, RuntimeError (another version),
        # ValueError, OSError, its own errors, grpc's.
        except Exception as error:
            self.close()
            raise ExecutorRefused(f"--on {on}: {said(error)}") from error
        _on_sigterm(signal.default_int_handler)  # SIGTERM ends a run as Ctrl-C does

    def room(self, where: Where) -> Room:
        """What the actors get. Raises `ExecutorRefused` where the cluster has not as much."""
        nodes = [node["Resources"] for node in self.ray.nodes() if node["Alive"]]
        cores, there = (sum(node.get(name, 0) for node in nodes) for name in ("CPU", "GPU"))
        gpus = where.gpus if where.gpus is not None else float(there > 0)
        # Of each machine with room for any: its cores, and the most actors.
        able = [
            (node["CPU"], int(min(node["CPU"], node.get("GPU", 0) / gpus if gpus else node["CPU"])))
            for node in nodes
            if node.get("CPU", 0) >= 1 and node.get("GPU", 0) >= gpus
        ]
        most = sum(places for _, places in able)
        actors = where.actors or (most if gpus else len(able))
        if not 0 < actors <= most:
            raise ExecutorRefused(
                f"--on {self.on}: no room for {max(actors, 1):,} actors with a core and"
                f" {gpus:g} GPUs each; the cluster has {cores:g} cores and {there:g} GPUs on"
                f" {len(nodes):,} machines. Set --actors and --gpus-per-actor"
            )
        if gpus:
            each = min(cpus / places for cpus, places in able)
        else:
            each = min(cpus for cpus, _ in able) / -(-actors // len(able))
        return Room(actors, max(1, int(each)), gpus)

    def close(self) -> None:
        """Leave the cluster; one of our own ends."""
        self._closing.close()

    def _alone(self) -> dict[str, Any]:
        # Ray opens its folder to everybody; the one around it is ours alone. It stands at the top,
        # for the path of a socket may have 107 bytes.
        top = Path("/tmp") if Path("/tmp").is_dir() else None
        folder = tempfile.mkdtemp(prefix="pivot-sum-", dir=top)
        self._closing.callback(shutil.rmtree, folder, ignore_errors=True)
        return {
            "address": "local",
            "num_cpus": cpu_cores(),
            "include_dashboard": False,
            "object_store_memory": OBJECT_STORE,
            "_node_ip_address": "127.0.0.1",
            "_temp_dir": str(Path(folder) / "ray"),
        }


def _imported(on: str) -> Any:
    """Ray, told by the environment what it has to know before. Raises `ExecutorRefused`."""
    if on == RAY and "ray" in sys.modules and not _told:
        import ray

        if not ray.is_initialized():
            raise ExecutorRefused(
                "--on ray: Ray was imported before it could be told to keep to this machine; leave"
                " its import to pivot-sum, or call ray.init() before"
            )
    _told.add(on)
    for name, value in (_ENVIRONMENT | (_OURS_ALONE if on == RAY else {})).items():
        os.environ.setdefault(name, value)
    import ray

    return ray


_told: set[str] = set()
"""What Ray was imported for by us."""


def _parsed(on: str) -> tuple[str, int] | None:
    """The host and port of a cluster; None for this machine. Raises `ExecutorRefused`."""
    if on == RAY:
        return None
    host, _, port = on.removeprefix(CLIENT).rpartition(":")
    if on.startswith(CLIENT) and not host:
        host, port = port, str(CLIENT_PORT)
    if not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ExecutorRefused(
            f"--on {on}: give local, ray (this machine), ray://HOST (a Ray cluster), or HOST:PORT"
            " (on a machine of the cluster)"
        )
    return host.strip("[]"), int(port)


def _reach(on: str, host: str, port: int) -> None:
    """Raises `ExecutorRefused` where nobody listens, or somebody else: Ray itself would go on
    trying for minutes."""
    import grpc

    what = "Is the cluster running, and this its address? See `ray status` there"
    try:
        socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        reason = error.strerror or error
        raise ExecutorRefused(
            f"--on {on}: nobody answers at {host}:{port} ({reason}). {what}"
        ) from error
    if os.environ.get("RAY_USE_TLS", "0") != "0":
        return  # with Ray's certificates, not ours to try
    with grpc.insecure_channel(f"{host}:{port}") as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=CONNECT_SECONDS)
        except grpc.FutureTimeoutError as error:
            raise ExecutorRefused(
                f"--on {on}: what answers at {host}:{port} is no Ray. {what}"
            ) from error


def _on_sigterm(handler: Any) -> None:
    """Handle SIGTERM so. Ray's own handler prints a stack trace and aborts."""
    if threading.current_thread() is threading.main_thread():  # no other one may
        signal.signal(signal.SIGTERM, handler)


def said(error: BaseException) -> str:
    """What an error of Ray's says, on one line and not at length."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[-500:]}" if text else type(error).__name__
