"""What the columns of somebody else's file mean, by the headers that vendors and people give them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from gateway.intake.table import Cells
from gateway.words.errors import GatewayError


class Meaning(StrEnum):
    """What a column can say. The first that a file has of each counts."""

    NUMBER = "number"
    AT = "at"
    OPTED_IN = "opted-in"  # or not
    OPTED_OUT = "opted-out"  # or not
    KIND = "kind"
    SCOPE = "scope"
    SENDER = "sender"
    PROGRAM = "program"
    SOURCE = "source"
    REASON = "reason"
    HAPPENED = "happened"
    METHOD = "method"
    CATEGORIES = "for"
    CONFIRMED = "confirmed"
    NIGHT = "night"
    EXPIRES = "expires"
    WORDING = "wording"
    URL = "url"
    DOCUMENT = "document"
    IP = "ip"
    USER_AGENT = "user-agent"
    WORDS = "words"


SUPPRESSIONS = (
    Meaning.NUMBER,
    Meaning.AT,
    Meaning.OPTED_IN,
    Meaning.OPTED_OUT,
    Meaning.KIND,
    Meaning.SCOPE,
    Meaning.SENDER,
    Meaning.PROGRAM,
    Meaning.SOURCE,
    Meaning.REASON,
)
CONSENTS = tuple(set(Meaning) - {Meaning.SCOPE, Meaning.SENDER, Meaning.REASON, Meaning.SOURCE})
NUMBERS = (Meaning.NUMBER,)

# Headers as they are without case, spaces and signs. Of several columns that could be the number the earlier name here
# wins: an export that has `to` beside `from` names the recipient in `to`.
HEADERS: Mapping[Meaning, tuple[str, ...]] = {
    Meaning.NUMBER: (
        *("number", "phonenumber", "phone", "msisdn", "e164"),
        *("optedoutnumber", "destinationphonenumber", "destinationnumber"),  # AWS
        *("contactid", "to", "recipient", "recipientnumber", "destination"),  # Twilio, Telnyx, Infobip
        *("mobile", "mobilenumber", "mobilephone", "mobilephonenumber", "cell", "cellphone", "cellnumber"),
        *("smsnumber", "smsphonenumber", "customerphone", "subscriber", "contact", "address", "endpoint"),
        *("telephone", "telefon", "telefonnummer", "handynummer", "mobilnummer", "rufnummer"),
        *("téléphone", "numéro", "portable", "teléfono", "número", "móvil", "telefono", "numero", "cellulare"),
    ),
    Meaning.AT: (
        *("at", "optedoutat", "optedouttimestamp", "optoutdate", "optouttime", "optouttimestamp", "optoutat"),
        *("unsubscribedat", "unsubscribedon", "unsubscribedate", "suppressedat", "suppressiondate", "since"),
        *("dateofconsent", "consenttimestamp", "consentat", "consentdate", "smsconsenttimestamp", "optindate"),
        *("optinat", "optintimestamp", "subscribedat", "subscribedate", "signupdate"),
        *("createdat", "created", "datecreated", "dateadded", "addedat", "timestamp", "datetime", "date", "time"),
        *("datesent", "sentdate", "receivedat", "datum", "fecha"),
    ),
    Meaning.OPTED_IN: (
        *("status", "consentstatus", "optinstatus", "smsconsent", "smsconsentstatus", "smsmarketingconsent"),
        *("smssubscriptionstatus", "subscriptionstatus", "smsmarketingstatus", "optin", "optedin", "subscribed"),
        *("acceptssms", "acceptssmsmarketing", "consent", "state"),
    ),
    Meaning.OPTED_OUT: ("optout", "optedout", "isoptedout", "unsubscribed", "donotcontact", "dnc"),
    Meaning.KIND: ("kind", "suppressiontype", "suppressionkind", "consentkind", "consenttype", "type"),
    Meaning.SCOPE: ("scope",),
    Meaning.SENDER: (
        *("sender", "senderid", "from", "fromnumber", "originationnumber", "sourcenumber"),
        *("messagingservicesid", "messagingprofileid", "originationidentity"),
    ),
    Meaning.PROGRAM: ("program", "programme", "campaign", "list", "listname"),
    Meaning.SOURCE: ("source", "suppressionsource"),
    Meaning.REASON: ("reason", "suppressionreason", "note", "notes", "comment", "keyword", "body"),
    Meaning.HAPPENED: ("happened",),
    Meaning.METHOD: ("method", "consentmethod", "optinmethod", "source", "consentsource", "optinsource", "channel"),
    Meaning.CATEGORIES: ("for", "category", "categories", "purpose", "purposes"),
    Meaning.CONFIRMED: ("confirmed", "doubleoptin", "doubleoptinconfirmed", "verified"),
    Meaning.NIGHT: ("night",),
    Meaning.EXPIRES: ("expires", "expiresat", "expiry", "expirydate", "validuntil"),
    Meaning.WORDING: ("wording", "consenttext", "disclosure", "optinlanguage", "optintext", "disclosuretext"),
    Meaning.URL: ("url", "sourceurl", "consenturl", "pageurl", "optinurl", "formurl"),
    Meaning.DOCUMENT: ("document", "documentsha256", "documenthash"),
    Meaning.IP: ("ip", "ipaddress", "optinip", "consentip"),
    Meaning.USER_AGENT: ("useragent", "browser"),
    Meaning.WORDS: ("words",),
}

_SIGNS = re.compile(r"[\W_]+")
_NUMBER_LIKE = re.compile(r"['=\"\s]*\+?[\d\s().-]{7,25}[\"\s]*")
_DIGITS = 7  # of a number at least

Columns = Mapping[Meaning, int]


class BadColumns(GatewayError):
    """It can't be told which column holds the number, or a mapping names none of the file's."""


def has_header(first: Cells) -> bool:
    """Whether the first row names columns: no cell of it is a number."""
    return not any(looks_like_number(cell) for cell in first)


def looks_like_number(cell: str) -> bool:
    return bool(_NUMBER_LIKE.fullmatch(cell)) and sum(map(str.isdigit, cell)) >= _DIGITS


def recognised(first: Cells, wanted: Sequence[Meaning], given: Mapping[str, Meaning]) -> Columns:
    """The place of each column that is understood, from 0. `given`: what the operator said, by header or place from 1.

    Raises BadColumns.
    """
    headers = [folded(cell) for cell in first] if has_header(first) else []
    found = {meaning: _place(column, first, headers) for column, meaning in given.items()}
    for meaning in (one for one in Meaning if one in wanted and one not in found):
        places = [headers.index(name) for name in HEADERS[meaning] if name in headers]
        free = [place for place in places if place not in found.values()]
        if free:
            found[meaning] = free[0]
    if Meaning.NUMBER not in found and not headers:
        found[Meaning.NUMBER] = next(place for place, cell in enumerate(first) if looks_like_number(cell))
    if Meaning.NUMBER not in found:
        raise BadColumns("no column is known as that of the number; name it: --map COLUMN=number")
    return found


def folded(header: str) -> str:
    """Without case, spaces and signs."""
    return _SIGNS.sub("", header.casefold())


def _place(column: str, first: Cells, headers: Sequence[str]) -> int:
    if headers and folded(column) in headers:
        return headers.index(folded(column))
    if column.isdecimal() and 1 <= int(column) <= len(first):
        return int(column) - 1
    raise BadColumns(f"--map names a column that is not there; the file has {len(first)}, named or counted from 1")
