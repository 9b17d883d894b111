"""The words that tell a recipient how to opt out: whether a text has them, and how they are added.

The forms below are strict. A text wrongly taken to have an instruction leaves without one, which the law forbids;
one wrongly taken to have none gets a second, which is only ugly. So "stop" alone is never enough.
"""

# ruff: noqa: RUF001 - words of other scripts look like ours

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import itemgetter

import re2

from gateway.text.letters import plain
from gateway.text.segments import segments
from gateway.words.link import has_link

# What the forms are made of, in plain letters, for RE2. First words that ask for a text: "Reply ...", "Svara ...".
_ASK = (
    r"(?:reply|respond|text|txt|send|sms|answer|msg|message|type|repondez|repondre|envoyez|envoyer|responda|responde"
    r"|responder|contesta|conteste|envia|envie|enviar|manda|mande|antworte|antworten|antwort|sende|senden|schreibe"
    r"|schreiben|rispondi|invia|scrivi|antwoord|beantwoord|stuur|reageer|odpisz|wyslij|odpowiedz|svara|svar|skicka"
    r"|vastaa|laheta|balas|ketik|kirim|soan|ответьте|отправьте|пришлите|ответь|отправь"
    r"|odpovezte|odpovez|zaslete|odpovedzte|odpovedz|poslite|odgovorite|odgovori|posaljite|raspundeti|raspunde"
    r"|trimiteti|valaszoljon|valaszolj|kuldje|atsakykite|siuskite|atbildiet|sutiet|vasta|saada|svarid|freagair"
    r"|seol|wiegeb|ibghat|apantiste|stilte|otgovorete|izpratete)"
)
# What may stand between asking and the keyword: "... with the word ...", "... SMS au 36111: ...".
_BETWEEN = (
    r"(?:with|back|us|the|word|keyword|only|by|sms|sie|mit|dem|das|wort|avec|le|mot|la|palabra|a|palavra|con|com"
    r"|parola|met|het|woord|z|slowo|slowem|tresci|o|med|ordet|sanan|sana|dengan|kata|ang|ng|po|слово|со|словом"
    r"|to this (?:message|text|number)|a este (?:mensaje|numero)"
    r"|(?:to|au|al|an|a|ao|till?|naar|do|na|ke|numeroon|на) \+?[0-9]{3,15})"
)
# Words that are sent to opt out. The first are common words too, and count only where something fitting follows.
_STOP = r"(?:stop|stopp|arret)"
_COMMON_KEYWORD = rf"(?:{_STOP}|quit|alto|pare|halt|fin|uit)"
_KEYWORD = (
    r"(?:stop-?all|unsub|unsubscribe|opt-?out|baja|cancelar|salir|parar|detener|no mas|sair|remover|stoppen|afmelden"
    r"|afmeld|abmelden|cancella|cancellami|basta|rezygnuje|wypisz|avsluta|avslutt|avmeld|lopeta|peruuta|berhenti"
    r"|unreg|tc|tu choi|ret|iptal|стоп|отписка)"
)
_GOES_ON = (
    r"(?:$|[^a-z0-9 -]| ?[=/>&0-9]| -| (?:to|2|and|or|at any|anytime|if|for no|for opt|optout|opt|unsub|end|quit|help"
    r"|info|o|ou|oder|y|e|u|og|och|ja|tai|para|p/|pour|per|zum|um|fur|om|aby|for att?|til|utk|untuk|sms|au|al|an|a|ao"
    r"|naar|do|na|ke|va|numeroon|kirim|uz|lil|chuig|numbrile|numeriu)\b)"
)
# What it is good for: "STOP to opt out", "STOP=end".
_SO_AS_TO = r"(?: ?[=:>] ?| ?2 ?| (?:to|pour|para|p/|per|zum|um|om|om te|aby|for att|for at|utk|untuk) )"
_PURPOSE = (
    r"(?:opt[ -]?out|end|quit|stop|cancel|leave|remove|unsub[a-z]*|(?:se |vous |te )?(?:desabonner|desinscrire)"
    r"|salir|cancelar|anular|dar(?:se|te) de baja|dejar|no recibir|sair|parar|descadastrar|abmelden|beenden"
    r"|abbestellen|cancellarti|disiscriverti|annullare|afmelden|stoppen|wypisac|zrezygnowac|att? sluta|sluta|avsluta"
    r"|avslutte|peruuttaa|lopettaa|berhenti|itigil)"
)
_SURE_PURPOSE = (
    r"(?:opt[ -]?out|unsub"
    r"|stop(?:$|[^a-z ]| (?:receiving|getting|these|all|texts?|msgs?|messages|sms|alerts)))"
)
# Names of opting out that mean nothing else, and what leads from there to a link, a number or a keyword.
_LABEL = (
    r"(?:opt[ -]?out|opting out|unsub|unsubscribe|stop (?:receiving|getting)|desabo[a-z]*|desinscri[a-z]*"
    r"|dar(?:se|te) de baja|abmelden|abmeldung|abbestellen|disiscri[a-z]*|afmelden|uitschrijven|rezygnacja"
    r"|wypis[a-z]*|avregistrera[a-z]*|afmeld[a-z]*|framelding|avmeld[a-z]*|descadastr[a-z]*(?:-se)?|tu choi(?: qc)?"
    r"|otpiska|odhlas[a-z]*|odjav[a-z]*|dezabon[a-z]*|leiratkoz[a-z]*|atsisaky[a-z]*|atteik[a-z]*|loobu[a-z]*|afskra"
    r"|diagrafi|otkaz)"
)
_LEADS_TO = (
    r"(?:of|from|our|these|this|all|future|sms|texts?|messages?|msgs?|alerts?|marketing|promos?|updates|list|any ?time"
    r"|at|please|here|via|on|by|visit|click|tap|go|to|use|the|follow|link|call|ici|sur|aqui|en|em|no|qui|su|hier|unter"
    r"|auf|op|tutaj|na|her|har|pa|taalla)"
)
_TARGET = (
    rf"(?:https?://|www\.|[a-z0-9-]+\.[a-z]{{2,}}/|\+?[0-9][0-9 ()-]{{2,15}}"
    rf"|(?:{_ASK}|{_COMMON_KEYWORD}|{_KEYWORD})\b)"
)
_GAP = r"[ :,;?!=>/\n-]+"
_QUOTE = r"[\"'“”‘’„«»*(\[<]*"
_START = r"(?:^|[^a-z0-9-])"

