"""The kinds of rules, one file each. The two that are always on need no YAML."""

from __future__ import annotations

from gateway.policy.rules.hours import Hours
from gateway.policy.rules.instruct import Instruct
from gateway.policy.rules.numbers import Numbers
from gateway.policy.rules.suppressed import Suppressed

Rule = Hours | Instruct
ALWAYS = (Numbers(), Suppressed())

__all__ = ["ALWAYS", "Hours", "Instruct", "Numbers", "Rule", "Suppressed"]
