"""The tools a run is tracked with. Each writes where it writes by itself, below the working folder
or as its own environment variables say, and takes its key from where it keeps it."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal, Protocol, get_args

from pivot_sum.errors import TrackingRefused
from pivot_sum.wording import did_you_mean

log = logging.getLogger(__name__)

Tool = Literal["wandb", "tensorboard", "mlflow"]
TOOLS: Final[tuple[Tool, ...]] = get_args(Tool)

PROJECT: Final = "pivot-sum"
"""The project (Weights & Biases) or experiment (MLflow) where the environment names no other."""

_QUIET: Final = {"WANDB_ERROR_REPORTING": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
"""What these tools send to their makers about themselves, which is none of a user's logging."""


@dataclass(frozen=True)
class Asked:
    """What a run is called and made with: nested values, none of them a text of the data. Runs of
    one `group` belong together."""

    name: str
    config: Mapping[str, Any]
    group: str | None = None


class TrackedRun(Protocol):
    """A run in one tool."""

    def callback(self) -> Any:
        """The callback of transformers' trainer that logs into this run."""
        ...

    def add_config(self, values: Mapping[str, Any]) -> None:
        """Say more about what the run was made with."""
        ...

    def log(self, values: Mapping[str, float]) -> None:
        """Log values that belong to the run as a whole."""
        ...

    def close(self, failed: bool) -> None:
        """End the run."""
        ...


