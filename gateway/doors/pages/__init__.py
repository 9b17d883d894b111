"""The opt-out pages: what they say, in which language, and the headers that go with them. Pure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

import yaml
from jinja2 import Environment, PackageLoader
from markupsafe import Markup, escape

OTHERWISE = "en"
ALIASES = {"nb": "no", "nn": "no", "iw": "he"}  # other names of languages that we speak
FROM_RIGHT = frozenset({"ar", "he"})

_HERE = files("gateway.doors.pages")
_STYLE = _HERE.joinpath("page.css").read_text("utf-8")
_WORDS: Mapping[str, Mapping[str, str]] = yaml.load(_HERE.joinpath("words.yaml").read_text("utf-8"), yaml.CSafeLoader)
LANGUAGES = frozenset(_WORDS)
_PAGE = Environment(
    loader=PackageLoader("gateway.doors", "pages"), autoescape=True, trim_blocks=True, lstrip_blocks=True
).get_template("page.html")

# Nothing is loaded, run, framed, remembered, or told to where a link leads.
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",  # for browsers older than frame-ancestors
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Form:
    """One button, and what is sent with it. `choices`: value and label of what can be ticked."""

    button: str
    row: str
    choices: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A page by the names of its sentences in words.yaml. `values` fill them in, and are escaped."""

    title: str
    said: Sequence[str]
    values: Mapping[str, str]
    form: Form | None = None
    more: tuple[str, str] | None = None  # a link: where to, and the name of what it says

    def html(self, language: str) -> str:
        words, form = _WORDS[language], self.form
        values = {name: Markup("<bdi>{}</bdi>").format(value) for name, value in self.values.items()}
        return _PAGE.render(
            language=language,
            direction="rtl" if language in FROM_RIGHT else "ltr",
            style=Markup(_STYLE),  # noqa: S704 our own
            title=words[self.title],
            said=[escape(words[name]).format(**values) for name in self.said],
            button=form and words[form.button],
            row=form and form.row,
            choices=form and form.choices,
            legend=words["choice"],
            more=self.more and (self.more[0], words[self.more[1]]),
        )


def language_for(accepted: str, otherwise: str) -> str:
    """The first of a browser's languages that we speak, else that of the program (BCP 47), else English."""
    ranked = sorted(map(_weighed, accepted.split(",")), key=lambda each: -each[0])
    wanted = [tag for weight, tag in ranked if weight > 0]
    return next((known for tag in (*wanted, otherwise) if (known := _known(tag))), OTHERWISE)


def _known(tag: str) -> str:
    base = tag.strip().lower().partition("-")[0]
    base = ALIASES.get(base, base)
    return base if base in LANGUAGES else ""


def _weighed(accepted: str) -> tuple[float, str]:
    """`de-AT;q=0.8`: how much it is liked, and the language. What can't be read is not liked at all."""
    tag, _, weight = accepted.partition(";")
    try:
        return float(weight.strip().removeprefix("q=") or 1), tag
    except ValueError:
        return 0.0, tag