_FORMS = (
    # Reply STOP to opt out · Responda con la palabra BAJA · SMS naar 36111: STOP
    rf"\b{_ASK}(?:{_GAP}{_BETWEEN})*{_GAP}{_QUOTE}(?:{_KEYWORD}(?:$|[^a-z])|{_COMMON_KEYWORD}{_GOES_ON})",
    # Text NO to unsubscribe
    rf"\b{_ASK}(?:{_GAP}{_BETWEEN})*{_GAP}{_QUOTE}[a-z0-9]{{1,12}}{_QUOTE}{_SO_AS_TO}{_SURE_PURPOSE}",
    # STOP=end · ARRET pour se desabonner
    rf"{_START}(?:{_COMMON_KEYWORD}|{_KEYWORD}){_QUOTE}{_SO_AS_TO}{_PURPOSE}\b",
    # STOP au 36111 · STOP: 36111; a number behind "to" may count something, and a bare one may be an address
    rf"{_START}{_STOP}{_QUOTE}(?: sms)?(?: (?:au|al|naar|till?|ao|an) | ?[:=>] ?)\+?[0-9]{{4}}",
    rf"{_START}{_STOP}{_QUOTE} to \+?[0-9]{{5}}",
    r"(?:^|[.!?:;,\n(] ?)stop(?: sms)? [0-9]{5,6}\.?\s*$",
    # Unsubscribe from our texts: https://... · Abmelden: STOPP
    rf"\b{_LABEL}{_GAP}(?:{_LEADS_TO}{_GAP})*{_TARGET}",
    # Turkish asks after the keyword.
    r"\b(?:ret|iptal|dur)\b[^a-z]{0,3}(?:yaz|gonder)|numarasina [^a-z]?(?:ret|iptal|dur)\b",
    # RE2's \b knows Latin letters only.
    r"(?:отписка|отписаться)(?: ?[:—-]| +(?:https?:|стоп|[0-9]|ответ|отправ))|[^а-я]стоп на [0-9]{4}",
    r"(?:отговорете|отговори|изпратете|отказ:)[^а-я]{1,3}(?:стоп|stop|https?:)",
    r"(?:απαντηστε|απαντησε|στειλτε|στειλε|διαγραφη:)[^α-ω]{1,3}(?:stop|https?:)",
    r"(?:ارسل|ارسال|رد ب|الرد ب)[^.]{0,16}(?:توقف|ايقاف|الغاء|قف|stop)",
    r"(?:להסרה|להסיר)[ :,-]*(?:השב|השיב|שלח|הסר|stop|[0-9]|http)|(?:השב|השיב|שלח)[^.]{0,12}(?:הסר|stop)",
    r"stop[^a-z]{0,3}(?:भेज|लिख|रिप्लाई)|(?:बंद|रोक)[^।]{0,16}(?:भेज|लिख)",
    r"配信停止(?:は|希望|の方は|[:→]|https?:)|[「\"']?(?:停止|stop)[」\"']?(?:と|を)(?:ご?返信|送信)",
    r"수신 ?거부[ :)]*(?:[0-9]|https?:)",
    r"(?:退订|退訂|拒收)[请請]?(?:回|复|復|:|https?:|点击|點擊)",
    r"回[复復覆]?[“「\"【]?(?:td|t|r|n|退订|退訂)(?:退订|退訂|拒收|[^a-z]|$)",
    r"(?:ยกเลิก|หยุดรับ)(?:รับ)?(?:sms|ข่าวสาร|ข้อความ)?[ :]*(?:ตอบ|พิมพ์|ส่ง|กด|โทร|https?:)",
    r"(?:ตอบ|พิมพ์|ส่ง) ?(?:stop|ยกเลิก)",
)
_INSTRUCTION = re2.compile(plain("|".join(f"(?:{form})" for form in _FORMS)))


