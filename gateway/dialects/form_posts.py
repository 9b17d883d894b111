"""Sends that are a form, posted: read so that no carrier can read them in another way."""

from __future__ import annotations

from gateway.dialects.forms import Form
from gateway.dialects.heads import FORM, as_it_is, content_type, watched
from gateway.dialects.methods import METHOD
from gateway.words.errors import Unreadable
from gateway.words.wire import Request


def opened(request: Request, making: frozenset[bytes]) -> Form:
    """The form that was posted. `making`: folded names that make a message, which must stand in the body only.

    Raises Unreadable where the request could be read in another way.
    """
    if request.method != b"POST":
        raise Unreadable("a message is sent by POST; use no other method")
    if request.query and (name := Form.read(request.query).holding(making | METHOD)):
        raise Unreadable(f"`{name}` stands in the query; put all fields into the body", field=name)
    found = watched(request.headers)
    as_it_is(found)
    kind, charset = content_type(found.get(b"content-type", b""))
    if kind != FORM:
        raise Unreadable(f"the body must be a form; send it as {FORM}", field="Content-Type")
    if charset not in {"", "utf-8", "utf8"}:
        raise Unreadable("the form's charset is unknown here; send it as UTF-8", field="Content-Type")
    form = Form.read(request.body)
    if hidden := form.hiding(making) or form.holding(METHOD):
        raise Unreadable(f"`{hidden}` is hidden in the form; escape a literal semicolon as %3B", field=hidden)
    return form
