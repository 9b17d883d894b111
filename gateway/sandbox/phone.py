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

from gateway.sandbox.smsc import ACCOUNT
from gateway.text.segments import segments

WITHIN = aiohttp.ClientTimeout(total=15)  # that Twilio waits for a webhook's answer


def reply_form(number: str, to: str, text: str) -> dict[str, str]:
    """The fields of Twilio's inbound webhook."""
    sid = f"SM{token_hex(16)}"
    return {
        "ToCountry": "US",
        "ToState": "",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ToCity": "",
        "FromZip": "",
        "SmsSid": sid,
        "FromState": "NY",
        "SmsStatus": "received",
        "FromCity": "NEW YORK",
        "Body": text,
        "FromCountry": "US",
        "To": to,
        "ToZip": "",
        "NumSegments": str(segments(text).count),
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
        """The gateway's status, and what texts its answer sends back to the handset. Raises aiohttp.ClientError."""
        form = reply_form(number, to, text)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": signature(self._public_url, form, self._token),
            "I-Twilio-Idempotency-Token": token_hex(16),
            "User-Agent": "TwilioProxy/1.1",
        }
        async with (
            aiohttp.ClientSession(timeout=WITHIN) as session,
            session.post(self._webhook, data=urlencode(form), headers=headers) as answer,
        ):
            return answer.status, _texts(await answer.text())


def _texts(twiml: str) -> list[str]:
    try:
        return ["".join(each.itertext()).strip() for each in ET.fromstring(twiml).iter("Message")]  # noqa: S314 our own
    except ET.ParseError:
        return []
