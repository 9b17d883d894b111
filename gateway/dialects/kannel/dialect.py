"""Kannel's `sendsms` and its many copies: everything in the query, plain text back, several recipients in one `to`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.dialects.answers import PLAIN, answer, by_status, one_line, with_body, withheld
from gateway.dialects.charsets import codec_of, decode, encode
from gateway.dialects.heads import BODY_FIELDS, FORM, as_it_is, content_type, watched
from gateway.dialects.kannel import webhook
from gateway.dialects.kannel.answers import with_denied
from gateway.dialects.kannel.holding import KannelHolding
from gateway.dialects.kannel.spellings import InBody, InHeaders, InQuery, Spelling, Submit
from gateway.dialects.kannel.webhook import ReplyFields
from gateway.dialects.kannel.xml import InXml
from gateway.dialects.paths import settled
from gateway.dialects.texts import MOST_RECIPIENTS, common_text
from gateway.dialects.unsigned import Unsigned
from gateway.numbering.senders import sender_of
from gateway.text.alphabet import is_gsm7
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Request, Response

_WATCHED = BODY_FIELDS | {b"x-kannel-to"}
_TEXT_BODIES = frozenset({"text/plain", "application/octet-stream"})

_UNSENT = b"Temporal failure, try again later."  # the SMS centre took nothing

# Kannel's own words; what it says when its own lists deny all recipients is the nearest to "opted out".
_REFUSALS = {
    Reason.SUPPRESSED: (400, "Number(s) has/have been denied by white- and/or black-lists."),
    Reason.BAD_NUMBER: (400, "Receiver number misformed, rejected."),
    Reason.TRY_AGAIN: (503, "Temporal failure, try again later."),
}
_REFUSED = (403, "Not routable. Do not try again.")


class Kannel(Unsigned):
    """`path` is the carrier's `sendsms-url`; `charset` that of texts which name none (Kannel 1.4: ISO-8859-1);
    `reply_fields` the names in its `get-url`.

    Raises Unreadable for a charset that is unknown here.
    """

    name = "kannel"

    def __init__(
        self, path: str = "/cgi-bin/sendsms", charset: str = "UTF-8", reply_fields: ReplyFields | None = None
    ) -> None:
        self._reply_fields = reply_fields or ReplyFields()
        self._path = path.encode()
        self._settled = settled(self._path)
        folder = self._settled.rpartition(b"/")[0]
        self._siblings = {folder + b"/sendota", folder + b"/xmlrpc"}  # binary settings, and texts by XML-RPC
        self._charset = charset
        codec_of(charset)  # an unknown one is better found now
        self.holding = KannelHolding(path, self.write, self._spelling)

    def claims(self, request: Request) -> bool:
        # Kannel asks only whether there is a body: HEAD and DELETE send as well as GET does.
        path = request.path
        return path == self._path or settled(path) in {self._settled, *self._siblings}

    def sends(self, path: bytes) -> bool:
        return settled(path) == self._settled

    def read(self, request: Request) -> Send | None:
        submit = self._spelling(request).read(request)
        if not submit.recipients:
            raise Unreadable("Missing receiver number, rejected", field="to")
        if len(submit.recipients) > MOST_RECIPIENTS:
            raise Unreadable(f"more than {MOST_RECIPIENTS} receivers; send several requests", field="to")
        text = self._text(submit)
        sender = sender_of(submit.sender)
        drafts = tuple(Draft(to, sender, text, delay=submit.delay) for to in submit.recipients)
        return Send(request, drafts, submit.account)

    def write(self, send: Send, texts: Mapping[int, str | None]) -> Request:
        old, request = send.drafts[0].text, send.request
        new = None if old is None else common_text([old if text is None else text for text in texts.values()])
        if len(texts) == len(send.drafts) and new == old:
            return request
        spelling = self._spelling(request)
        submit = spelling.read(request)
        if len(texts) < len(send.drafts):
            request = spelling.with_recipients(request, sorted(texts))
        if old is None or new is None or new == old:
            return request
        data = encode(new, self._charset_of(submit))
        leaves_gsm = submit.coding != "2" and is_gsm7(old) and not is_gsm7(new)
        if data is None or leaves_gsm:
            return spelling.with_unicode(request, new)
        return spelling.with_text(request, data)

    def verdict(self, response: Response) -> Verdict:
        if response.status == _REFUSALS[Reason.TRY_AGAIN][0] and response.body.startswith(_UNSENT):
            return Verdict.REFUSED
        return by_status(response.status)

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        """Accepted for some: the carrier's answer as Kannel gives it when its own lists deny the others."""
        denied = [send.drafts[place].to for place in withheld(outcomes)]
        if not denied or self.verdict(carrier) is not Verdict.ACCEPTED:
            return carrier
        return with_body(carrier, with_denied(carrier.body, denied))

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        status, words = (400, "") if reason is Reason.BAD_REQUEST else _REFUSALS.get(reason, _REFUSED)
        return answer(status, PLAIN, one_line(f"{words} {why}").encode())

    def away(self, request: Request, status: int, why: str) -> Response:
        _, words = _REFUSALS[Reason.TRY_AGAIN]
        return answer(status, PLAIN, one_line(f"{words} {why}").encode())

    def hear(self, request: Request) -> Inbound | None:
        return webhook.hear(request, self._reply_fields, self._charset)

    def reply(self, inbound: Inbound) -> Request:
        return webhook.reply(inbound)

    def answered(self, inbound: Inbound, said: Response) -> tuple[Draft, ...]:
        return webhook.drafts(inbound, said, self._charset)

    def answering(self, said: Response, texts: Mapping[int, str | None]) -> Response:
        return webhook.saying(texts.get(0))

    def silence(self) -> Response:
        return webhook.SILENCE

    def _spelling(self, request: Request) -> Spelling:
        """How this request spells its fields. Raises Unreadable where a carrier could read it in another way."""
        if request.path != self._path:
            raise Unreadable("this path sends, but is not spelled as it should be; texts are sent by sendsms only")
        found = watched(request.headers, _WATCHED)
        as_it_is(found)
        if request.method == b"GET":
            if request.body or b"x-kannel-to" in found:
                raise Unreadable("fields in the query and a body beside them; send one or the other")
            return InQuery()
        if request.method != b"POST":
            raise Unreadable("a message is sent by GET or POST; use no other method")
        if not request.body and b"x-kannel-to" not in found:
            return InQuery()
        return _posted(request, *content_type(found.get(b"content-type", b"")))

    def _text(self, submit: Submit) -> str | None:
        if submit.binary:
            return None
        text = decode(submit.data, self._charset_of(submit))
        if not text.strip():
            raise Unreadable("Empty text not allowed, rejected", field="text")
        return text

    def _charset_of(self, submit: Submit) -> str:
        return submit.charset or ("UTF-16BE" if submit.coding == "2" else self._charset)


def _posted(request: Request, kind: str, charset: str) -> Spelling:
    if request.query and InQuery().names(request):
        raise Unreadable("fields in the query and a body beside them; send one or the other")
    if kind == FORM:
        return InBody()
    if kind == "text/xml":
        return InXml()
    if kind in _TEXT_BODIES:
        return InHeaders(charset, binary=kind != "text/plain")
    raise Unreadable("this content type is not read; post text/plain, text/xml or a form", field="Content-Type")
