"""One slip of the finger: a keyword that is the whole reply, and long words that no phrase can do without."""

from __future__ import annotations

import re

# Words and names that are one letter from a keyword.
_OTHERS = """
    shop step top stow spot slop atop stoop strop swop snop sop stops sto stomp stoup stock stood stork storm stoic
    stove store story crop drop prop flop plop glop scop ston stob stot stoa stor
    stopped quite quint quilt quid suit quiet cancer cancels lend send bend smart tart
    subscribe subscribed remover removed removes revoked invoke evoke avslutat lopetan
"""
_OTHER_WORDS = frozenset(_OTHERS.split())
_KEYWORDS = (
    *("stop", "stopall", "unsubscribe", "cancel", "revoke", "remove", "optout"),
    *("desabonner", "desinscrire", "cancelar", "eliminar", "desuscribir", "abmelden", "abbestellen", "austragen"),
    *("cancellami", "disiscrivi", "descadastrar", "afmelden", "uitschrijven", "wypisz", "zatrzymaj", "rezygnuje"),
    *("avregistrera", "avsluta", "afmeld", "avmeld", "lopeta", "peruuta", "отписаться", "subscribe"),
)


def meant(word: str) -> str:
    """The keyword that the word misspells, or nothing: one letter too many, too few, another, or two swapped."""
    if word in _OTHER_WORDS:
        return ""
    return next(
        (keyword for keyword in _KEYWORDS if abs(len(word) - len(keyword)) <= 1 and _one_slip(word, keyword)), ""
    )


def mended(word: str) -> str:
    """A long word with one slip, or `stop` with a common one, as it was meant; any other as it is."""
    if word in _STOPS:
        return "stop"
    if len(word) < _LONG or word in _LOOK_ALIKE or word in _LONG_WORDS:
        return word
    if len(word) > _LONG + 1 and _UNSUBSCRIBE.fullmatch(word):
        return "unsubscribe"
    near = (each for each in _LONG_WORDS if each[0] == word[0] and abs(len(word) - len(each)) <= 1)
    return next((each for each in near if _one_slip(word, each)), word)


# Slips that are no words of any language that we know.
_SLIPPED = """
    stpo sotp tsop stp stpp stoo stap stahp stawp stoip stiop stpop sttop sstop stopo stopt stopl stopi srop stio stlp
    sytop stopz dtop ztop sdtop astop stopn stopm stob tstop rstop stopr stopd etop stopq sptop sopt
"""
_STOPS = frozenset(_SLIPPED.split())

_LONG = 6  # letters; too many short words are one letter from another
_UNSUBSCRIBE = re.compile(r"un?s?u?[bn]?s?[cs]?r?[ie]?[bp]?e?r?", re.ASCII)  # any of its letters may be gone
_WORDS = """
    unsubscribe unsubscribed subscription message messages messaging texting contact contacting remove removed delete
    deleted number sending notifications reminders promotions resubscribe subscribe interested spamming bothering
    harassing consent permission receive receiving nachrichten nachricht abbestellen interesse nummer
    mensajes mensaje mensagens mensagem messaggi messaggio berichten bericht wiadomosci meddelanden meddelande
    desabonner desinscrire numero
    another anymore unsubscribing authorized attorney subscriber harassment disturbing bothered continue discontinue
    communication communications immediately
"""
_LONG_WORDS = dict.fromkeys(_WORDS.split())  # in order: a slip of two of them is always the same one's
# Words and names that are one letter from one of those.
_ALIKE = """
    massage massages testing resting nesting contract contacts context remote removes remover deletes lumber numbers
    lending bending spending mending tending vending content contents subscribed subscriber subscribes receives
    received receiver interests interest numbed slumber consents numeros nombre nombres numerous nummern interessen
    messenger messaged mesaje texting texing removal promotion reminder notification nachrichte
"""
_LOOK_ALIKE = frozenset(_ALIKE.split())


def _one_slip(word: str, keyword: str) -> bool:
    longest = min(len(word), len(keyword))
    at = next((i for i in range(longest) if word[i] != keyword[i]), longest)
    if word[at + 1 :] == keyword[at:] or word[at:] == keyword[at + 1 :] or word[at + 1 :] == keyword[at + 1 :]:
        return True
    return word[at : at + 2] == keyword[at : at + 2][::-1] and word[at + 2 :] == keyword[at + 2 :]
