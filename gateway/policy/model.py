"""A policy file as data: what an operator may write. Its JSON Schema comes from here, too."""

from __future__ import annotations

from typing import Annotated, Literal, Protocol, Self

from pydantic import BeforeValidator, Field, model_validator

from gateway.policy.optout import OptOutWritten
from gateway.policy.reminding import OptInWritten
from gateway.policy.rules import Kind
from gateway.policy.rules.cap import CapWritten
from gateway.policy.rules.consent import Accepting, ConsentWritten
from gateway.policy.rules.forbid import ForbidWritten
from gateway.policy.rules.hours import HoursWritten
from gateway.policy.rules.identify import IdentifyWritten
from gateway.policy.rules.instruct import InstructWritten
from gateway.policy.rules.label import LabelWritten
from gateway.policy.rules.lists import ListWritten
from gateway.policy.rules.sender import SenderWritten
from gateway.policy.rules.template import TemplateWritten
from gateway.policy.scope import Scope, SenderType
from gateway.policy.terms import Country, Day, Id, Language, Matching, Percent, Region, RuleId, Within, Wording, Words
from gateway.words.program import Category
from gateway.yamlfile import Written, listed

Categories = Annotated[tuple[Category, ...], BeforeValidator(listed), Field(alias="for")]
Regions = Annotated[tuple[Region, ...], BeforeValidator(listed)]
Enforce = Literal["on", "observe", "off"]


class KindWritten(Protocol):
    """What each kind's mapping can tell. OTHERWISE: what its rules may do, the usual first."""

    OTHERWISE: tuple[str, ...]

    def kind(self, scope: Scope) -> Kind: ...


class When(Written):
    """Where a rule holds; all that is given must be so. `region: unknown`: only the country is known."""

    country: Annotated[tuple[Country, ...], BeforeValidator(listed)] = ()
    region: Regions = ()
    sender: Annotated[tuple[SenderType, ...], BeforeValidator(listed)] = ()
    program: Words = ()
    upstream: Words = ()
    client: Words = ()
    subject: Words = ()
    language: Annotated[tuple[Language, ...], BeforeValidator(listed)] = ()
    text: Matching | None = None


class RuleWritten(Written):
    """One rule: an id, exactly one kind, and where and for what it holds."""

    id: Id
    consent: ConsentWritten | None = None
    hours: HoursWritten | None = None
    cap: CapWritten | None = None
    list: ListWritten | None = None
    instruct: InstructWritten | None = None
    identify: IdentifyWritten | None = None
    label: LabelWritten | None = None
    forbid: ForbidWritten | None = None
    sender: SenderWritten | None = None
    template: TemplateWritten | None = None
    categories: Categories = ()
    when: When = When()
    unless: Accepting | None = None  # consents that lift it
    otherwise: Literal["defer", "block", "mask"] | None = None
    within: Within | None = None  # with `defer`: how long it is worth waiting
    cite: str = ""
    verified: Literal["seen", "unverified"] = "unverified"
    verified_on: Day | None = None
    enforce: Enforce = "on"
    share: Percent | None = None  # of recipients for whom it is enforced; the others are observed
    since: Annotated[Day | None, Field(alias="from")] = None  # the first day, in UTC
    until: Day | None = None  # the last day, in UTC

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        kinds = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            raise ValueError(f"a rule is of one kind; write one of {', '.join(KINDS)}")
        allowed = self.body.OTHERWISE
        if self.otherwise is not None and self.otherwise not in allowed:
            raise ValueError(f"`otherwise: {self.otherwise}` is not for {kinds[0]}; write {' or '.join(allowed)}")
        if self.since and self.until and self.until < self.since:
            raise ValueError("`until` comes before `from`, so that it never holds")
        return self

    @property
    def body(self) -> KindWritten:
        """The mapping of its kind."""
        body: KindWritten = next(each for kind in KINDS if (each := getattr(self, kind)) is not None)
        return body


KINDS = ("consent", "hours", "cap", "list", "instruct", "identify", "label", "forbid", "sender", "template")


class RelaxationWritten(Written):
    """A rule of another policy that this site doesn't enforce: who says so, why, and until when (in UTC)."""

    rule: RuleId
    by: Wording
    reason: Wording
    until: Day
    approved_by: str = ""
    categories: Categories = ()
    when: When = When()


class PolicyWritten(Written):
    """A policy file. `country` (and `region`): whom it is for."""

    policy: Id
    country: Annotated[tuple[Country, ...], BeforeValidator(listed)]
    region: Regions = ()
    title: str = ""
    reviewed: Day | None = None
    review_every: Annotated[int, Field(ge=1, le=3650)] = 365  # days
    enforce: Enforce = "on"
    share: Percent | None = None
    opt_out: OptOutWritten | None = None
    opt_in: OptInWritten | None = None
    rules: tuple[RuleWritten, ...] = ()
    relaxations: tuple[RelaxationWritten, ...] = ()

    @property
    def sections(self) -> dict[str, OptOutWritten | OptInWritten]:
        """What it says beside its rules, by the key under which it does."""
        return {name: said for name, said in (("opt_out", self.opt_out), ("opt_in", self.opt_in)) if said}

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.rules or self.relaxations or self.opt_out or self.opt_in):
            raise ValueError("says nothing; write `rules`, `opt_out`, `opt_in` or `relaxations`")
        return self
