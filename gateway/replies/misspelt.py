"""Keywords with one slip of the finger, where a reply is a single word."""

from __future__ import annotations

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


def _one_slip(word: str, keyword: str) -> bool:
    longest = min(len(word), len(keyword))
    at = next((i for i in range(longest) if word[i] != keyword[i]), longest)
    if word[at + 1 :] == keyword[at:] or word[at:] == keyword[at + 1 :] or word[at + 1 :] == keyword[at + 1 :]:
        return True
    return word[at : at + 2] == keyword[at : at + 2][::-1] and word[at + 2 :] == keyword[at + 2 :]
