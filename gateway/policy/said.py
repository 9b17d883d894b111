"""A rule in a plain sentence: for operators who ask what is in force, and for counsel who signs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from gateway.policy.optout import Confirming, OptOut, Reach
from gateway.policy.reminding import Reminding
from gateway.policy.rule import ALL, Relaxation, Rule
from gateway.policy.rules import (
    Cap,
    ConsentRule,
    Forbid,
    Hours,
    Identify,
    Instruct,
    Kind,
    Label,
    Listed,
    SenderRule,
    Template,
)
from gateway.policy.rules.consent import Accepted
from gateway.policy.scope import UNKNOWN, Scope
from gateway.policy.terms import Window, spelled_minutes
from gateway.words.decision import Action
from gateway.words.program import Category

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OTHERWISE = {Action.DEFER: "it waits until it may leave", Action.BLOCK: "it is refused", Action.SEND: "it leaves"}


def rule_said(rule: Rule) -> str:
    """`Marketing texts to US-FL: at most 3 within 24 hours to one recipient; otherwise it is refused.`"""
    unless = f", unless there is consent on record: {_accepted(rule.unless)}" if rule.unless else ""
    says_all = isinstance(rule.kind, _CHANGING) or (isinstance(rule.kind, Forbid) and rule.kind.reads_none)
    otherwise = "" if says_all else f"; otherwise {_otherwise(rule)}"
    return f"{scope_said(rule.scope)}: {_kind_said(rule.kind)}{unless}{otherwise}."


_CHANGING = (Identify, Instruct, Label)  # what they ask for is added


def _otherwise(rule: Rule) -> str:
    return "it leaves with that blotted out" if rule.masks else _OTHERWISE[rule.otherwise]


_CATEGORIES = {Category.OTP: "one-time code", Category.OPTOUT_CONFIRMATION: "opt-out confirmation"}


def scope_said(scope: Scope) -> str:
    """Which messages, and on which days."""
    categories = _and([_CATEGORIES.get(each, each.replace("_", " ")) for each in sorted(scope.categories)]) or "all"
    places = [place for place in sorted({*scope.countries, *scope.regions}) if place != UNKNOWN]
    if UNKNOWN in scope.regions:
        places.append("a region that is not known")
    conditions = "".join(f", {said}" for said in _conditions(scope))
    return f"{categories[:1].upper()}{categories[1:]} texts{' to ' + _and(places) if places else ''}{conditions}"


def _conditions(scope: Scope) -> Iterator[str]:
    named = (
        ("of the program", scope.programs),
        ("through the upstream", scope.upstreams),
        ("from the client", scope.clients),
        ("about", scope.subjects),
        ("from a sender of the type", scope.senders),
        ("written in", scope.languages),
    )
    yield from (f"{what} {_or(sorted(names))}" for what, names in named if names)
    if scope.text:
        yield f"whose text matches `{scope.text.source}`"
    if scope.since:
        yield f"from {scope.since}"
    if scope.until:
        yield f"until {scope.until}"


def _kind_said(kind: Kind) -> str:
    match kind:
        case ConsentRule(accept=accept):
            return f"consent must be on record: {_accepted(accept)}"
        case Hours():
            return f"only in the recipient's own hours: {_hours(kind)}"
        case Cap():
            return _cap(kind)
        case Listed(names=names):
            return f"the number must be on none of the lists {_and(names)}"
        case SenderRule():
            return _sender(kind)
        case _:
            return _text_said(kind)


def _text_said(kind: Kind) -> str:
    """Of the kinds that look at the text."""
    match kind:
        case Instruct():
            return _instruct(kind)
        case Identify(by=by, add=add):
            what = {"brand": "the brand", "contact": "a contact", "either": "the brand or a contact"}[by]
            return f"the text must name {what}; where it doesn't, {_quoted(add)} is added"
        case Label():
            return f"the text must {'begin' if kind.leads else 'end'} with {_quoted((kind.label, *kind.accept))}"
        case Forbid():
            return _forbid(kind)
        case Template(texts=texts):
            return f"the text must match one that was registered ({len(texts)} here, and those of the program)"
        case _:
            return kind.NAME


def _accepted(accept: Sequence[Accepted]) -> str:
    return _or([str(each) for each in accept])


def _hours(hours: Hours) -> str:
    """Days with the same hours in a row are said together."""
    days = []
    for windows, several in groupby(range(len(_DAYS)), lambda day: hours.week[day]):
        first, *more = several
        until = " and " if len(more) == 1 else " to "
        name = f"{_DAYS[first]}{until}{_DAYS[more[-1]]}" if more else _DAYS[first]
        days.append(f"{name} {_windows(windows)}")
    if hours.calendar is not None:
        also = [*hours.calendar.also, *(f"not {day}" for day in hours.calendar.never)]
        whose = ", ".join([*hours.calendar.places, *also])
        days.append(f"holidays ({whose}) {_windows(hours.on_holidays)}")
    return ", ".join(days)


def _windows(windows: Iterable[Window]) -> str:
    return _and([f"{spelled_minutes(start)}-{spelled_minutes(end)}" for start, end in windows]) or "never"


def _cap(cap: Cap) -> str:
    period = f"in each {cap.period}" if isinstance(cap.period, str) else f"within {cap.period.said}"
    per = "" if cap.per == "recipient" else f" for each {cap.per}"
    return f"at most {cap.most} {period} to one recipient{per}"


def _instruct(instruct: Instruct) -> str:
    if instruct.again is None:
        when = "the first text"
    else:
        when = f"a text every {instruct.again.days} days" if instruct.again else "every text"
    said = "; ".join(f"{language}: {_quoted(edit.variants)}" for language, edit in instruct.edits.items())
    return f"{when} must say how to opt out; where it doesn't, it is told ({said})"


def _forbid(forbid: Forbid) -> str:
    if forbid.everything:
        return "nothing may be sent"
    if forbid.asks_for_text_only:
        return "nothing may be sent whose text is not known here (templates, other channels, binary messages)"
    held = [f"a link to {_or(sorted(forbid.hosts))}"] if forbid.hosts else []
    held += ["a word or pattern that its file lists"] if forbid.patterns else []
    held += [f"a number of the kind {_or(forbid.numbers)}"] if forbid.numbers else []
    unread = "; it must be known here" if forbid.unreadable else ""
    return f"the text must not hold {_or(held)}{unread}"


def _sender(rule: SenderRule) -> str:
    asked = [f"the sender must be of the type {_or(sorted(rule.allow))}"] if rule.allow else []
    asked += [f"of the type {kind}, registered as {register}" for kind, register in sorted(rule.registered.items())]
    return "; ".join(asked) if rule.allow else f"the sender must be, where it is {'; '.join(asked)}"


def enforcement_said(rule: Rule) -> str:
    """How far it counts."""
    if rule.observed:
        return "observed: it is noted, and changes nothing"
    return "enforced" if rule.share == ALL else f"enforced for {rule.share} % of recipients, observed for the others"


def relaxation_said(relaxation: Relaxation) -> str:
    approved = f", approved by {relaxation.approved_by}" if relaxation.approved_by else ""
    where = scope_said(relaxation.scope).partition(", until ")[0]
    return f"relaxed until {relaxation.until} by {relaxation.by}{approved} ({where}): {relaxation.reason}"


def _quoted(wordings: Iterable[str]) -> str:
    return _or([f"“{wording}”" for wording in wordings])


def _and(several: Sequence[str]) -> str:
    return _joined(several, "and")


def _or(several: Sequence[str]) -> str:
    return _joined(several, "or")


def _joined(several: Sequence[str], word: str) -> str:
    return f"{', '.join(several[:-1])} {word} {several[-1]}" if len(several) > 1 else "".join(several)


_ENDS = {
    Reach.SENDER: "the messages of the sender that it was said to",
    Reach.PROGRAM: "the messages of the program that it was said to",
    Reach.BRAND: "the messages of the brand that it was said to",
    Reach.SITE: "all messages that an opt-out can end",
}
_CONFIRMED = {
    Confirming.MAY: "it may be confirmed, once",
    Confirming.MUST: "it is confirmed, once",
    Confirming.NEVER: "it is not confirmed",
}


def opt_out_said(opt_out: OptOut) -> str:
    """`An opt-out that names nothing ends ...; it may be confirmed, once; to be honoured within 10 business days.`"""
    asks = ", and the confirmation may ask what else is meant" if opt_out.asks else ""
    ends = f"An opt-out that names nothing ends {_ENDS[opt_out.reach]}"
    return f"{ends}; {_CONFIRMED[opt_out.confirm]}{asks}; {_days(opt_out)}."


def reminding_said(reminding: Reminding) -> str:
    """`Who does not answer a double opt-in is asked once more, 12 hours after the question.`"""
    if reminding.after is None:
        return "Who does not answer a double opt-in is not asked again."
    return f"Who does not answer a double opt-in is asked once more, {reminding.after.said} after the question."


def section_said(section: OptOut | Reminding) -> str:
    """What a policy says beside its rules."""
    return opt_out_said(section) if isinstance(section, OptOut) else reminding_said(section)


def _days(opt_out: OptOut) -> str:
    deadline = opt_out.deadline
    if not deadline.days:
        return "to be honoured at once"
    return f"to be honoured within {deadline.days} {'business ' * deadline.business}day{'s' * (deadline.days != 1)}"
