"""STOP, START and HELP in all their spellings: a reply that is a keyword and nothing else.

Free text ("please stop texting me") is understood elsewhere (`classify.py`): here are only words that mean nothing else
when they are sent alone.
"""

# ruff: noqa: RUF001 - words of other scripts look like ours

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.replies.normal import folded


class Intent(StrEnum):
    """What a reply asks for."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    HELP = "help"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Keyword:
    """What a keyword asks for, and the keyword as our table spells it."""

    intent: Intent
    word: str


# A line for each language, words separated by commas; case, accents and the dot of an i don't matter. The first line
# holds the FCC's seven, which revoke consent whatever else is said (47 CFR 64.1200(a)(10)).
_OPT_OUT = """
    STOP, STOPALL, STOP ALL, UNSUBSCRIBE, UNSUB, CANCEL, END, QUIT, REVOKE, OPTOUT, OPT OUT, REMOVE, DELETE, CEASE,
    ARRET, ARRETER, ARRETEZ, DESABONNER, DESABONNEMENT, DESINSCRIRE, DESINSCRIPTION, ANNULER, FIN, RESILIER,
    ALTO, PARAR, BAJA, CANCELAR, SALIR, DETENER, NO MAS, ELIMINAR, DESUSCRIBIR, DESUSCRIBIRME, BORRAR,
    STOPP, ABMELDEN, ABMELDUNG, ABBESTELLEN, ENDE, AUSTRAGEN, KUENDIGEN, KÜNDIGEN, HALT, WIDERRUF, AUFHÖREN,
    CANCELLA, CANCELLAMI, CANCELLAZIONE, BASTA, DISISCRIVI, DISISCRIVIMI, DISISCRIZIONE, FERMA, ANNULLA, RIMUOVI,
    PARE, SAIR, REMOVER, DESCADASTRAR, CANCELE, CHEGA,
    STOPPEN, AFMELDEN, UIT, UITSCHRIJVEN, OPZEGGEN, OPHOUDEN,
    REZYGNUJE, REZYGNACJA, WYPISZ, KONIEC, USUN, ANULUJ, ZATRZYMAJ,
    STOPPA, AVSLUTA, AVREGISTRERA, SLUTA, AVANMAL,
    AFMELD, SLUT, FRAMELD, SLET,
    AVSLUTT, AVMELD, SLUTT,
    LOPETA, LOPETTAKAA, PERU, PERUUTA, SEIS, POISTA,
    ODHLASIT, ODHLASENI, ODHLASENIE, ODJAVA, DEZABONARE, LEIRATKOZAS, LEIRATKOZOM, ATSISAKYTI,
    ATTEIKTIES, LOOBUN, AFSKRA,
    ΔΙΑΓΡΑΦΗ, DIAGRAFI, ΣΤΟΠ, ОТКАЗ, OTKAZ, СПРИ, ВІДПИСАТИСЯ,
    RET, IPTAL, DUR, CIK, AYRIL,
    توقف, أوقف, إيقاف, إلغاء, قف, حذف, إلغاء الاشتراك,
    הסר, הסרה, הסירו, עצור, די, ביטול,
    बंद, रोको, बंद करो, BAND KARO, ROKO,
    停止, 配信停止, 解除, 退会, ストップ, やめて,
    수신거부, 거부, 중지, 정지, 그만, 해지,
    退订, 退訂, 取消, 拒收, TD,
    BERHENTI, UNREG, BATAL, HENTIKAN,
    TC, TU CHOI, HUY, DUNG,
    ยกเลิก, หยุด, เลิก,
    СТОП, СТОР, ОТПИСАТЬСЯ, ОТПИСКА, ОТМЕНА, СТОП СМС, ОСТАНОВИТЬ, ITIGIL, TAMA NA
"""
# Not the words for "yes" (YES, OUI, SI, JA, ДА, 是 ...): without a question before them they ask for nothing.
_OPT_IN = """
    START, UNSTOP, SUBSCRIBE, JOIN, OPTIN, OPT IN, BEGIN, RESUME, REVERT,
    DEBUT, DEBUTER, REPRENDRE, ABONNER, NONARRET,
    ALTA, INICIAR, COMENZAR, INICIO,
    ANMELDEN, INIZIA, ISCRIVI, VOLTAR, AANMELDEN, ZAPISZ, WZNOW, STARTA, TILMELD, PAMELD, ALOITA, LIITY, BASLA,
    اشتراك, ابدأ, הצטרף, शुरू, 開始, 登録, 수신동의, 시작, 订阅, 訂閱, 开始, MULAI, REG, DK, สมัคร, СТАРТ, ПОДПИСАТЬСЯ
"""
_HELP = """
    HELP, INFO, AIDE, CONTACT, AYUDA, AUXILIO, HILFE, AIUTO, AJUDA, HULP, POMOC, POMOCY, HJALP, HJAELP, HJELP,
    APUA, OHJE, YARDIM, مساعدة, עזרה, मदद, ヘルプ, 案内, 도움말, 문의, 帮助, 幫助, BANTUAN, TRO GIUP, HD, ช่วยเหลือ,
    ПОМОЩЬ, ИНФО
"""
_OPT_OUT_IN_CHINA = "T, R, N"
_YES = """
    YES, YEP, YEAH, OUI, SI, JA, SIM, TAK, KYLLA, EVET, ONAY, KABUL, نعم, כן, हां, はい, 동의, 是, YA,
    DONG Y, ตกลง, ใช่, ДА
"""
# Words that are as often something else: six in Spanish, a country, "no" to a question.
_DOUBTFUL = "SEIS, PERU, RET, DUR, UIT, DI, 取消, ALTO, HUY, DUNG"


def keyword_of(text: str, country: str = "") -> Keyword | None:
    """The keyword that the text is, or None. `country` is the writer's (ISO 3166-1): in China a letter is enough."""
    return keyword_in(folded(text), country)


def keyword_in(words: str, country: str = "") -> Keyword | None:
    """As `keyword_of`, of words that are folded already."""
    if country == "CN" and words in _IN_CHINA:
        return _IN_CHINA[words]
    return _EVERYWHERE.get(words)


def _table(intent: Intent, words: str) -> dict[str, Keyword]:
    return {folded(word): Keyword(intent, word.strip()) for word in words.split(",")}


_EVERYWHERE = {
    **_table(Intent.HELP, _HELP),
    **_table(Intent.OPT_IN, _OPT_IN),
    **_table(Intent.OPT_OUT, _OPT_OUT),
}
_IN_CHINA = _table(Intent.OPT_OUT, _OPT_OUT_IN_CHINA)
YES = frozenset(folded(word) for word in _YES.split(","))
DOUBTFUL = frozenset(folded(word) for word in _DOUBTFUL.split(","))
