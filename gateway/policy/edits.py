"""Where it is written that a rule is only observed, and what to write there to enforce it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.policy.model import PolicyWritten, RuleWritten
from gateway.policy.rule import Through
from gateway.yamlfile import Document, Way, parsed

Key = tuple[str, Through, str]  # the rule's id, through what it is observed, and through which program


class Edits:
    """Of all policy files in force, and of the site's configuration."""

    def __init__(self, policies: Iterable[Document], config: Document | None = None) -> None:
        """Raises BadFile where one of them is no policy."""
        self._edits: dict[Key, list[str]] = {}
        self._programs = dict(_programs(config)) if config else {}
        for document in policies:
            for rule, through, edit in _policy(document, parsed(document, PolicyWritten)):
                self._edits.setdefault((rule, through, ""), []).append(edit)

    def rules(self) -> list[Key]:
        """Those that are written to be observed, for everybody or a share, whatever they were asked."""
        return [key for key in self._edits if key[1] is not Through.RELAXATION]

    def of(self, rule: str, through: Through, program: str = "") -> tuple[str, ...]:
        """`policies/us-fl.yaml:14:14: write on`; all of them must be made."""
        if through is Through.PROGRAM:
            return (self._programs[program],) if program in self._programs else ()
        return tuple(self._edits.get((rule, through, ""), ()))


def _policy(document: Document, policy: PolicyWritten) -> Iterator[tuple[str, Through, str]]:
    for index, rule in enumerate(policy.rules):
        if "off" not in {rule.enforce, policy.enforce}:
            id_ = f"{policy.policy}/{rule.id}"
            yield from ((id_, through, edit) for through, edit in _rule(document, policy, rule, index))
    for index, relaxation in enumerate(policy.relaxations):
        edit = _said(document, ("relaxations", index), "take out this relaxation")
        yield relaxation.rule, Through.RELAXATION, edit


def _rule(document: Document, policy: PolicyWritten, rule: RuleWritten, index: int) -> Iterator[tuple[Through, str]]:
    at: Way = ("rules", index)
    if policy.enforce == "observe":
        yield Through.RULE, _said(document, ("enforce",), "write `enforce: on`, for all rules of the policy")
    if rule.enforce == "observe":
        yield Through.RULE, _said(document, (*at, "enforce"), "write `enforce: on`")
    if "observe" in {rule.enforce, policy.enforce}:
        return
    if rule.share is not None:
        yield Through.SHARE, _said(document, (*at, "share"), "take out `share`, or raise it")
    elif policy.share is not None:
        yield Through.SHARE, _said(document, ("share",), "take out `share`, or raise it, for all rules of the policy")


def _programs(config: Document) -> Iterator[tuple[str, str]]:
    for index, program in enumerate(config.value.get("programs", ())):
        where = ("programs", index, "enforce")
        yield str(program["name"]), _said(config, where, "write `enforce: on`, for all rules of the program's messages")


def _said(document: Document, where: Way, what: str) -> str:
    return str(document.problem(where, what, at_key=True))
