"""Messages in a form or a query: one text, and one or several recipients in one field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.dialects.forms import Form, with_value
from gateway.dialects.layouts import Flag, leaves_gsm, needed_text
from gateway.dialects.texts import common_text
from gateway.numbering.senders import plus_restored, sender_of
from gateway.words.errors import Unreadable
from gateway.words.message import Draft


@dataclass(frozen=True, slots=True)
class FormLayout:
    """The fields' names; `separator` stands between several recipients."""

    to: str
    text: str
    sender: str | None = None
    separator: str | None = None
    flag: Flag | None = None

    def drafts(self, raw: bytes) -> tuple[Draft, ...]:
        form = self._form(raw)
        sender = sender_of((form.text_of(self.sender.encode()) if self.sender else None) or "")
        text = needed_text(form.text_of(self.text.encode()), self.text)
        return tuple(Draft(to, sender, text) for to in self._recipients(form))

    def written(self, raw: bytes, drafts: Sequence[Draft], texts: Mapping[int, str]) -> bytes:
        if len(texts) < len(drafts):
            kept = (self.separator or "").join(drafts[place].to for place in sorted(texts))
            raw = with_value(raw, self.to.encode(), kept.encode())
        old, new = drafts[0].text or "", common_text(texts.values())
        if new != old:
            raw = with_value(raw, self.text.encode(), new.encode())
        if self.flag and leaves_gsm(old, new):
            raw = with_value(raw, self.flag.place.encode(), self.flag.plain.encode())
        return raw

    def _recipients(self, form: Form) -> list[str]:
        value = form.text_of(self.to.encode()) or ""
        recipients = [plus_restored(part) for part in (value.split(self.separator) if self.separator else [value])]
        if not all(recipient.strip() for recipient in recipients):
            raise Unreadable(f"a recipient in {self.to} is missing or empty", field=self.to)
        return recipients

    def _form(self, raw: bytes) -> Form:
        form = Form.read(raw)
        guarded = frozenset(name.lower().encode() for name in (self.to, self.text, self.sender) if name)
        if hidden := form.hiding(guarded):
            raise Unreadable(f"`{hidden}` is hidden; escape a literal semicolon as %3B", field=hidden)
        return form
