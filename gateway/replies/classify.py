"""What a recipient's reply asks for, by rules that can be read: the same reply always has the same answer.

The first of these that says something decides: a reaction or a quotation of our own text asks for nothing; a word of
the program's own; an exact keyword, bare, dressed in politeness or misspelt; plain language; and where no rule says
anything, what the reply is like (`likeness.py`). How sure that is:

    1      a keyword and nothing else; a reaction
    0.95   a keyword with politeness around it, written twice, or with what it is to end; nothing that asks
    0.9    a phrase of plain language
    0.85   a keyword with a slip of the finger
    0.7    like what people write who ask who we are
    0.6    in doubt: a person should judge it
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from gateway.replies.keywords import DOUBTFUL, YES, Intent, keyword_in
from gateway.replies.likeness import likeness
from gateway.replies.misspelt import meant
from gateway.replies.normal import CURSE, HELP_SIGN, STOP_HAND, STOP_SIGN, Words, folded, words_of
from gateway.replies.quotes import is_tapback, own_words
from gateway.replies.spoken import spoken, without_courtesy

EXACT, DRESSED, SPOKEN, MISSPELT, ALIKE, DOUBTED = 1.0, 0.95, 0.9, 0.85, 0.7, 0.6
_LONGEST = 2000  # characters that are read; ten times a long reply
_ENDED_WITH = frozenset(("stop", "stopp", "unsubscribe", "unsub", "optout", "stopall", "baja", "arret", "abmelden"))


@dataclass(frozen=True)
class ProgramWords:
    """What a program understands beside what everybody does, exact replies all of them.

    `taken` are words that mean something else while a question of the program's is open (`asking`): CANCEL an
    appointment, YES to a survey.
    """

    opt_out: tuple[str, ...] = ()
    opt_in: tuple[str, ...] = ()
    help: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    asking: bool = False
    topics: tuple[str, ...] = ()  # what STOP can be followed by, however it is written, to end that alone

    @cached_property
    def intents(self) -> dict[str, Intent]:
        """The intent of each of the program's own words, folded."""
        added = ((Intent.HELP, self.help), (Intent.OPT_IN, self.opt_in), (Intent.OPT_OUT, self.opt_out))
        known = {folded(word): intent for intent, words in added for word in words}
        return known | dict.fromkeys(map(folded, self.taken if self.asking else ()), Intent.OTHER)

    @cached_property
    def known_topics(self) -> frozenset[str]:
        """Folded."""
        return frozenset(map(folded, self.topics))


@dataclass(frozen=True, slots=True)
class Heard:
    """What a reply asks for, the reply's own words that decided it, and how sure that is (0 to 1)."""

    intent: Intent
    matched: str = ""
    confidence: float = DRESSED
    doubt: bool = False  # a person should judge it
    topic: str = ""  # what is to end, where the reply names it: "STOP reminders"


_NO_WORDS = ProgramWords()


def classify(text: str, country: str = "", words: ProgramWords = _NO_WORDS) -> Heard:
    """What the reply asks for. `country` is the writer's (ISO 3166-1): in China a letter is enough. Never fails."""
    text = text[:_LONGEST]
    if is_tapback(text):
        return Heard(Intent.OTHER, "", EXACT)
    said = words_of(own_words(text))
    return _by_keyword(said, country, words) or _by_phrase(said)


def _by_keyword(said: Words, country: str, words: ProgramWords) -> Heard | None:
    bare = " ".join([piece.word for piece in said.bare])
    if not bare:
        return _by_emoji(said)
    whole = said.text[said.bare[0].start : said.bare[-1].end]
    if words.intents and (intent := words.intents.get(bare)):
        return Heard(intent, whole if intent is not Intent.OTHER else "", EXACT)
    if keyword := keyword_in(bare, country):
        return _unless_doubtful(keyword.intent, whole, said, bare, country)
    if bare in YES:
        return Heard(Intent.OPT_IN, whole, DOUBTED, doubt=True)
    return _ending_topic(said, whole, words) or _dressed(said, whole, country) if len(said.bare) <= _FEW else None


def _by_emoji(said: Words) -> Heard:
    """A reply without a word: a stop sign says enough, and question marks ask who we are."""
    unsaid = (Intent.HELP, DOUBTED) if said.asks else (Intent.OTHER, DRESSED)
    intent, confidence = _EMOJI.get(said.emoji, unsaid)
    return Heard(intent, said.text.strip() if intent is not Intent.OTHER else "", confidence, confidence == DOUBTED)


