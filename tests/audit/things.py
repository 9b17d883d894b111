"""What the audit's tests record: a vault with one key, and one message in full."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.audit.chain import Entry, Kind
from gateway.words.decision import Action, Decision, Edit, Finding, Placing
from gateway.words.errors import GatewayError
from gateway.words.facts import Consent, ConsentKind, Facts, Suppression, SuppressionKind
from gateway.words.message import Message
from gateway.words.number import Number, Place, Sender, SenderKind
from gateway.words.outcome import Fate, Outcome
from gateway.words.program import Program
from gateway.words.wire import Request

NOW = datetime(2026, 6, 10, 15, 0, tzinfo=UTC)
ANN = Number("+12125550123", Place("US", ("US-NY",), ("America/New_York",)))
SHOP = Sender(SenderKind.NUMBER, "+18335550100")
TEXT = "Sale ends tonight, dear Ann"
LEFT = "Sale ends tonight, dear Ann Reply STOP to end"
DETAIL = "leave me alone"
SECRET = "QUMwMDAwMDp0ZXN0LXRva2Vu"
PERSONAL = ("2125550123", "8335550100", "Sale ends", "Ann", "leave me", SECRET, "America/New_York", "wording shown")

REQUEST = Request(
    b"POST",
    b"/2010-04-01/Accounts/AC0/Messages.json?a=%20b",
    ((b"Host", b"sms.example.com"), (b"authorization", b"Basic " + SECRET.encode()), (b"X-Odd", b"\xe9")),
    b"To=%2B12125550123&From=%2B18335550100&Body=Sale+ends+tonight%2C+dear+Ann",
)
INSTRUCT = Finding(
    "us-federal/instruct", Action.SEND, "the first message", "CTIA 5.1.3", edit=Edit(Placing.INSTRUCT, ("STOP",))
)
OBSERVED = Finding("us-fl/cap", Action.BLOCK, "3 in 24 hours", "Fla. Stat. 501.059", observed=True)
FACTS = Facts(
    suppressions=(Suppression(SuppressionKind.BOUNCE, "program:other", "carrier", NOW, DETAIL),),
    consents=(Consent(ConsentKind.EXPRESS_WRITTEN, NOW, "web-form", wording="wording shown"),),
    instructed=NOW,
    revision=4,
)
MESSAGE = Message("5f" * 16, ANN, TEXT, SHOP, Program("club"))
SENT = Outcome(MESSAGE, FACTS, Decision((INSTRUCT, OBSERVED), "rev-7"), Fate.SENT, LEFT)


class Keys:
    """A vault with one key; the same seal for the same bytes, so that chains can be made twice."""

    def __init__(self, key: bytes = b"k" * 32) -> None:
        self._key = AESGCM(key)

    def seal(self, data: bytes, context: bytes) -> bytes:
        nonce = sha256(data + context).digest()[:12]
        return nonce + self._key.encrypt(nonce, data, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        try:
            return self._key.decrypt(sealed[:12], sealed[12:], context)
        except InvalidTag as error:
            raise GatewayError("not sealed with this key for this context") from error


def note(n: int, at: datetime = NOW) -> Entry:
    """Any entry, told from others by `n`."""
    return Entry(Kind.HEARD, at, {"note": n}, {"text": f"{TEXT} {n}"})
