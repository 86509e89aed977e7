"""One request to DeepL over HTTP, and a look at the answer before anybody reads it.

The official package makes the requests and reads the answers; it is not left to send them. It does
not show a `Retry-After`, does not read proxies and certificates from the environment, has one
time-out for the whole process, and checks neither how many translations came back nor their types.
"""

from __future__ import annotations

import json
from typing import Any

import requests
from deepl.exceptions import DeepLException
from deepl.http_client import HttpClient

from pivot_sum.stages.services.failures import (
    NotMade,
    Refused,
    Untrusted,
    Unusable,
    broken_connection,
    may_have_arrived,
    seconds_of,
    text_of_error,
)
from pivot_sum.stages.services.network import trusted_certificates
from pivot_sum.stages.text.writable import unwritable


class OneTry(HttpClient):
    """Sends a request once and looks at the answer; stands in for the package's client, which tries
    again by itself."""

    def __init__(self, timeout: float) -> None:
        super().__init__(send_platform_info=False)
        self._timeout = timeout

    def request_with_backoff(  # type: ignore[no-untyped-def]  # so it is in the package
        self, method, url, data, json, headers, stream=False, **settings
    ):
        for dictionary in (json or {}).get("dictionaries", ()):
            # The package writes them in upper case; DeepL's OpenAPI knows them in lower case alone.
            for name in ("source_lang", "target_lang"):
                dictionary[name] = dictionary[name].lower()
        try:
            request = self._prepare_request(method, url, data, json, headers, **settings)
        except DeepLException as error:
            raise NotMade(str(error)) from None
        try:
            response = self._session.send(
                request,
                timeout=self._timeout,
                allow_redirects=False,  # the key goes nowhere but where it is meant for
                **self._surroundings(url),
            )
        except requests.Timeout as error:
            raise Unusable(
                f"no answer within {self._timeout:g} s",
                sent=may_have_arrived(error, requests.ConnectTimeout),
            ) from None
        except requests.RequestException as error:
            raise broken_connection(error, requests.ConnectTimeout) from None
        except OSError as error:  # the file of certificates is not there
            raise Untrusted(str(error)) from None
        response.encoding = "UTF-8"
        if not 200 <= response.status_code < 300:
            raise Refused(
                response.status_code,
                text_of_error(response.text),
                seconds_of(response.headers.get("Retry-After")),
            )
        texts = len(json["text"]) if json and "text" in json else None
        return response.status_code, _checked(response.text, texts)

    def _surroundings(self, url: str) -> dict[str, Any]:
        """Proxies and trusted certificates as the environment names them."""
        settings = self._session.merge_environment_settings(url, {}, False, None, None)
        if settings["verify"] is True:
            settings["verify"] = trusted_certificates() or True
        return {name: settings[name] for name in ("proxies", "verify", "cert")}


def _checked(content: str, texts: int | None) -> str:
    """The answer, where it is JSON with as many translations as `texts` were sent. A count that is
    no number becomes -1, as the package reads numbers alone. Raises `Unusable`."""
    try:
        answer = json.loads(content)
    except ValueError:
        raise Unusable("an answer that is not whole JSON") from None
    if texts is None:
        return content
    translations = answer.get("translations") if isinstance(answer, dict) else None
    if not isinstance(translations, list):
        raise Unusable("an answer without translations")
    if len(translations) != texts:
        raise Unusable(f"{len(translations)} translations for {texts} texts")
    for translation in translations:
        if not (isinstance(translation, dict) and isinstance(translation.get("text"), str)):
            raise Unusable("a translation that is not a text")
        if found := unwritable(translation["text"]):
            raise Unusable(f"a translation with {found}")
        if type(translation.get("billed_characters")) is not int:
            translation["billed_characters"] = -1
    return json.dumps(answer)
