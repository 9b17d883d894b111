"""What the models of all our files have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Written(BaseModel):
    """Unknown keys are errors: a misspelt one would be silently without effect. A number can stand for text."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, coerce_numbers_to_str=True)


class Unspoken(ValueError):
    """What is wrong with a value that may be a secret: it is never quoted."""


def listed(value: object) -> object:
    """One is as good as a list of one."""
    return value if isinstance(value, list) else [value]


@dataclass(frozen=True, slots=True)
class Spelled:
    """Takes a text of one form only. The form is also what editors are told."""

    pattern: str
    complaint: str

    def __call__(self, value: object) -> str:
        if not re.fullmatch(self.pattern, str(value)):
            raise ValueError(self.complaint)
        return str(value)


def spelled(pattern: str, complaint: str) -> BeforeValidator:
    """A text of that form, else the complaint: `is no country; write it as US`."""
    return BeforeValidator(Spelled(pattern, complaint))