_EMOJI = {
    STOP_SIGN: (Intent.OPT_OUT, DRESSED),
    CURSE: (Intent.OPT_OUT, SPOKEN),
    STOP_HAND: (Intent.OPT_OUT, DOUBTED),
    HELP_SIGN: (Intent.HELP, DRESSED),
}
_FEW = 12  # words that a keyword may be wrapped in


def _unless_doubtful(intent: Intent, whole: str, said: Words, bare: str, country: str) -> Heard:
    doubt = intent is Intent.OPT_OUT and (said.asks or (bare in DOUBTFUL and country not in ("RU", "FI", "NL", "TR")))
    return Heard(intent, whole, DOUBTED if doubt else EXACT, doubt)


def _dressed(said: Words, whole: str, country: str) -> Heard | None:
    """A keyword with politeness around it, said twice, misspelt, or with what it is to end."""
    left = without_courtesy(said)
    if not left or spoken().not_out.find(said.line) or spoken().surely_not_out.find(said.line):
        return None
    if keyword := keyword_in(" ".join(left), country):
        if keyword.intent is not Intent.OPT_OUT and spoken().surely_out.find(said.line):
            return None  # "no contact please"
        doubt = said.asks and keyword.intent is Intent.OPT_OUT
        return Heard(keyword.intent, whole, DOUBTED if doubt else DRESSED, doubt)
    if len(left) == 1 and (keyword := keyword_in(meant(left[0]))):
        return Heard(keyword.intent, whole, MISSPELT, doubt=said.asks)
    return _ending(said, whole)


def _ending_topic(said: Words, whole: str, words: ProgramWords) -> Heard | None:
    """`stop reminders`, where a program is called so."""
    keyword, *rest = said.bare
    if keyword.word not in _ENDED_WITH or " ".join([each.word for each in rest]) not in words.known_topics:
        return None
    topic = said.text[rest[0].start : rest[-1].end]
    return Heard(Intent.OPT_OUT, whole, DRESSED, doubt=said.asks, topic=topic)


def _ending(said: Words, whole: str) -> Heard | None:
    """`STOP 12345`, `STOP CLUB`: a topic is a number, or written in capitals as the keyword is."""
    keyword, *rest = said.bare
    if len(rest) != 1 or keyword.word not in _ENDED_WITH:
        return None
    topic = said.text[rest[0].start : rest[0].end]
    if topic.isdigit() or whole.isupper():
        return Heard(Intent.OPT_OUT, whole, DRESSED, doubt=said.asks, topic=topic)
    return None


def _by_phrase(said: Words) -> Heard:
    if found := spoken().surely_in.find_beside(spoken().not_in, said.line):
        return Heard(Intent.OPT_IN, said.between(*found), SPOKEN)
    allowed = spoken().surely_not_out.hidden(said.line)
    if found := spoken().surely_out.find(allowed):
        return Heard(Intent.OPT_OUT, said.between(*found), SPOKEN)
    line = spoken().not_out.hidden(allowed)
    if found := spoken().asked_how.find(line):
        return Heard(Intent.OPT_OUT, said.between(*found), DOUBTED, doubt=True)
    if found := spoken().out.find(line):
        topic = spoken().topic.find(line)
        return Heard(Intent.OPT_OUT, said.between(*found), SPOKEN, topic=said.between(*topic) if topic else "")
    if found := spoken().perhaps_out.find(line):
        return Heard(Intent.OPT_OUT, said.between(*found), DOUBTED, doubt=True)
    if found := spoken().in_.find_beside(spoken().not_in, said.line):
        return Heard(Intent.OPT_IN, said.between(*found), SPOKEN)
    if found := spoken().help.find_beside(spoken().not_help, said.line):
        return Heard(Intent.HELP, said.between(*found), SPOKEN)
    return _of_no_phrase(said, line, denied=allowed != said.line)


def _of_no_phrase(said: Words, line: bytes, *, denied: bool) -> Heard:
    """By what it is like, unless it smells of an opt-out: that is for a person, whatever else it may be."""
    alike = _by_likeness(said, denied=denied)
    if alike and alike.intent is Intent.OPT_OUT:
        return alike
    if spoken().perhaps.find(line):
        return Heard(Intent.OTHER, "", DOUBTED, doubt=True)
    return alike or Heard(Intent.OTHER)


def _by_likeness(said: Words, *, denied: bool) -> Heard | None:
    """What the reply is like, which is no proof. `denied`: by a rule it is no opt-out, whatever else is said."""
    found = likeness(said)
    if not found or (denied and found.intent is Intent.OPT_OUT):
        return None
    doubt = found.intent is not Intent.HELP  # to tell somebody who we are harms nobody
    return Heard(found.intent, found.matched, DOUBTED if doubt else ALIKE, doubt)
