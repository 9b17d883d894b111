"""Opt-outs that are written to Twilio: `POST /v1/Consents/Bulk` of its Consent Management API (a pilot of Twilio's).

They can't be read back there. The API is at accounts.twilio.com, so that the upstream must be that host.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

import orjson

from gateway.dialects.heads import FORM, authorized
from gateway.dialects.optout_list import OptOutWriter, TheirOptOut
from gateway.words.errors import Unreadable
from gateway.words.wire import Credentials, Request, Response


class TwilioOptOuts(OptOutWriter):
    """The credentials are the account's or an API key's. An entry is of one number or messaging service."""

    most = 25
    by_sender = True

    def put(self, opt_outs: Sequence[TheirOptOut], credentials: Credentials) -> Request:
        items = [("Items", orjson.dumps(_item(one))) for one in opt_outs]
        body = urlencode(items).encode("ascii")
        headers = (
            (b"Content-Type", FORM.encode()),
            (b"Accept", b"application/json"),
            (b"Content-Length", b"%d" % len(body)),
        )
        return authorized(Request(b"POST", b"/v1/Consents/Bulk", headers, body), credentials)

    def taken(self, opt_outs: Sequence[TheirOptOut], response: Response) -> list[bool]:
        try:
            codes = {each["correlation_id"]: int(each["error_code"]) for each in orjson.loads(response.body)["items"]}
        except (ValueError, KeyError, TypeError):
            raise Unreadable("the answer tells of no consents: is the upstream's url accounts.twilio.com?") from None
        return [codes.get(_name(one)) == 0 for one in opt_outs]


def _item(one: TheirOptOut) -> dict[str, Any]:
    at = {"date_of_consent": one.at.isoformat()} if one.at else {}
    who = {"contact_id": one.number, "correlation_id": _name(one), "sender_id": one.sender}
    return {**who, "status": "opt-out", "source": "others", **at}


def _name(one: TheirOptOut) -> str:
    """32 hexadecimal digits by which the answer tells of it: the same whenever it is put there."""
    return blake2b(f"{one.number}\n{one.sender}".encode(), digest_size=16).hexdigest()
