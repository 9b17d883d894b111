"""Twilio's errors, in the form in which the client asked for its answer: JSON for `.json`, else XML."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from gateway.dialects.answers import answer, json_answer, uncompressed
from gateway.dialects.paths import settled
from gateway.words.wire import Request, Response

_XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<TwilioResponse><RestException>'
    "<Code>{}</Code><Message>{}</Message><MoreInfo>{}</MoreInfo><Status>{}</Status></RestException></TwilioResponse>"
)

_CODE = re.compile(rb'"code"\s*:\s*"?(\d{3,6})\b|<Code>(\d{3,6})</Code>')


def error(request: Request, status: int, code: int, message: str) -> Response:
    """An error of twilio.com/docs/api/errors."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    if wants_xml(request.path):
        return answer(status, b"application/xml", _XML.format(code, escape(message), more, status).encode())
    return json_answer(status, {"code": code, "message": message, "more_info": more, "status": status})


def error_code(response: Response) -> int:
    """Its code, whatever form it has; 0 where there is none."""
    found = _CODE.search(uncompressed(response))
    return int(found[1] or found[2]) if found else 0


def wants_xml(path: bytes) -> bool:
    plain = settled(path)
    return plain.startswith(b"/2010-") and not plain.endswith(b".json")
