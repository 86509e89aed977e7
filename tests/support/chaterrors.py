"""Error messages of chat-completions servers, in the forms of their makers.

Read in OpenAI's documentation, in vLLM (`ErrorResponse`: nested, with the status as `code`; before
0.10 not nested; a missing key is `{"error": "Unauthorized"}`), in Ollama (`NewError`: type by
status, no code, and 404 "try pulling it first") and in FastAPI, on which `transformers serve`
stands (`detail`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from faulthttp import WAITS

NAMED = {
    "context too long": 400,
    "unsupported parameter": 400,
    "filtered prompt": 400,
    "no credit": 429,
}
"""Refusals that share their status with others, and mean something else."""
STATUSES = (400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 529)
REFUSALS = (*(str(status) for status in STATUSES), *WAITS, *NAMED)
"""Faults of the status: the model has read nothing, and nothing is billed."""

_CODES = {
    "401": ("invalid_request_error", "invalid_api_key"),
    "404": ("invalid_request_error", "model_not_found"),
    "429": ("requests", "rate_limit_exceeded"),
    "500": ("server_error", None),
    "503": ("server_error", None),
    "context too long": ("invalid_request_error", "context_length_exceeded"),
    "unsupported parameter": ("invalid_request_error", "unsupported_parameter"),
    "filtered prompt": ("invalid_request_error", "content_filter"),
    "no credit": ("insufficient_quota", "insufficient_quota"),
}
"""OpenAI's type and code of an error."""
_VLLM_TYPES = {400: "BadRequestError", 404: "NotFoundError", 422: "UnprocessableEntityError"}
_OLLAMA_TYPES = {400: "invalid_request_error", 404: "not_found_error"}


def _message(fault: str, model: str, key: str) -> str:
    match fault:
        case "401":
            return f"Incorrect API key provided: {key}. You can find your key in your account."
        case "404":
            return f"The model `{model}` does not exist."
        case "context too long":
            return (
                "This model's maximum context length is 8192 tokens. However, your messages"
                " resulted in 9001 tokens. Please reduce the length of the messages."
            )
        case "unsupported parameter":
            return "Unsupported parameter: 'temperature' is not supported with this model."
        case "filtered prompt":
            return "The response was filtered due to the prompt triggering the content policy."
        case "no credit":
            return "You exceeded your current quota, please check your plan and billing details."
    return f"fault {fault[:3]} for the key {key}"


def _openai(status: int, message: str, fault: str, model: str) -> dict[str, Any]:
    kind, code = _CODES.get(fault if fault in NAMED else fault[:3], ("", ""))
    about = {"message": message, "type": kind or "invalid_request_error", "param": None}
    return {"error": {**about, "code": code or None}}


def _vllm(status: int, message: str, fault: str, model: str) -> dict[str, Any]:
    if status == 401:
        return {"error": "Unauthorized"}
    kind = _VLLM_TYPES.get(status, "InternalServerError")
    return {"error": {"message": message, "type": kind, "param": None, "code": status}}


def _old_vllm(status: int, message: str, fault: str, model: str) -> dict[str, Any]:
    found = _vllm(status, message, fault, model)
    return found if status == 401 else {"object": "error", **found["error"]}


def _ollama(status: int, message: str, fault: str, model: str) -> dict[str, Any]:
    if status == 404:
        message = f"model '{model}' not found, try pulling it first"
    kind = _OLLAMA_TYPES.get(status, "api_error")
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


def _fastapi(status: int, message: str, fault: str, model: str) -> dict[str, Any]:
    return {"detail": message}


MAKERS: dict[str, Callable[[int, str, str, str], dict[str, Any]]] = {
    "openai": _openai,
    "vllm": _vllm,
    "vllm before 0.10": _old_vllm,
    "ollama": _ollama,
    "fastapi": _fastapi,
}


def status_of(fault: str) -> int:
    """The status of a refusal."""
    return NAMED.get(fault) or int(fault[:3])


def error_body(maker: str, fault: str, model: str, key: str) -> dict[str, Any]:
    """The body of a refusal: a status, or a name in `NAMED`. It quotes the key wherever a maker
    might."""
    return MAKERS[maker](status_of(fault), _message(fault, model, key), fault, model)
