"""What can go wrong in the application, each with the exit code the command line returns
(docs/errors.md lists them all).

`stages` and `cache` cannot import this file, so each has errors of its own; all are
`PivotSumError`s, and the command line shows them the same way. Anything else is a bug and stays a
traceback.
"""

from __future__ import annotations

from pivot_sum import PivotSumError as PivotSumError


class CacheMiss(PivotSumError):
    """`--offline`, or a part of a recipe, needs results that are not in the cache."""

    exit_code = 3


class DataFileMissing(PivotSumError):
    """The data file does not exist."""

    exit_code = 10


class DataUnreadable(PivotSumError):
    """The data file is not a table we can read: binary, damaged, or of an unknown kind or
    encoding.
    """

    exit_code = 11


class ColumnMissing(PivotSumError):
    """The data file has no such column."""

    exit_code = 12


class DuplicateIds(PivotSumError):
    """Two rows of the data file share an id."""

    exit_code = 13


class DataEmpty(PivotSumError):
    """The data file holds no rows."""

    exit_code = 14


class DialogueEmpty(PivotSumError):
    """A row of the data file has no dialogue, or no id."""

    exit_code = 15


class DataUnwritable(PivotSumError):
    """A data file cannot be written: it exists, its kind is none we write, or the disk refuses."""

    exit_code = 16


class DataOverlaps(PivotSumError):
    """Data holds dialogues of the files it is to be kept apart from."""

    exit_code = 17


class SplitRefused(PivotSumError):
    """A data file cannot be split as asked."""

    exit_code = 18


class AugmentationRefused(PivotSumError):
    """Nothing can be augmented as asked: no way was named, or what it needs is not there."""

    exit_code = 19


class RecipeInvalid(PivotSumError):
    """The recipe has mistakes; the message lists all of them."""

    exit_code = 20


class UnknownStep(PivotSumError):
    """`--stages` or `--set` names a step or field the recipe does not have."""

    exit_code = 21


class RecipeMissing(PivotSumError):
    """There is no such recipe."""

    exit_code = 22


class RecipeUnwritable(PivotSumError):
    """A recipe cannot be written: the file exists, its folder is not writable, or the change does
    not fit its YAML."""

    exit_code = 23


class RunFolderError(PivotSumError):
    """A run folder cannot be read or written."""

    exit_code = 50


class PredictionsUnreadable(PivotSumError):
    """A predictions file cannot be read: missing, damaged, without the columns we know, or an id
    twice."""

    exit_code = 51


class ScoreRefused(PivotSumError):
    """The scores would mean nothing: no references, ids that do not match, or the wrong script."""

    exit_code = 52


class TokenizerMissing(PivotSumError):
    """The tokenizer for scoring cannot be had here; never replaced by another without being
    asked.
    """

    exit_code = 53


class SubmissionRefused(PivotSumError):
    """A predictions file is not what the test set wants, or a fixed one cannot be written."""

    exit_code = 54


class OracleMissing(PivotSumError):
    """The data lacks what should take a step's place, or the recipe has no shape that oracles could
    be put into."""

    exit_code = 55


class NotComparable(PivotSumError):
    """The systems of a comparison do not answer the same dialogues, or one of them is no
    finished run of its own."""

    exit_code = 56


class OracleRefused(PivotSumError):
    """Predictions were asked for, or given, that come from a run in which an oracle took the place
    of a step."""

    exit_code = 57


class PageUnwritable(PivotSumError):
    """The page of `report` or `eda` cannot be written, or would replace a file that is no such
    page."""

    exit_code = 58


class RuleRefused(PivotSumError):
    """A routing rule cannot be read or written, or was learned from other candidates."""

    exit_code = 59


class BudgetRefused(PivotSumError):
    """`--budget` is no amount, or it is not clear, or cannot be counted, in which unit."""

    exit_code = 66


class ExecutorRefused(PivotSumError):
    """Nothing can be computed where `--on` says: Ray is missing, cannot be reached, is another
    version, or has no room."""

    exit_code = 67


class MetricInvalid(PivotSumError):
    """There is no metric of that name, it cannot be loaded, or it gave something else than a number
    for each summary."""

    exit_code = 70


class PredictionRefused(PivotSumError):
    """What a pivot gains cannot be predicted: the recipe is none, or there is no such measure."""

    exit_code = 76


class AverageRefused(PivotSumError):
    """Checkpoints cannot be averaged: they do not fit together, are not there, or the result cannot
    be written."""

    exit_code = 78


class TrainingRefused(PivotSumError):
    """A recipe, a model and data that cannot be trained together, or a package that is missing."""

    exit_code = 80


class TrainingDataRefused(PivotSumError):
    """Data that nothing can be learned from or scored on: no dev file, rows without a target, texts
    in another language than the recipe's."""

    exit_code = 81


class TrainingFolderError(PivotSumError):
    """A training's folder holds another training or something else, another process trains in it,
    or it cannot be read or written."""

    exit_code = 82


class TrainingStopped(PivotSumError):
    """A training that had to end: no room for a checkpoint, memory too small for one sample, a loss
    that is no number. Its checkpoints are kept."""

    exit_code = 83


class TrainingDiverged(TrainingStopped):
    """A loss that is no number (NaN). The same training ends so again; a search goes on with other
    values."""

    exit_code = 86


class TrackingRefused(PivotSumError):
    """A tracking tool that is unknown, not installed, without a key, or that cannot begin, log or
    end a run."""

    exit_code = 84


class TuningRefused(PivotSumError):
    """A search without ranges, or whose folder or study file holds another one or cannot be
    used."""

    exit_code = 85
