"""From a recipient's address to a number: `+12125550100@`, `12125550100@`, `"0155 50100"@`, or a site's own form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from phonenumbers.phonenumberutil import ndd_prefix_for_region

from gateway.mail.model import BadMail, Envelope, Recipient, Refused
from gateway.mail.profiles import PLAIN, Profile
from gateway.numbering.read import read_number
from gateway.text.pattern import Pattern
from gateway.words.decision import Reason
from gateway.words.number import Number
from gateway.words.wire import Credentials

_MAX_ADDRESS = 320  # octets: RFC 5321, 4.5.3.1
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Addressing:
    """Which addresses are numbers. `patterns` are tried before the profile's own; each must match the whole local part.

    A pattern's group `number` is the number, `user`, `secret` and `sender` may stand beside it.
    """

    domains: tuple[str, ...] = ()  # in lower case; empty: any
    country: str | None = None  # ISO 3166-1, in which numbers without a country code are
    patterns: tuple[Pattern, ...] = ()
    profile: Profile = PLAIN


def recipient_of(address: str, how: Addressing) -> Recipient | None:
    """Whom an address names; None where the mail itself will say so.

    Raises BadMail, with the status for RCPT TO, where the domain isn't ours or no number can be made of it.
    """
    local, domain = _halves(address)
    if how.domains and domain not in how.domains:
        raise BadMail("no texts are taken for this domain; the administrator lists those that are", "5.1.2", field="to")
    if how.profile.number_is_inside:
        return None
    said = _said(_unquoted(local), how)
    number = number_of(said.get("number", ""), how.country)
    if number is None:
        raise BadMail(_no_number(domain), "5.1.3", field="to", reason=Reason.BAD_NUMBER)
    return Recipient(address, number, _credentials(said), said.get("sender", ""))


def recipients_of(envelope: Envelope, how: Addressing) -> tuple[tuple[Recipient, ...], tuple[Refused, ...]]:
    """Whom an envelope names, each number once, and the addresses that name nobody."""
    found: dict[str, Recipient] = {}
    refused = []
    for address in envelope.recipients:
        try:
            recipient = recipient_of(address, how)
        except BadMail as error:
            refused.append(Refused(address, str(error), error.status))
            continue
        if recipient is not None:
            found.setdefault(recipient.number.e164, recipient)
    return tuple(found.values()), tuple(refused)


def number_of(spelled: str, country: str | None) -> Number | None:
    """The number as people of that country write it, or as an international one without its plus.

    Digits that could be both are international where numbers at home begin with a 0, as they do nearly everywhere;
    elsewhere (North America, Spain, Italy) they are at home.
    """
    if country is None:
        return read_number(spelled)
    home_begins = ndd_prefix_for_region(country, strip_non_digits=True) or ""
    orders = (None, country) if home_begins == "0" and not spelled.strip().startswith("0") else (country, None)
    return read_number(spelled, orders[0]) or read_number(spelled, orders[1])


def _said(local: str, how: Addressing) -> Mapping[str, str]:
    for pattern in how.patterns:
        if (named := pattern.named(local)) is not None:
            return named
    if how.profile.address is None:
        return {"number": local}
    return how.profile.address.named(local) or {}


def _halves(address: str) -> tuple[str, str]:
    local, at, domain = address.strip().removeprefix("<").removesuffix(">").rpartition("@")
    if not at or len(address) > _MAX_ADDRESS:
        raise BadMail(_no_number(""), "5.1.3", field="to", reason=Reason.BAD_NUMBER)
    return local, domain.lower().rstrip(".")


def _unquoted(local: str) -> str:
    quoted = _QUOTED.fullmatch(local)
    return _ESCAPED.sub(r"\1", quoted[1]) if quoted else local


def _credentials(said: Mapping[str, str]) -> Credentials | None:
    user, secret = said.get("user", ""), said.get("secret", "")
    return Credentials(user, secret) if user or secret else None


def _no_number(domain: str) -> str:
    return f"no phone number stands before the @; write 12125550100@{domain or 'and the domain'}"
