"""STOP, START and HELP: a reply that is a keyword and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.replies.keywords import Intent, keyword_of

OPT_OUT = """
    STOP, STOPALL, STOP ALL, UNSUBSCRIBE, UNSUB, CANCEL, END, QUIT, REVOKE, OPTOUT, OPT OUT, OPT-OUT, REMOVE, ARRET,
    ARRÊT, DESABONNER, DÉSABONNER, DESINSCRIRE, DÉSINSCRIRE, ANNULER, FIN, ALTO, PARAR, BAJA, CANCELAR, SALIR, DETENER,
    NO MAS, NO MÁS, ELIMINAR, DESUSCRIBIR, STOPP, ABMELDEN, ABBESTELLEN, ENDE, AUSTRAGEN, KUENDIGEN, KÜNDIGEN, HALT,
    CANCELLA, CANCELLAMI, BASTA, DISISCRIVI, FERMA, ANNULLA, PARE, SAIR, REMOVER, DESCADASTRAR, STOPPEN, AFMELDEN, UIT,
    UITSCHRIJVEN, REZYGNUJE, REZYGNUJĘ, REZYGNACJA, WYPISZ, KONIEC, USUN, USUŃ, ANULUJ, ZATRZYMAJ, STOPPA, AVSLUTA,
    AVREGISTRERA, SLUTA, AFMELD, SLUT, FRAMELD, AVSLUTT, AVMELD, SLUTT, LOPETA, PERU, PERUUTA, SEIS, POISTA, RET, IPTAL,
    İPTAL, DUR, CIK, ÇIK, AYRIL, توقف, إيقاف, ايقاف, الغاء, إلغاء, قف, حذف, הסר, הסרה, הסירו, עצור, די, ביטול, बंद,
    रोको, बंद करो, BAND KARO, ROKO, 停止, 配信停止, 解除, ストップ, やめて, 수신거부, 거부, 중지, 정지, 그만, 해지,
    退订, 退訂, 取消, 拒收,
    TD, BERHENTI, UNREG, BATAL, HENTIKAN, TC, TU CHOI, TỪ CHỐI, HUY, HỦY, DUNG, DỪNG, ยกเลิก, หยุด, เลิก,
    СТОП, ОТПИСАТЬСЯ, ОТПИСКА, ОТМЕНА, СТОП СМС, ОСТАНОВИТЬ, ODHLASIT, ODHLÁSIT, ODHLASENI, ODHLASENIE, ODJAVA,
    DEZABONARE, LEIRATKOZAS, LEIRATKOZÁS, ATSISAKYTI, ATTEIKTIES, LOOBUN, AFSKRA, AFSKRÁ, ΔΙΑΓΡΑΦΗ, ΔΙΑΓΡΑΦΉ, DIAGRAFI,
    ΣΤΟΠ, ОТКАЗ, OTKAZ
"""
OPT_IN = """
    START, UNSTOP, SUBSCRIBE, JOIN, OPTIN, BEGIN, RESUME, DEBUT, DÉBUT, REPRENDRE, ABONNER, NONARRET, ALTA, INICIAR,
    COMENZAR, INICIO, ANMELDEN, INIZIA, ISCRIVI, VOLTAR, AANMELDEN, ZAPISZ, WZNOW, WZNÓW, STARTA, TILMELD, PAMELD,
    PÅMELD, ALOITA, LIITY, BASLA, BAŞLA, اشتراك, ابدأ, הצטרף, शुरू, 開始, 登録, 수신동의, 시작, 订阅, 訂閱, 开始, MULAI,
    REG, DK, ĐK, สมัคร, СТАРТ, ПОДПИСАТЬСЯ
"""
HELP = """
    HELP, INFO, AIDE, CONTACT, AYUDA, AUXILIO, HILFE, AIUTO, AJUDA, HULP, POMOC, POMOCY, HJALP, HJÄLP, HJAELP, HJÆLP,
    HJELP, APUA, OHJE, YARDIM, مساعدة, עזרה, मदद, ヘルプ, 案内, 도움말, 문의, 帮助, 幫助, BANTUAN, TRO GIUP, TRỢ GIÚP,
    HD, ช่วยเหลือ, ПОМОЩЬ, ИНФО
"""
INTENTS = [
    (word.strip(), intent)
    for words, intent in [(OPT_OUT, Intent.OPT_OUT), (OPT_IN, Intent.OPT_IN), (HELP, Intent.HELP)]
    for word in words.split(",")
]


def intent_of(text: str, country: str = "") -> Intent | None:
    keyword = keyword_of(text, country)
    return keyword.intent if keyword else None


@pytest.mark.parametrize(("word", "intent"), INTENTS)
def test_every_keyword_is_understood_however_it_is_cased_or_dressed(word, intent):
    for spelled in (
        word,
        word.lower(),
        word.capitalize(),
        f" “{word}”!!! ",
        f"🛑\ufe0f {word}.\n",
        f"\u202b{word}\u202c",
    ):
        assert intent_of(spelled) == intent


@pytest.mark.parametrize(
    ("situation", "text", "word"),
    [
        ("full-width letters", "ＳＴＯＰ", "STOP"),
        ("a zero-width space inside", "ST\u200bOP", "STOP"),
        ("a soft hyphen inside", "ST\u00adOP", "STOP"),
        ("half-width katakana", "ｽﾄｯﾌﾟ", "ストップ"),
        ("accents as separate characters", "arre\u0302t", "ARRET"),
        ("a Turkish capital I with its dot", "İPTAL", "IPTAL"),
        ("a Turkish small i without its dot", "ıptal", "IPTAL"),
        ("Arabic with its vowel signs", "تَوَقَّفْ", "توقف"),
        ("Hebrew with its points", "הָסֵר", "הסר"),
        ("letters in circles", "Ⓢⓣⓞⓟ", "STOP"),
        ("an underscore", "OPT_OUT", "OPT OUT"),
        ("several spaces", "no \t  mas", "NO MAS"),
        ("brackets", "[STOP]", "STOP"),
    ],
)
def test_the_keyword_is_named_as_our_table_spells_it(situation, text, word):
    keyword = keyword_of(text)
    assert keyword is not None
    assert keyword.word == word


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!!!",
        "🛑",
        "stop please",
        "don't stop",
        "stopping by later",
        "cancel my 3pm",
        "end of the month",
        "no",
        "nein",
        "yes",
        "oui",
        "sí",
        "ja",
        "да",
        "是",
        "はい",
        "ok",
        "T",
        "R",
        "N",
        "1",
        "hello",
        "help me stop",
    ],
)
def test_a_reply_that_says_more_or_something_else_is_no_keyword(text):
    assert keyword_of(text) is None


@pytest.mark.parametrize("letter", ["T", "r", "N.", "Ｔ"])
def test_a_letter_is_enough_in_china_only(letter):
    assert intent_of(letter, "CN") == Intent.OPT_OUT
    assert intent_of(letter, "US") is None


def test_keywords_count_in_china_too():
    assert intent_of("退订", "CN") == Intent.OPT_OUT
    assert intent_of("HELP", "CN") == Intent.HELP


@settings(deadline=None)
@given(st.text())
def test_any_text_is_a_keyword_or_none(text):
    assert keyword_of(text) is None or intent_of(text) in set(Intent)


@settings(deadline=None)
@given(st.sampled_from(INTENTS), st.text(" .,;:!?\"'()*\u200b\ufe0f\n😀", max_size=10))
def test_what_is_no_letter_changes_nothing(keyword, around):
    word, intent = keyword
    assert intent_of(f"{around}{word}{around}") == intent
