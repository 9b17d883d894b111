"""Which messages are the same send made twice: what a client that got no answer in time sends again."""

from __future__ import annotations

import orjson

from gateway.store.vault import Vault
from gateway.words.message import Message, Send


def twin_of(vault: Vault, send: Send, place: int, message: Message) -> bytes:
    """A keyed hash, equal for messages of one client that say the same to the same recipient, for the same hour.

    Of media, and of a text that is kept at the carrier, only the request knows which: there all of it must be equal.
    """
    draft, request = send.drafts[place], send.request
    whole = [] if draft.text and not draft.media else [request.target.hex(), request.body.hex()]
    said = [
        send.account,
        message.upstream,
        message.program.name,
        draft.sender.value,
        message.recipient and message.recipient.e164,
        draft.text,
        draft.send_at,
        str(draft.delay),
        whole,
    ]
    return vault.hashes("twin" + orjson.dumps(said).decode())[0].digest