class _Wandb:
    def __init__(self, asked: Asked) -> None:
        import wandb

        # Without what is printed: summaries are texts of the data.
        self.run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            name=asked.name,
            group=asked.group,
            config=dict(asked.config),
            settings=wandb.Settings(console="off"),
        )

    def callback(self) -> Any:
        from transformers.integrations import WandbCallback

        return WandbCallback()

    def add_config(self, values: Mapping[str, Any]) -> None:
        self.run.config.update(dict(values), allow_val_change=True)  # type: ignore[no-untyped-call]  # wandb types only a part

    def log(self, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.run.summary[name] = value

    def close(self, failed: bool) -> None:
        self.run.finish(exit_code=int(failed))


class _TensorBoard:
    """Writes event files below `$TENSORBOARD_LOGGING_DIR` or `tensorboard/`."""

    def __init__(self, asked: Asked) -> None:
        from torch.utils.tensorboard import SummaryWriter

        root = Path(os.environ.get("TENSORBOARD_LOGGING_DIR", "tensorboard"))
        self.folder = _new(root / (asked.group or ""), asked.name)
        self.writer = SummaryWriter(str(self.folder))
        self.add_config(asked.config)

    def callback(self) -> Any:
        from torch.utils.tensorboard import SummaryWriter
        from transformers.integrations import TensorBoardCallback

        # A writer of its own, because the callback closes it when the training ends.
        return TensorBoardCallback(SummaryWriter(str(self.folder)))

    def add_config(self, values: Mapping[str, Any]) -> None:
        for key, value in flat(values).items():
            self.writer.add_text(f"config/{key}", f"`{value}`")
        self.writer.flush()

    def log(self, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self.writer.add_scalar(name, value)

    def close(self, failed: bool) -> None:
        self.writer.close()


class _MLflow:
    def __init__(self, asked: Asked) -> None:
        import logging

        logging.getLogger("alembic").setLevel(logging.WARNING)
        import mlflow

        mlflow.set_experiment(os.environ.get("MLFLOW_EXPERIMENT_NAME", PROJECT))
        tags = {"group": asked.group} if asked.group else None
        self.mlflow: Any = mlflow
        mlflow.start_run(run_name=asked.name, tags=tags)
        self.add_config(asked.config)

    def callback(self) -> Any:
        from transformers.integrations import MLflowCallback

        return MLflowCallback()

    def add_config(self, values: Mapping[str, Any]) -> None:
        from mlflow.utils.validation import MAX_PARAM_VAL_LENGTH, MAX_PARAMS_TAGS_PER_BATCH

        items = [
            (_plain(key), str(value)[:MAX_PARAM_VAL_LENGTH]) for key, value in flat(values).items()
        ]
        for start in range(0, len(items), MAX_PARAMS_TAGS_PER_BATCH):
            self.mlflow.log_params(dict(items[start : start + MAX_PARAMS_TAGS_PER_BATCH]))

    def log(self, values: Mapping[str, float]) -> None:
        self.mlflow.log_metrics({_plain(name): value for name, value in values.items()})

    def close(self, failed: bool) -> None:
        self.mlflow.end_run("FAILED" if failed else "FINISHED")


_OPEN: Final[Mapping[Tool, Any]] = {
    "wandb": _Wandb,
    "tensorboard": _TensorBoard,
    "mlflow": _MLflow,
}


def require_tools(tools: Sequence[str]) -> list[Tool]:
    """The tools by these names, each of which can be used here: asked before anything is computed.

    Raises `TrackingRefused` for an unknown name, a missing package and a missing key.
    """
    named: list[Tool] = []
    for name in tools:
        found = next((tool for tool in TOOLS if tool == name), None)
        if found is None:
            raise TrackingRefused(
                f"there is no tracking by {name!r}{did_you_mean(name, TOOLS)}; it is one of"
                f" {', '.join(TOOLS)}"
            )
        named += [] if found in named else [found]
    if missing := [name for name in named if find_spec(name) is None]:
        raise TrackingRefused(
            f"tracking by {' and '.join(missing)} needs a package that is not installed:"
            " pip install 'pivot-sum[tracking]'"
        )
    for variable, value in _QUIET.items():
        os.environ.setdefault(variable, value)
    if "wandb" in named:
        _require_wandb_key()
    return named


def _require_wandb_key() -> None:
    """A key that Weights & Biases has, or a mode that needs none: it would ask for one else."""
    import wandb

    settings = wandb.setup().settings
    if settings.mode in ("offline", "disabled", "dryrun"):
        return
    if not wandb.login(prompt=False, verify=False):
        raise TrackingRefused(
            "Weights & Biases has no key here. Type `wandb login`, set WANDB_API_KEY, or keep the"
            " runs on this machine with WANDB_MODE=offline"
        )


@contextmanager
def tracked(tools: Sequence[str], asked: Asked) -> Iterator[list[TrackedRun]]:
    """A run in each tool while the block lasts; it has failed where the block raises. Every one is
    ended, also where another tool cannot end its own.

    Raises `TrackingRefused` where a tool cannot begin, log or end a run.
    """
    runs: list[TrackedRun] = []
    failed = True

    def close(run: TrackedRun) -> None:
        run.close(failed)

    with ExitStack() as stack:
        for tool in require_tools(tools):
            run = _Explained(tool, asked)
            stack.callback(close, run)
            runs.append(run)
        yield runs
        failed = False


class _Explained:
    """A run in a tool, whose errors are `TrackingRefused`."""

    def __init__(self, tool: Tool, asked: Asked) -> None:
        self.tool = tool
        with self._explained("begin"):
            self.run: TrackedRun = _OPEN[tool](asked)

    def callback(self) -> Any:
        return self.run.callback()

    def add_config(self, values: Mapping[str, Any]) -> None:
        with self._explained("log"):
            self.run.add_config(values)

    def log(self, values: Mapping[str, float]) -> None:
        with self._explained("log"):
            self.run.log(values)

    def close(self, failed: bool) -> None:
        try:
            with self._explained("end"):
                self.run.close(failed)
        except TrackingRefused as error:
            if not failed:
                raise
            log.warning("%s", error)  # why the run failed is what matters

    @contextmanager
    def _explained(self, does: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # each tool has errors of its own, and those of its network
            said = f"{self.tool} cannot {does} a run: {' '.join(str(error).split())[:300]}"
            if self.tool == "wandb":
                said += "; WANDB_MODE=offline keeps it on this machine"
            raise TrackingRefused(said) from error


def flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Nested values by dotted keys."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{above}{key}.")
        else:
            found[f"{above}{key}"] = value
    return found


def _plain(name: str) -> str:
    """The name with what MLflow allows in names."""
    return re.sub(r"[^\w\-. :/]", "_", name, flags=re.ASCII)


def _new(root: Path, name: str) -> Path:
    """A folder of that name that is not there yet."""
    folder, count = root / name, 1
    while folder.exists():
        count += 1
        folder = root / f"{name}-{count}"
    return folder