def has_instruction(text: str, links: str = "") -> bool:
    """Whether the text already tells how to opt out, in any of our languages, or by one of our own `links`."""
    return has_link(text, links) or _INSTRUCTION.search(plain(text).encode("utf-8", "replace")) is not None


def instruction_words(text: str) -> frozenset[str]:
    """The words, in plain letters, that tell how to opt out."""
    found = _INSTRUCTION.search(plain(text).encode("utf-8", "replace"))
    return frozenset(re.findall(r"\w+", found[0].decode())) if found else frozenset()


def appended(text: str, variants: Sequence[str]) -> str:
    """The text with an instruction behind it.

    `variants` say the same, the preferred one first. The first that costs no further segment is taken, else the
    first of the cheapest. One that would turn the text from GSM-7 into UCS-2 is taken only where all would.
    """
    alone = segments(text)
    choices: list[tuple[tuple[bool, int], str]] = []
    for variant in variants:
        whole = f"{text}{_separator(text)}{variant}"
        taken = segments(whole)
        if taken.encoding == alone.encoding and taken.count <= alone.count:
            return whole
        choices.append(((taken.encoding != alone.encoding, taken.count), whole))
    return min(choices, key=itemgetter(0))[1]


def _separator(text: str) -> str:
    return "" if not text or text[-1].isspace() else " "
