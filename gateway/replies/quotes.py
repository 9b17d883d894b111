"""What a reply quotes, told from what its writer says: reactions to our texts, quoted originals, signatures.

A phone tells a reaction as a text: `Liked “Sale today. Reply STOP to end”`. Those words are ours and ask for nothing.
"""

# ruff: noqa: RUF001 - quotation marks of the world

from __future__ import annotations

import re

_OPEN, _CLOSE = "\"“”„«‹「『‟‘'", "\"”“»›」』‟’'"
_GAP = "[\\s\u200a-\u200f\u2060-\u2069\ufeff]*"
# What phones write before the quotation; the longest first where one begins another.
_REACTIONS = """
    liked, loved, disliked, laughed at, emphasized, emphasised, questioned, removed an? \\w+( mark)? from,
    le gust[óo], le gusta, le encant[óo], no le gust[óo], se ri[óo] de, se ri[óo] con, enfatiz[óo], pregunt[óo] por,
    exclam[óo] por, cuestion[óo], me gusta, me encanta, (quit[óo]|elimin[óo]) .{1,40}? (de|a),
    a aim[ée], a ador[ée], n.a pas aim[ée], a ri (de|à), a mis l.accent sur, a soulign[ée], a interrog[ée],
    a remis en question, j.aime, a r[ée]agi.{1,30}? [àa], a supprim[ée] .{1,40}? (de|à), aime, adore,
    gef[äa]llt( nicht)?, gefiel( nicht)?, hat, liebt, geliebt, lacht [üu]ber, lachte [üu]ber, betont, betonte,
    hob hervor, hinterfragt, hinterfragte, hervorgehoben, findet, fand, mag, hat .{1,40}? auf, hat .{1,40}? von,
    gostou de, amou, adorou, n[ãa]o gostou de, riu de, riu com, enfatizou, questionou, removeu .{1,40}? de,
    ha messo .{1,30}? a, piace, mi piace, ha adorato, non piace, ha riso (per|di), ha enfatizzato, ha sottolineato,
    ha contestato, [èe] piaciuto, non [èe] piaciuto, ha rimosso .{1,40}? da, ha reso dubbio, ha amato,
    vond, vindt, gaf, benadrukte, heeft benadrukt, lachte om, moest lachen om, twijfelde aan, verwijderde .{1,40}? van,
    polubiono, polubi[łl]a?, lubi to, uwielbia, nie podoba si[ęe], nie lubi, podkre[śs]li[łl]a?, wyr[óo][żz]ni[łl]a?,
    [śs]mieje si[ęe] z, za[śs]mia[łl]a? si[ęe] z, zakwestionowa[łl]a?, usuni[ęe]to .{1,40}? z,
    gillade, [äa]lskade, ogillade, skrattade [åa]t, betonade, framh[äa]vde, ifr[åa]gasatte, tog bort .{1,40}? fr[åa]n,
    synes godt om, elskede, elsket, likte, lo av, grinede ad, fremh[æe]vede, understreket, tykk[äa][äa]
"""
_TO = r"to|a|à|al|auf|zu|op|na|på|til|in reply to|em|ao|su|para|от|на"
_REACTED = (
    r"(?:reacted|reagi[oóò]|reaccion[óo]|reagiu|reagierte?|r[ée]agi|a r[ée]agi|ha reagito|hat|reageerde|reagerade|"
    r"reagerede|reagerte|zareagowano|zareagowa[łl]a?)\b[^\"“„«]{0,40}?"
)
_HEADS = "|".join(head.strip() for head in re.split(r",(?![^{]*\})", _REACTIONS))
_OBJECT = r"an? (?:image|picture|photo|video|movie|attachment|audio message|sticker|contact|location|link)\.?$"
_TAPBACK = re.compile(
    rf"{_GAP}(?:(?:{_HEADS}|{_REACTED}){_GAP}(?:[{_OPEN}]|{_OBJECT})"
    rf"|[^\w\s{_OPEN}]{{1,12}}{_GAP}(?:{_TO}){_GAP}[{_OPEN}])",
    re.IGNORECASE,
)
_ENDS_IN_QUOTE = re.compile(
    rf"[{_CLOSE}]{_GAP}[.]?(?:[^\S\n]+"
    rf"(?:leuk|een (?:hartje|duim).*|niet leuk|"
    rf"mit .{{1,40}}|reagiert|gut|nicht|lustig|hervorgehoben|en .{{1,30}}))?{_GAP}$"
)
_ORIGINAL = re.compile(
    r"^(?:-{2,} ?(?:original|urspr|message d|mensaje orig|mensagem orig|messaggio orig|oorspronk|wiadomo|forwarded)"
    r"[^\n]*"
    r"|_{8,}"
    r"|(?:on|am|le|el|em|il|op|w dniu|den|dnia|på|no dia)\b[^\n]{3,100}"
    r"(?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|schreef|napisał\w*|skrev)[^\n:]{0,60}:"
    r"|(?:from|von|de|da|van|od|från): [^\n]+\n"
    r"(?:sent|date|gesendet|envoyé|enviado|inviato|verzonden|wysłano|skickat|to)\b"
    r")",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTED_LINE = re.compile(r"^[ \t]*(?:>|&gt;).*$", re.MULTILINE)
_SIGNATURE = re.compile(
    r"(?:^|\n|(?<=[.!?…]) | - |--\s?\n?)[ \t]*"
    r"(?:sent (?:from|via|with|by) (?:my |an? |the )?\w|get outlook|get bluemail|"
    r"von meinem|gesendet (?:von|mit)|"
    r"envoy[ée] (?:de|depuis|à partir)|enviado (?:desde|do|de|da|pelo|via)|inviato d|verstuurd v|verzonden v|"
    r"wys[łl]an[eoy] z|skickat? fr|sendt fra|lähetetty)[^\n]*$",
    re.IGNORECASE,
)
_LONG_QUOTATION = re.compile(r"[“„«「\"][^“”„«»「」\"]{12,}?[”“»」\"]")
_WORD = re.compile(r"\w+")
_WORDS_QUOTED = 4  # a shorter quotation may be the keyword itself: “STOP”
_REPLY_TO = re.compile(r"^\s*(?:re|fwd?|aw|sv|odp|rif)\s*:\s*", re.IGNORECASE)


def is_tapback(text: str) -> bool:
    """Whether the text is a phone's way to tell a reaction: to a text of ours, or to a picture."""
    found = _TAPBACK.match(text)
    if found is None:
        return False
    if text[: found.end()].rstrip()[-1:] not in set(_OPEN):
        return True
    rest = text[found.end() :]
    # A carrier may have cut it, closing mark and all.
    return bool(_ENDS_IN_QUOTE.search(rest)) or not any(mark in rest for mark in '"”“»›」』')


def own_words(text: str) -> str:
    """The text without quoted originals, long quotations and a mail program's signature."""
    said = _REPLY_TO.sub("", text, count=1)
    if "\n" in said or "-----" in said:
        if original := _ORIGINAL.search(said):
            said = said[: original.start()]
        said = _QUOTED_LINE.sub("", said)
    elif original := _ORIGINAL.search(said):
        said = said[: original.start()]
    return _LONG_QUOTATION.sub(_unless_short, _SIGNATURE.sub("", said))


def _unless_short(quotation: re.Match[str]) -> str:
    return ", " if len(_WORD.findall(quotation[0])) >= _WORDS_QUOTED else quotation[0]
