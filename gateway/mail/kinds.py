"""What never becomes a text: loops, bounces, automatic answers, lists. What alarm systems and cron send does.

RFC 3834 parts them: `auto-generated` is a mail of its own accord, `auto-replied` answers another. Signs that only say
"don't answer this by machine" (Precedence: bulk, X-Auto-Response-Suppress) don't count where the mail says that it is
auto-generated and answers nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from gateway.mail.model import Envelope, NotForTexting
from gateway.mail.parse import Part, content_type, field_of

TRACE = "X-Gateway-Trace"  # in every mail that the gateway composes
MOST_HOPS = 50  # Received fields; RFC 5321, 6.3 wants a limit well above what mail needs

_LIST_FIELDS = ("list-id", "list-post", "mailing-list", "x-mailing-list", "x-beenthere")
_REPLIER_FIELDS = ("x-autoreply", "x-autorespond", "x-vacation", "x-autoreply-from", "x-mail-autoreply")
# RFC 6522: bounces, receipts, and what mail systems report to each other; none of it is for a phone.
_REPORTS = {"multipart/report", "message/delivery-status", "message/disposition-notification"}
_AUTOMATIC_SUBJECT = re.compile(
    r"(?:auto(?:matic|mated|matisch|matische|mático|mática|matica)?[ -]?(?:reply|response|antwort|svar|antwoord|"
    r"risposta)\b|out of (?:the )?office|i am (?:currently )?out of|away from (?:the |my )?office|abwesenheits|"
    r"abwesend\b|ich bin nicht im (?:haus|büro)|automatische antwort|réponse automatique|"
    r"absence du bureau|absent du bureau|"
    r"respuesta automática|fuera de la oficina|risposta automatica|fuori sede|resposta automática|automatisch antwoord|"
    r"afwezig\b|automatiskt? svar|autosvar|frånvaro|fraværende|automaattinen vastaus|autoodpowiedź|"
    r"odpowiedź automatyczna|автоответ|自動応答|自动回复|自動返信|vacation (?:reply|message|notice))",
    re.IGNORECASE,
)
_BOUNCE_SUBJECT = re.compile(
    r"(?:undeliver(?:able|ed)|delivery (?:status notification|failure|has failed|report)|"
    r"mail delivery (?:failed|system|subsystem)|returned mail|"
    r"failure notice|delayed mail|warning: (?:could not send|message .{1,40} delayed)|"
    r"unzustellbar|non remis|no se puede entregar|mancato recapito|undelivered mail returned)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\([^()]*\)")
_DAEMON = re.compile(r"\b(?:mailer-daemon|postmaster|mail-daemon|mdaemon)@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Seen:
    """A mail as the questions below ask about it."""

    message: Part
    envelope: Envelope
    hops: int
    most_hops: int

    def field(self, name: str) -> str:
        return field_of(self.message, name)

    @property
    def automatic(self) -> str:
        """The keyword of Auto-Submitted, in lower case; empty: a person sent it."""
        keyword = _COMMENT.sub("", self.field("auto-submitted")).partition(";")[0].strip().lower()
        return "" if keyword == "no" else keyword

    @property
    def is_of_own_accord(self) -> bool:
        return self.automatic == "auto-generated" and "in-reply-to" not in self.message


def refuse_machines(message: Part, envelope: Envelope, most_hops: int = MOST_HOPS) -> None:
    """Raises NotForTexting for a mail that never becomes a text."""
    hops = sum(name.lower() == "received" for name in message)
    seen = Seen(message, envelope, hops, most_hops)
    for kind in _KINDS:
        if kind.is_so(seen):
            raise NotForTexting(kind.why, kind.status, kind.rule)


@dataclass(frozen=True, slots=True)
class _Kind:
    rule: str
    status: str
    why: str
    is_so: Callable[[Seen], bool]


def _loops(seen: Seen) -> bool:
    return TRACE.lower() in seen.message or seen.hops > seen.most_hops


def _bounces(seen: Seen) -> bool:
    if content_type(seen.message) in _REPORTS:
        return True
    from_daemon = bool(_DAEMON.search(seen.field("from"))) or bool(_DAEMON.search(seen.envelope.sender))
    return "x-failed-recipients" in seen.message or (from_daemon and bool(_BOUNCE_SUBJECT.match(seen.field("subject"))))


def _answers(seen: Seen) -> bool:
    if seen.automatic and not seen.is_of_own_accord:
        return True
    if any(name in seen.message for name in _REPLIER_FIELDS) or _AUTOMATIC_SUBJECT.match(seen.field("subject")):
        return True
    return seen.field("x-auto-response-suppress").lower() not in {"", "none"} and not seen.is_of_own_accord


def _is_of_a_list(seen: Seen) -> bool:
    return any(name in seen.message for name in _LIST_FIELDS) or _precedence(seen) == "list"


def _is_bulk(seen: Seen) -> bool:
    precedence = _precedence(seen)
    return precedence in {"junk", "auto_reply"} or (precedence == "bulk" and not seen.is_of_own_accord)


def _precedence(seen: Seen) -> str:
    return seen.field("precedence").lower()


_KINDS = (
    _Kind("mail/loop", "5.4.6", "the mail goes round in a loop; a forwarding rule leads back here", _loops),
    _Kind("mail/bounce", "5.7.1", "bounces and receipts are not texted", _bounces),
    _Kind("mail/null-sender", "5.7.1", "mails without a sender are not texted", lambda seen: not seen.envelope.sender),
    _Kind(
        "mail/automatic-answer",
        "5.7.1",
        "automatic answers are not texted; an alarm says `Auto-Submitted: auto-generated`",
        _answers,
    ),
    _Kind("mail/list", "5.7.1", "mails of mailing lists are not texted", _is_of_a_list),
    _Kind(
        "mail/bulk",
        "5.7.1",
        "bulk mail (`Precedence`) is not texted; an alarm says `Auto-Submitted: auto-generated`",
        _is_bulk,
    ),
)
