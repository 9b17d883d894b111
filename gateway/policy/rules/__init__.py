"""The kinds of rules, one file each. Those that are always on need no YAML."""

from __future__ import annotations

from gateway.policy.rules.cap import Cap
from gateway.policy.rules.consent import ConsentRule
from gateway.policy.rules.doubted import Doubted
from gateway.policy.rules.forbid import Forbid
from gateway.policy.rules.hours import Hours
from gateway.policy.rules.identify import Identify
from gateway.policy.rules.instruct import Instruct
from gateway.policy.rules.label import Label
from gateway.policy.rules.lists import Listed
from gateway.policy.rules.numbers import Numbers
from gateway.policy.rules.seen import Kind, Seen
from gateway.policy.rules.sender import SenderRule
from gateway.policy.rules.stopped import Stopped
from gateway.policy.rules.suppressed import Suppressed
from gateway.policy.rules.template import Template

ALWAYS = (Numbers(), Stopped(), Suppressed(), Doubted())

__all__ = [
    "ALWAYS",
    "Cap",
    "ConsentRule",
    "Doubted",
    "Forbid",
    "Hours",
    "Identify",
    "Instruct",
    "Kind",
    "Label",
    "Listed",
    "Numbers",
    "Seen",
    "SenderRule",
    "Stopped",
    "Suppressed",
    "Template",
]
