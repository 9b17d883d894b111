"""What a dialect must be able to say of messages that were put off. Like all of a dialect: no I/O and no clock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from gateway.dialects.answers import retry_after
from gateway.words.asked import Asked, Wish
from gateway.words.kept import Kept
from gateway.words.message import Send
from gateway.words.number import Sender
from gateway.words.outcome import Outcome
from gateway.words.wire import Call, Credentials, Request, Response


class Tracking(ABC):
    """How clients ask for their messages, by ids that we minted until the carrier has its own.

    `asks` the head; where `Asked.id` is minted: `change` (a CHANGE is known by its body), then our own answer while it
    waits, or `for_carrier`, the carrier's answer, `ids_in` and `for_client`. A list is passed `for_carrier` with no
    names, and ours are `merged` into what comes back.
    """

    @abstractmethod
    def mint(self, send: Send, random: bytes) -> str:
        """An id in the carrier's format, of 16 random bytes."""

    @abstractmethod
    def asks(self, request: Request) -> Asked | None:
        """What this head (body not read yet) asks about messages; None: nothing."""

    @abstractmethod
    def change(self, request: Request) -> Wish:
        """Which change a whole request asks for: CANCEL, REDACT, or OTHER where it can't be told."""

    @abstractmethod
    def account(self, request: Request) -> str:
        """The account that it sends for, or asks about; empty where none is named."""

    @abstractmethod
    def redacted(self, send: Send) -> Request:
        """The request with nothing left of its text. It can be read as a send still, whose text means nothing."""

    @abstractmethod
    def same_account(self, request: Request, kept: Kept) -> bool:
        """Whether it asks about messages of the account that this one is of. Where it doesn't, it is `missing`."""

    @abstractmethod
    def same_client(self, request: Request, kept: Kept) -> bool:
        """Whether it has the account and the credentials of the send: then it may be answered here.

        Others of the account may have theirs, which only the carrier can check: it doesn't know the id, and says so
        (404) to those whose credentials are good.
        """

    @abstractmethod
    def resource(self, request: Request, kept: Kept) -> Response:
        """The message as it stands, in the form in which `request` asks for it: fetched, or changed as was asked."""

    @abstractmethod
    def deleted(self, request: Request) -> Response:
        """It is gone."""

    @abstractmethod
    def cannot(self, request: Request, wish: Wish) -> Response:
        """Such a message, or one that is in this state, can't be changed so."""

    @abstractmethod
    def missing(self, request: Request) -> Response:
        """There is no such message."""

    @abstractmethod
    def merged(self, request: Request, kept: Sequence[Kept], carrier: Response) -> Response:
        """The carrier's page of a list with ours at their places; the very same object where it can't be read.

        Give it those that `Asked.lists` lets through; those of other accounts are left out. They stand by their time
        of creation on the first page, all of them: it may be longer than was asked for, and its counters (`start`,
        `end`, `page_size`) stay the carrier's.
        """

    @abstractmethod
    def for_carrier(self, request: Request, names: Mapping[str, str]) -> Request:
        """The request with the carrier's ids for ours in its path, and an answer asked for that can be read."""

    @abstractmethod
    def ids_in(self, response: Response) -> tuple[str, ...]:
        """The carrier's ids that stand in its answer, each once; none where it is compressed all the same."""

    @abstractmethod
    def for_client(self, response: Response, names: Mapping[str, str]) -> Response:
        """The carrier's answer with our ids for the carrier's, and every other byte as it came."""


class Search(ABC):
    """How a message in doubt is looked for at the carrier."""

    @abstractmethod
    def can_tell(self, kept: Kept) -> bool:
        """Whether what the carrier lists can be this very message; if not, there is no use in asking."""

    @abstractmethod
    def asked(self, kept: Kept, credentials: Credentials | None) -> Request:
        """What to ask the carrier; with these credentials, or (None) with the client's own."""

    @abstractmethod
    def found(self, kept: Kept, response: Response, since: datetime) -> tuple[str, ...] | None:
        """The carrier's ids of messages made at `since` or later that may be this one, by recipient and text.

        None: the answer can't tell. Two messages can be alike: an id that is known for another one is no proof. An
        empty answer proves something only some time after the message may have been sent, as a list may lag behind.
        """


class Holding(ABC):
    """How messages are put off and leave later.

    `tracking` is None where the carrier tells no ids, `search` where it can't be asked what became of a message.
    `fleeting` names credentials of clients that end before a message may leave; empty: none do.
    """

    fleeting = ""

    tracking: Tracking | None = None
    search: Search | None = None

    @abstractmethod
    def can_hold(self, send: Send, credentials: Credentials | None) -> bool:
        """Whether it can be composed anew later: with these credentials, or (None) with the client's own."""

    def valid_for(self, send: Send) -> timedelta | None:
        """How long after it was sent the client wants it delivered at most; None: it says nothing of it."""
        return None

    @abstractmethod
    def held(self, kept: Sequence[Kept], outcomes: Sequence[Outcome], carrier: Response | None) -> Response:
        """The answer to a send of which these were put off: accepted, though others of it may be denied in the answer.

        `outcomes` has all messages of the request; `carrier` is what it said of those that went, None if none did.
        """

    @abstractmethod
    def composed(self, kept: Kept, credentials: Credentials | None, now: datetime) -> Request:
        """The request that sends this one message now. Raises Unreadable where none can be made.

        A schedule of the client's is taken out once it is over, and how long the message is good for is shortened to
        what is left of it: the carrier counts from when it has it. The credentials replace the client's own; None
        leaves these. The answer is asked for uncompressed, so that its id can be read.
        """

    def waits_for(self, send_at: datetime | None, now: datetime) -> datetime | None:
        """Until when a message waits here that the client has scheduled for then, since the carrier would not take it
        with so little time left; None: it may be composed now."""
        return None

    @abstractmethod
    def compose(self, to: str, sender: Sender, text: str, credentials: Credentials) -> Request:
        """A send of our own, as a client of the carrier's would write it: the dialect reads the same message in it.

        It asks for no receipts. Raises Unreadable where none can be made of these.
        """

    @abstractmethod
    def with_callback(self, request: Request, url: str) -> Request:
        """A send whose receipts come to `url` instead; the very same object where no receipt is asked for, or where
        it needs no translation because it holds no id that the client could know by another name."""

    @abstractmethod
    def callback(self, kept: Kept) -> Call | None:
        """The receipt of ours that tells the client how the message stands, still unsigned; None: it wants none."""

    def withheld(self, kept: Kept) -> Call | None:
        """The receipt of ours, unsigned, that tells of a message which was withheld while others of its request left,
        all under the one id that is `minted` here. None: the client wants none, or each has an id of its own."""
        return None

    def passed_on(self, kept: Kept, called: Request, names: Mapping[str, str]) -> Call | None:
        """The carrier's receipt for the client's own URL, with our ids for the carrier's; its signature is stale."""
        return None

    @abstractmethod
    def accepted_id(self, response: Response) -> str:
        """The carrier's id of a message in its answer to the send; "" where it tells none."""

    def refusal_code(self, response: Response) -> str:
        """The carrier's code in its refusal; "" where it has none."""
        return ""

    def retry_after(self, response: Response, now: datetime) -> timedelta | None:
        """How long the carrier wants to be left in peace; None: it doesn't say that it does.

        It is about the lane. Whether the message itself may be sent again is for the dialect's `verdict` to say.
        """
        return retry_after(response, now)
