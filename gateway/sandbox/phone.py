"""A recipient's handset: what it got, and how its reply reaches the gateway's webhook, signed as Twilio signs."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha1
from secrets import token_hex
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import aiohttp

ACCOUNT = "AC" + "0" * 32


def reply_form(number: str, to: str, text: str) -> dict[str, str]:
    """The fields of Twilio's inbound webhook."""
    sid = f"SM{token_hex(16)}"
    return {
        "ToCountry": "US",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "SmsSid": sid,
        "SmsStatus": "received",
        "Body": text,
        "FromCountry": "US",
        "To": to,
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": ACCOUNT,
        "From": number,
        "ApiVersion": "2010-04-01",
    }


def signature(url: str, form: Mapping[str, str], token: str) -> str:
    """X-Twilio-Signature: HMAC-SHA1 over the URL and the sorted fields."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return b64encode(hmac.new(token.encode(), signed.encode(), sha1).digest()).decode()


class Phone:
    """Replies from any handset to one gateway."""

    def __init__(self, webhook: str, public_url: str, token: str) -> None:
        """`webhook` is where the gateway really listens, `public_url` what Twilio believes it calls."""
        self._webhook = webhook
        self._public_url = public_url
        self._token = token

    async def reply(self, number: str, to: str, text: str) -> tuple[int, list[str]]:
        """The gateway's status, and what texts its answer sends back to the handset."""
        form = reply_form(number, to, text)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": signature(self._public_url, form, self._token),
            "User-Agent": "TwilioProxy/1.1",
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(self._webhook, data=urlencode(form), headers=headers) as answer,
        ):
            return answer.status, _texts(await answer.text())


def _texts(twiml: str) -> list[str]:
    try:
        return ["".join(each.itertext()).strip() for each in ET.fromstring(twiml).iter("Message")]  # noqa: S314 our own
    except ET.ParseError:
        return []
