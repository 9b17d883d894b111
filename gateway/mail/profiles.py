"""How established services are written to, as data, so that who moves from one of them changes nothing but the address.

A profile says where a mail names its numbers, and what else stands there: who the text is from, credentials. What a
profile takes never becomes part of the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.text.pattern import Pattern


class SubjectIs(StrEnum):
    """What the subject is for."""

    SUBJECT = "subject"  # nothing special: the site says whether it is part of the text
    NUMBERS = "numbers"
    SENDER = "sender"
    PARAMETERS = "parameters"  # key=value, each apart by a space


class Meaning(StrEnum):
    """What a field in the body or a parameter in the subject says."""

    NUMBER = "number"
    SENDER = "sender"
    USER = "user"
    SECRET = "secret"  # noqa: S105 - a name
    LINE = "line"  # a line of the text
    MORE = "more"  # text that goes on in the same line
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Profile:
    """One service's habits. `address` matches the whole local part, with groups named `number`, `user`, `secret` and
    `sender`; empty: the local part is a number."""

    name: str
    source: str = ""  # where it is described
    address: Pattern | None = None
    subject: SubjectIs = SubjectIs.SUBJECT
    parameters: Mapping[str, Meaning] = field(default_factory=dict)
    fields: Mapping[str, Meaning] = field(default_factory=dict)  # `key: value` lines with which the body begins
    opens: str = ""  # the mark before the text, where the mail has it
    closes: str = ""  # and behind it

    @property
    def number_is_inside(self) -> bool:
        """Whether the mail names its numbers itself, so that its address says nothing of them."""
        return self.subject is SubjectIs.NUMBERS or Meaning.NUMBER in self.fields.values()


PLAIN = Profile("plain")
PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        PLAIN,
        Profile(
            "clickatell",
            "https://archive.clickatell.com/developers/api-docs/send-basic-message-smtp/",
            fields={
                "api_id": Meaning.UNUSED,
                "user": Meaning.USER,
                "password": Meaning.SECRET,
                "to": Meaning.NUMBER,
                "from": Meaning.SENDER,
                "text": Meaning.LINE,
                "data": Meaning.MORE,
                "reply": Meaning.UNUSED,
                "climsgid": Meaning.UNUSED,
                "callback": Meaning.UNUSED,
                "concat": Meaning.UNUSED,
            },
        ),
        Profile(
            "iflow",
            "http://www.iflow-tech.com/smsemail.asp",
            subject=SubjectIs.NUMBERS,
        ),
        Profile(
            "intellisms",
            "https://intellisms.atlassian.net/wiki/spaces/MC4API/pages/34852/Email+API",
            subject=SubjectIs.NUMBERS,
            fields={"pass": Meaning.SECRET, "from": Meaning.USER},
        ),
        Profile(
            "lox24",
            "https://doc.lox24.eu/info/email-to-sms/",
            Pattern(r"(?P<user>[0-9]+)\.(?P<secret>[^.]+)\.(?P<number>\+?[0-9]+)(?:\..*)?"),
        ),
        Profile(
            "puzzel",
            "https://github.com/PuzzelSolutions/SMS/blob/master/sections/interfaces/smtp.md",
            Pattern(r"(?P<number>\+?[0-9]+)-(?P<user>[0-9]+)"),
        ),
        Profile(
            "seven",
            "https://www.seven.io/en/docs/gateway/email-to-sms/send-sms",
            Pattern(r"(?P<number>\+?[0-9]+)(?:\.(?P<secret>[^.]+))?"),
            subject=SubjectIs.PARAMETERS,
            parameters={"key": Meaning.SECRET, "from": Meaning.SENDER},
            opens="##",
            closes="##",
        ),
        Profile(
            "textapp",
            "http://developer.textapp.net/SMTPService/Domain_SMS160IDTextAppNet.aspx",
            Pattern(r"(?P<number>\+?[0-9]+)(?:\.[0-9]+)?"),
            subject=SubjectIs.SENDER,
            closes="$$",
        ),
        Profile(
            "tm4b",
            "http://www.tm4bhelp.com/kb/a-37.php",
            fields={
                "password": Meaning.SECRET,
                "from": Meaning.SENDER,
                "to": Meaning.NUMBER,
                "msg": Meaning.LINE,
                "route": Meaning.UNUSED,
                "expiry": Meaning.UNUSED,
            },
        ),
    )
}
