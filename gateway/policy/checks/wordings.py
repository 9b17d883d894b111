"""Opt-out instructions: the words that they tell people to send are words that we act on, and they fit."""

# ruff: noqa: RUF001 - quotation marks of other languages

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby

from gateway.policy.checks.examined import Examined, Level, Remark
from gateway.policy.rules import Instruct
from gateway.policy.rules.wording import LINK, blanks_in, filled
from gateway.replies.keywords import Intent, keyword_of
from gateway.text.instruction import has_instruction
from gateway.text.segments import segments
from gateway.words.program import Program

SAMPLE = Program("sample", "Acme", contact="https://acme.example", stop_number="36111", links="https://o.acme.example")

_QUOTED = re.compile(r"[\"“”„«「『‘]\s*([^\"“”„«»「」『』‘’]{1,30}?)\s*[\"”“»」』’]")
_BLANK = re.compile(r"\{+[a-z_]+\}+")
_PIECES = re.compile(r"\w+|[^\w\s]")
_ELSEWHERE = re.compile(r"https?://|www\.|[0-9]{4}")  # a link or a number instead of a word
_ABBREVIATIONS = frozenset({"SMS", "MMS", "RCS", "TXT", "MSG", "URL", "WEB", "APP"})


def instructions(examined: Examined) -> Iterator[Remark]:
    """Of every wording of every instruction."""
    for rule, language, variants, countries in _instructing(examined):
        within = ("instruct", "text", language)
        for index, wording in enumerate(variants):
            for why, code in _wrong(wording, countries):
                yield examined.at_rule(rule, f"`{wording}` {why}", Level.ERROR, code, (*within, index))
        if all(segments(said).count > 1 for said in filled(variants, SAMPLE)):
            why = f"no wording in `{language}` fits into one segment"
            yield examined.at_rule(rule, why, Level.ERROR, "too-long", within)


def links(examined: Examined) -> Iterator[Remark]:
    """Wordings with an opt-out link, where the configuration has none to give."""
    if examined.known is None or examined.known.has_links:
        return
    for rule, language, variants, _ in _instructing(examined):
        asking = [LINK in blanks_in(wording) for wording in variants]
        level, then = (Level.ERROR, "texts are blocked") if all(asking) else (Level.WARNING, "another wording is taken")
        for index in (index for index, asks in enumerate(asking) if asks):
            why = f"asks for an opt-out link, and the configuration has no `links: {{url: ...}}`; {then}"
            where = ("instruct", "text", language, index)
            yield examined.at_rule(rule, f"`{variants[index]}` {why}", level, "no-links", where)


def _instructing(examined: Examined) -> Iterator[tuple[str, str, tuple[str, ...], list[str]]]:
    """Rule, language, wordings, and the countries in which they are sent."""
    for source in examined.sources.loaded:
        countries = [country.replace("*", "") for country in source.written.country]
        kinds = {rule.id: rule.kind for rule in source.policy.rules if isinstance(rule.kind, Instruct)}
        for rule, kind in kinds.items():
            yield from ((rule, language, edit.variants, countries) for language, edit in kind.edits.items())


def _wrong(wording: str, countries: Sequence[str]) -> Iterator[tuple[str, str]]:
    said = next(iter(filled((wording,), SAMPLE)), wording)
    if not has_instruction(said, SAMPLE.links):
        why = "is not seen as an opt-out instruction, so that texts would get a second one; say it as `Reply STOP`"
        yield why, "unseen"
    words = sent_words(wording)
    for country in countries:
        unheard = [word for word in words if not keyword_of(word, country)]
        leaves = any(_is_opt_out(word, country) for word in words or wording.split())
        if unheard:
            yield f"tells people to send {', '.join(unheard)}, which nothing here acts on", "opt-out-word"
        elif not leaves and (words or not _ELSEWHERE.search(said)):
            yield "names no word that we would act on as an opt-out", "opt-out-word"
        else:
            continue
        return


def _is_opt_out(word: str, country: str) -> bool:
    keyword = keyword_of(word, country)
    return keyword is not None and keyword.intent is Intent.OPT_OUT


def sent_words(wording: str) -> list[str]:
    """What a wording tells people to send: what stands in quotes, else in capitals among small letters."""
    bare = _BLANK.sub(" ", wording)
    if quoted := _QUOTED.findall(bare):
        return list(quoted)
    if not any(map(str.islower, bare)) and not any(unicodedata.category(each) == "Lo" for each in bare):
        return []  # all in capitals: nothing stands out
    return [word for run in _capitals(bare) for word in _words(run)]


def _words(run: str) -> list[str]:
    """`NO MAS` is one word to us; `STOP SMS` may be a word and its abbreviation."""
    if keyword_of(run):
        return [run]
    return [word for word in run.split() if word not in _ABBREVIATIONS]


def _capitals(text: str) -> Iterator[str]:
    """Runs of words that are written in capitals alone; a single letter counts where no small one stands around."""
    has_small = any(map(str.islower, text))
    # Letters of scripts without case end a run, as punctuation does.
    cased = "".join(";" if unicodedata.category(each) == "Lo" else each for each in text)
    for is_run, words in groupby(
        _PIECES.findall(cased), lambda word: word.isupper() and (len(word) > 1 or not has_small)
    ):
        if is_run:
            yield " ".join(words)
