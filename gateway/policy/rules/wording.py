"""Wordings that a policy adds to texts, with what the program fills in: `{brand}: `, `STOP au {stop_number}`."""

from __future__ import annotations

import re

from gateway.words.program import Program

BLANKS = ("brand", "contact", "stop_number")

_BLANK = re.compile(r"\{(" + "|".join(BLANKS) + r")\}")


def filled(variants: tuple[str, ...], program: Program) -> tuple[str, ...]:
    """Those wordings that this program can fill in; the very same where there is nothing to fill in."""
    if not any("{" in variant for variant in variants):
        return variants
    return tuple(done for variant in variants if (done := _filled(variant, program)))


def _filled(variant: str, program: Program) -> str:
    """Empty where the program hasn't got what the wording asks for."""
    if any(not getattr(program, name) for name in _BLANK.findall(variant)):
        return ""
    return _BLANK.sub(lambda blank: getattr(program, blank[1]), variant)
