"""Why a model of the hub cannot be had, and what to do next: one message for each of the hub's many
errors."""

from __future__ import annotations

import difflib

from pivot_sum.stages.errors import ModelUnreachable
from pivot_sum.stages.models.catalogue import CATALOGUE

_PAGE = "https://huggingface.co"
_NEAR = 0.8
"""How alike an unknown id and one of the catalogue have to be, 0 to 1 (difflib's ratio)."""


def unreachable(
    name: str, revision: str, error: Exception, lacking: list[str] | None = None
) -> ModelUnreachable:
    """The error to raise for a model the hub client could not fetch; `lacking` are files missing
    from the copy that was fetched before, if there is one."""
    if error.__cause__ is not None and type(error).__name__ == "LocalEntryNotFoundError":
        # The hub client looked for a copy after the hub had failed: the hub's error is the reason.
        error = error.__cause__ if isinstance(error.__cause__, Exception) else error
    reason, advice = _explained(name, error)
    if lacking:
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        reason += f"; the copy begun earlier lacks {', '.join(lacking[:3])}{more}"
    said = f"model {name!r} (revision {revision}) cannot be reached: {reason}. {advice}"
    return ModelUnreachable(
        f"{said}, give a local folder instead (--set STEP.model=FOLDER), or replay what is cached"
        " with --offline",
        said,
    )


def _explained(name: str, error: Exception) -> tuple[str, str]:
    """What went wrong, and what to do, as halves of a sentence."""
    from huggingface_hub import errors, get_token

    page = f"{_PAGE}/{name}"
    with_token = get_token() is not None
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.OfflineModeIsEnabled):
        return (
            "HF_HUB_OFFLINE is set, and this machine has no whole copy of it",
            "Unset HF_HUB_OFFLINE once to fetch it",
        )
    if isinstance(error, errors.GatedRepoError):
        who = "the account of the token has not been let in" if with_token else "no token is set"
        return (
            f"it is gated, and {who}",
            f"Accept its licence on {page} and set the environment variable HF_TOKEN to a token of"
            f" that account ({_PAGE}/settings/tokens)",
        )
    # Without a token the hub says 401 both to what does not exist and to what is private.
    if isinstance(error, errors.RepositoryNotFoundError) or (status == 401 and not with_token):
        return (
            f"the hub has no model of this name, or it is private{_nearest(name)}",
            f"Check the spelling ({page}); for a private or gated model set the environment"
            " variable HF_TOKEN to a token of an account that may read it",
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return (
            "the model has no branch, tag or commit of this name",
            f"See which it has on {page}/tree/main",
        )
    if isinstance(error, errors.EntryNotFoundError) and status == 404:
        return ("it has no config.json, so it is no model of transformers", f"See {page}")
    if status == 429:
        return (
            "the hub answers no more requests from here for now (429, too many requests)",
            "Wait some minutes and type the same command again, or set the environment variable"
            " HF_TOKEN, which allows more requests",
        )
    if status in (401, 403):
        whose = "the token in HF_TOKEN" if with_token else "requests without a token (HF_TOKEN)"
        return (
            f"the hub refuses {whose} ({status})",
            "Set the environment variable HF_TOKEN to a token that may read"
            f" {page} ({_PAGE}/settings/tokens)",
        )
    if status is not None and status >= 500:
        return (f"the hub has trouble of its own ({status})", "Try again later")
    # httpx, or httpx2: the hub client has changed its HTTP library before.
    if isinstance(error, (ConnectionError, TimeoutError)) or type(error).__module__.startswith(
        "httpx"
    ):
        return (
            f"no connection to the hub ({_first_line(error)})",
            "Check the network (a proxy goes into HTTPS_PROXY, a mirror into HF_ENDPOINT)",
        )
    return _first_line(error), "Check the id and the network"


def _nearest(name: str) -> str:
    """A question naming the model of the catalogue that may have been meant."""
    known = {preset.model.lower(): preset.model for preset in CATALOGUE}
    near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=_NEAR)
    return f" (did you mean {known[near[0]]!r}?)" if near and known[near[0]] != name else ""


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
