"""A carrier's dialect: how its API spells a send, an answer, a refusal, a reply. Bytes to values and back, no I/O."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.dialects.holding import Holding
from gateway.dialects.optout_list import OptOutList, OptOutWriter
from gateway.dialects.signer import Signer
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Call, Credentials, Request, Response


class Dialect(ABC):
    """What the gate asks of a carrier's dialect.

    A send goes: `claims` the head, `read` the whole, (the gate decides), `write` what may leave, `verdict` on the
    carrier's answer, `answer` to the client.
    """

    name: str
    one_recipient = False  # True: a request holds one message only
    bare_is_international = True  # False: who knows what the carrier makes of digits without a plus
    answers_keywords = False  # True: the carrier confirms a STOP, and answers HELP, by itself
    holding: Holding | None = None  # None: nothing can be put off
    opt_outs: OptOutList | None = None  # None: the carrier has no list of them that can be read
    opt_out_writer: OptOutWriter | None = None  # None: it takes none from us
    signs = False  # True: its webhooks are signed, and whoever has no secret to check them believes none

    def signer(self, credentials: Credentials | None) -> Signer | None:
        """What checks and signs requests of clients and of ours; None: no signature covers the host that is called.

        With one, `claims` claims every request, for each must be read whole and signed anew. `credentials` are the
        upstream's. Raises Unreadable for some that can't sign.
        """
        return None

    @abstractmethod
    def claims(self, request: Request) -> bool:
        """Whether this head (body not read yet) could be a send. What the carrier might take for one is claimed,
        however it is spelled: `read` then refuses the disguise."""

    def sends(self, path: bytes) -> bool:
        """Whether a path is, however it is spelled, that of a send which `read` knows: no setting lets it through."""
        return True

    @abstractmethod
    def read(self, request: Request) -> Send | None:
        """The messages in it; None where it is no send after all. Raises Unreadable where it makes no sense."""

    @abstractmethod
    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        """The request as it leaves: `texts[i]` is the text of `send.drafts[i]`, and a draft without one is taken out.

        The text None leaves a draft as it is (its text is kept at the carrier, or is binary). Nothing but the text
        changes, and what hangs on it: an encoding flag, the length. All texts unchanged: the very same bytes.
        Raises TextsDiffer where recipients that share one text are given texts that no single one can stand for: then
        it is asked for one request for each text.
        """

    @abstractmethod
    def verdict(self, response: Response) -> Verdict:
        """What the carrier's answer to a send says of the messages that were in it."""

    def joined(self, answers: Sequence[tuple[Sequence[int], Response]]) -> Response:
        """One answer for a request that left as several, all accepted: the places of the messages in each, and what
        the carrier said to it. The first stands for all where the carrier's answers name no messages."""
        return answers[0][1]

    @abstractmethod
    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        """The carrier's answer with those joined to it that it doesn't know of: we have withheld them, or they left
        in a call of their own that failed. The very same object where there are none."""

    @abstractmethod
    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        """The whole request refused, as an error that the carrier's SDK raises and does not retry.

        `why` is for people; `field` is the parameter that is wrong, where Unreadable named one. TRY_AGAIN is the one
        reason that may be retried. Works for any request, also one that `read` could make no sense of.
        """

    @abstractmethod
    def away(self, request: Request, status: int, why: str) -> Response:
        """The carrier can't be reached: 502, 503 or 504 in the carrier's own form."""

    def opted_out(self, response: Response) -> bool:
        """Whether the carrier refused a send since it holds its recipient as opted out. Many never say so."""
        return False

    def hear(self, request: Request) -> Inbound | None:
        """What a recipient's reply webhook says; None where it is something else (a receipt, say)."""
        return None

    def hear_all(self, request: Request) -> tuple[Inbound, ...]:
        """All replies that a webhook tells of, in its order: most carriers tell of one at a time."""
        heard = self.hear(request)
        return (heard,) if heard else ()

    def handshake(self, request: Request) -> Response | Call | None:
        """What follows on a webhook by which the carrier tries whether it is welcome: the answer, or a call to make
        before it is answered. None where it tells of something. Raises Unreadable."""
        return None

    def reply(self, inbound: Inbound) -> Request:
        """The webhook with which the carrier would tell it, for `sign` to sign.

        Raises Unreadable where that is not known, or nobody but the carrier could sign it.
        """
        raise Unreadable(f"how {self.name} tells of replies is not known here")

    def signed(self, request: Request, url: str, secret: str, now: datetime) -> bool:
        """Whether a webhook is signed by the carrier for `url` (as the carrier called it)."""
        return False

    def without_secret(self, request: Request, secret: str) -> Request:
        """A webhook that is `signed` without what only the carrier and we may know, as the legacy system is told it."""
        return request

    def certified_by(self, request: Request, secret: str) -> str:
        """Where the certificate is that `attested` needs to believe what is `signed` so far; empty: none is needed.

        Raises Unreadable for an address that is not the carrier's own.
        """
        return ""

    def attested(self, request: Request, certificate: bytes, now: datetime) -> bool:
        """Whether a webhook is signed with the key of this certificate."""
        return False

    def sign(self, request: Request, url: str, secret: str, now: datetime) -> Request:
        """The webhook signed anew, for the legacy system's own URL and the instant at which it is called."""
        return request

    def wrong_secret(self, checking: str | None, signing: str | None) -> tuple[str, str]:
        """What is wrong with a webhook's secrets, and with which: `auth_token` checks the carrier's signatures,
        `legacy_auth_token` makes those for the legacy system. Two empty strings where nothing is."""
        if self.signs and not checking:
            return "auth_token", "is missing; without it nobody knows who calls"
        return "", ""

    def answered(self, inbound: Inbound, said: Response) -> tuple[Draft, ...]:
        """The texts that the carrier would send on this answer to a reply. Raises Unreadable where it can't be told."""
        return ()

    def answering(self, said: Response, texts: Mapping[int, str | None]) -> Response:
        """The answer with these texts, of the drafts that `answered` has found; one without is taken out."""
        return said

    def silence(self) -> Response:
        """The answer to a webhook that sends nothing back."""
        return Response(204, ())
