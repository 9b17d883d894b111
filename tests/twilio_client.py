"""Twilio's own SDK, pointed at another host and otherwise as it comes."""

from __future__ import annotations

from typing import Any

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

ACCOUNT = "AC" + "0" * 32


class _Redirected(TwilioHttpClient):
    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=20)
        self._base_url = base_url

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        return super().request(method, url.replace("https://api.twilio.com", self._base_url), *args, **kwargs)


def client_for(base_url: str) -> Client:
    return Client(ACCOUNT, "test-token", http_client=_Redirected(base_url))
