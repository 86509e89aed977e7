"""What can go wrong inside a stage. Each message says what, where and what to do next; the runner
adds which step it was."""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from pivot_sum import PivotSumError


class StageError(PivotSumError):
    """A stage could not do its work. `exit_code` is what the command line returns; docs/errors.md
    lists them all."""

    exit_code: ClassVar[int] = 30


class ModelUnreachable(StageError):
    """The model's folder does not exist, or the model hub could not be asked for it.

    `of_hub`: what the hub's trouble is and what to do about it, without what to name in the model's
    place, which depends on where it is named. Empty where no hub was asked.
    """

    exit_code = 31

    def __init__(self, message: str, of_hub: str = "") -> None:
        super().__init__(message)
        self.of_hub = of_hub


class MissingTokenizer(StageError):
    """The model's folder holds weights but no tokenizer that can be loaded."""

    exit_code = 32


class DamagedModel(StageError):
    """The checkpoint cannot be read: a truncated file, a missing one, weights that do not fit the
    configuration."""

    exit_code = 33


class WrongCheckpoint(StageError):
    """The checkpoint is readable but not of a kind this stage can use, or does not know the
    language asked for."""

    exit_code = 34


class WrongLanguage(StageError):
    """The texts that came back are not in the language the stage promised."""

    exit_code = 35


class BadOutput(StageError):
    """A stage broke its contract: wrong number of answers, or an answer that is not a text."""

    exit_code = 36


class TextTooLong(StageError):
    """A text is longer than the model can read, and the stage was told to report that instead of
    splitting."""

    exit_code = 37


class StageUnknown(StageError):
    """No stage is called so, or the code it names cannot be imported or is no stage."""

    exit_code = 38


class FieldsInvalid(StageError, ValueError):
    """A stage made in Python has fields that cannot be, or do not go together. `mistakes`: each as
    `field: what is wrong`."""

    exit_code = 39

    def __init__(self, message: str, mistakes: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.mistakes = tuple(mistakes)


class KeyRefused(StageError):
    """The service's key is not set, cannot be a key, or the service does not accept it."""

    exit_code = 60


class QuotaExceeded(StageError):
    """The service's account has nothing left: its quota for this period, or its credit."""

    exit_code = 61


class BudgetExceeded(StageError):
    """The next request could be billed more than the run was allowed (`--budget`)."""

    exit_code = 62


class ServiceUnavailable(StageError):
    """The service cannot be reached, is overloaded, or gives unusable answers, also after several
    tries."""

    exit_code = 63


class ServiceRefused(StageError):
    """The service refused a request for a reason that trying again does not change."""

    exit_code = 64


class WorkersLost(StageError):
    """The processes that compute a stage ended, one after another, without computing anything."""

    exit_code = 68


class Unanswered(StageError):
    """A service gave no answer to some texts, only a refusal or an empty one, also when it was
    asked again. All other texts are answered."""

    exit_code = 65

    def __init__(
        self,
        texts: Collection[str],
        said: str,
        text: str,
        label: str = "",
        ids: Sequence[str] = (),
    ) -> None:
        """`texts`: those without an answer. `text`: what was asked where the service `said` so.
        `ids`: the samples they are of."""
        count = f"{len(texts):,} text{'s' if len(texts) != 1 else ''}"
        of = f" of {len(ids):,} sample{'s' if len(ids) != 1 else ''} ({some(ids)})" if ids else ""
        super().__init__(
            f"{label}{': ' if label else ''}{count}{of} got no answer ({said}), such as"
            f" {text[:60]!r}; all others are answered. Use another model or another prompt, or"
            " leave these dialogues out of the data"
        )
        self.texts = texts
        self.said = said
        self.text = text
        self.label = label
        self.ids = ids

    def __reduce__(self) -> tuple[Any, ...]:
        """Made again from its parts, where it comes from another process."""
        return type(self), (self.texts, self.said, self.text, self.label, self.ids)


def some(ids: Sequence[str]) -> str:
    """The first few of some ids, for a message."""
    return ", ".join(ids[:5]) + (", ..." if len(ids) > 5 else "")
