"""Telling a recipient how to opt out, once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.text.alphabet import is_gsm7
from gateway.text.instruction import appended, has_instruction
from gateway.text.segments import segments

OURS = [
    "Reply STOP to opt out",
    "STOP=end",
    "Reply STOP to end, HELP for help",
    "No replies. Opt out: 36111",
    "STOP au 36111",
    "ARRET pour se desabonner",
    "Responda BAJA para salir",
    "Responda STOP o ALTO para cancelar",
    "Abmelden: STOPP",
    "Rispondi STOP per cancellarti",
    "Responda SAIR p/ cancelar",
    "Para sair responda STOP",
    "Afmelden? Antwoord STOP",
    "Rezygnacja: odpisz STOP",
    "Svara STOPP för att sluta",
    "Afmeld: svar STOP",
    "Avslutt: svar STOPP",
    "Peruuta: vastaa STOP",
    "Ret icin 36111 numarasina RET yazin",
    "Balas STOP utk berhenti",
    "Tu choi: soan TC gui 36111",
    "I-text ang STOP para itigil",
    "Otpiska: STOP",
    "Otkaz: otgovorete STOP",
    "Отказ: отговорете СТОП",
    "Отказ: СТОП на 60006",
    "Odhlasit: odpovezte STOP",
    "Odhlasit: odpovedzte STOP",
    "Odhlasit: STOP na 60006",
    "Odjava: odgovorite STOP",
    "Odjava: STOP na 60006",
    "Διαγραφή: απαντήστε STOP",
    "Diagrafi: apantiste STOP",
    "Diagrafi: STOP sto 60006",
    "Loobumiseks vasta STOP",
    "Loobumiseks STOP numbrile 60006",
    "Le scor freagair STOP",
    "Leiratkozas: valaszoljon STOP",
    "Leiratkozas: STOP a 60006 szamra",
    "Afskra: svarid STOP",
    "Afskra: STOP i 60006",
    "Atsisakyti: atsakykite STOP",
    "Atsisakyti: STOP numeriu 60006",
    "Atteikties: atbildiet STOP",
    "Atteikties: STOP uz 60006",
    "Biex tieqaf wiegeb STOP",
    "Le scor seol STOP chuig 60006",
    "Biex tieqaf ibghat STOP lil 60006",
    "Dezabonare: raspundeti STOP",
    "Dezabonare: STOP la 60006",
    "Opt out: STOP to 60006",
    "Baja: STOP al 60006",
    "Para sair envie STOP para 60006",
    "Rezygnacja: STOP na 60006",
    "Afmelden: STOP naar 60006",
    "STOPP till 60006",
    "STOPP til 60006",
    "Laheta STOP numeroon 60006",
    "Отписка: СТОП",
    "للإلغاء أرسل توقف",
    "להסרה השיבו הסר",
    "बंद करने हेतु STOP भेजें",
    "配信停止は「停止」と返信",
    "무료수신거부 36111",
    "拒收请回复R",
    "ยกเลิก ตอบ STOP",
]


@pytest.mark.parametrize("instruction", OURS)
def test_our_own_instructions_are_recognised(instruction):
    assert has_instruction(instruction)
    assert has_instruction(instruction.lower())
    assert has_instruction(f"Sale! {instruction}")
    assert has_instruction(f"{instruction}.\nSee you")


@pytest.mark.parametrize(
    "text",
    [
        "Txt STOP 2 end",
        "Text STOP to 36111",
        "Text QUIT to unsubscribe",
        "text “STOP” to opt-out",
        "Reply with STOP to stop",
        "Reply 'STOP' anytime.",
        "Reply back with the word STOP",
        "SMS STOP to 36111",
        "Send STOP to 12345 to unsubscribe. Msg&data rates may apply",
        "STOP to opt out",
        "STOP to end, HELP for help",
        "STOP to cancel",
        "STOP2end",
        "STOP 2 quit",
        "STOP:36111",
        "Reply NO to opt out",
        "Reply 2 to unsubscribe",
        "Reply CANCEL to stop.",
        "Text END to stop these messages",
        "opt out: https://x.example/o",
        "Opt-out: x.example/o",
        "Opt out at https://x.example/o",
        "Unsubscribe: https://x.example/u",
        "Unsubscribe from our texts at any time: https://x.example/u",
        "To unsubscribe visit www.x.example",
        "To opt out, call 1-800-555-0100",
        "To stop receiving texts reply STOP",
        "Reply\nSTOP",
        "Msg frequency varies. Reply STOPALL",
        "Ｒｅｐｌｙ ＳＴＯＰ",
        "STOP SMS 36111",
        "Offre valable 3 jours. STOP SMS au 36111",
        "Fini ? STOP 36111",
        "Répondez STOP pour vous désabonner",
        "Pour ne plus recevoir nos offres, envoyez STOP au 36111",
        "Désinscription : https://x.example/d",
        "Envía BAJA al 36111",
        "Responde ALTO para cancelar",
        "Para darte de baja: https://x.example/b",
        "Antworte mit STOPP",
        "Antworten Sie mit dem Wort STOP",
        "Abmeldung: https://x.example/a",
        "Sende STOPP an 36111",
        "Invia STOP al 36111",
        "Disiscriviti qui: https://x.example/d",
        "Envie PARE para 36111",
        "Descadastre-se: https://x.example/d",
        "SMS STOP naar 36111",
        "Uitschrijven: https://x.example/u",
        "Wyślij STOP na 36111",
        "Skicka STOPP till 36111",
        "Svar STOP for at afmelde",
        "Lähetä STOP numeroon 36111",
        "SMS almak istemiyorsanız RET yazıp 3611'e gönderin",
        "Ketik STOP kirim ke 36111",
        "Soạn TC gửi 36111",
        "Отписаться: https://x.example/o",
        "Отправьте СТОП на 36111",
        "לביטול שלחו הסר",
        "退订回T",
        "回复TD退订",
        "回T退訂",
        "무료수신거부: 080-123-4567",
        "配信停止はこちら https://x.example/t",
        "ยกเลิกรับข่าวสาร กด *123#",
    ],
)
def test_an_instruction_is_recognised(text):
    assert has_instruction(text)
    assert has_instruction(f"20% off until Sunday. {text}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Stop by our store",
        "Reply YES to stop by our store",
        "Text us or stop in today",
        "Call, text or stop by!",
        "Text us. Stop by after work",
        "Non-stop deals all weekend",
        "Nonstop to 50000 happy customers",
        "Non-stop to 50000 happy customers",
        "Don't stop now",
        "Can't stop, won't stop. Reply YES to join",
        "STOP wasting money! Sale",
        "STOP! You have to see this",
        "Send stop-motion clips to win",
        "Bus stop",
        "Meet at bus stop 36111",
        "Next stop: Paris from $99",
        "Next stop: 24 hours of deals",
        "Stop at 12345 Main St for coffee",
        "One-stop shop: https://x.example/s",
        "Last stop https://x.example/s",
        "Full stop.",
        "Stop to smell the roses",
        "Quit smoking today: https://x.example/q",
        "Text QUITNOW to 36111 to join",
        "End-to-end encryption",
        "End of season sale",
        "Sale ends tonight",
        "Reply YES to confirm or NO to cancel",
        "Reply C to cancel your appointment",
        "Reply CANCEL to cancel your appointment",
        "Your subscription renews on Friday. Cancel anytime: https://x.example/c",
        "Opt out of boring lunches! New menu",
        "We help you opt in",
        "Remove stains with one spray: https://x.example/r",
        "Para cancelar su cita: https://x.example/c",
        "Precios a la baja: https://x.example/p",
        "Planes para salir: https://x.example/p",
        "Baja California desde $99",
        "Pantalones de tiro alto: https://x.example/p",
        "Fin de serie : https://x.example/f",
        "Arrêt de bus place Bellecour",
        "Ende der Saison: alles muss raus",
        "Basta con la pizza fredda!",
        "Uit in Amsterdam: https://x.example/u",
        "Stuur uit Utrecht een kaart",
        "Fin : 2026",
        "Text WIN to 36111",
        "Stoppa in pressen! Rea",
        "Dur durak yok, indirim var",
        "Стоп-цены! Успейте купить",
        "Отказано в безплатна доставка",
        "Stop! Odhlas prenaj az v nedelu",
        "Odjava sobe do 11h",
        "Διαγραφή λογαριασμού",
        "Vasta sügisele uue mantliga",
        "Loobu suhkrust",
        "Доставка не работает, заказ отменен",
        "توقف عن الدفع أكثر",
        "די לשלם יותר! מבצע",
        "बंद करो इंतज़ार, सेल शुरू",
        "停止線の前で",
        "配信停止のお知らせ",
        "回馈客户",
        "ยกเลิกนัดหมาย",
    ],
)
def test_what_only_sounds_like_an_instruction_is_none(text):
    assert not has_instruction(text)


@pytest.mark.parametrize(
    ("situation", "text", "whole"),
    [
        ("a space between", "Sale ends tonight.", "Sale ends tonight. Reply STOP to opt out"),
        ("no second space", "Sale ends tonight. ", "Sale ends tonight. Reply STOP to opt out"),
        ("on its own line behind a line end", "Sale ends tonight.\n", "Sale ends tonight.\nReply STOP to opt out"),
        ("a link stays a link", "Shop https://x.example/s", "Shop https://x.example/s Reply STOP to opt out"),
        ("an empty text", "", "Reply STOP to opt out"),
        ("room for all of it", "x" * 138, "x" * 138 + " Reply STOP to opt out"),
        ("room for the shorter one", "x" * 139, "x" * 139 + " STOP=end"),
        ("just room for the shorter one", "x" * 151, "x" * 151 + " STOP=end"),
        ("no room for any: the preferred one", "x" * 152, "x" * 152 + " Reply STOP to opt out"),
        ("two segments have room", "x" * 200, "x" * 200 + " Reply STOP to opt out"),
        ("an emoji leaves 70 characters", "x" * 46 + "😀", "x" * 46 + "😀 Reply STOP to opt out"),
        ("and no room for the longer", "x" * 47 + "😀", "x" * 47 + "😀 STOP=end"),
    ],
)
def test_an_instruction_is_added_where_it_fits(situation, text, whole):
    assert appended(text, ["Reply STOP to opt out", "STOP=end"]) == whole


def test_no_variant_makes_a_text_ucs2_where_another_would_not():
    assert appended("Sale", ["Отписка: СТОП", "Otpiska: STOP"]) == "Sale Otpiska: STOP"
    assert appended("x" * 155, ["Отписка: СТОП", "Otpiska: STOP"]) == "x" * 155 + " Otpiska: STOP"
    assert appended("Sale", ["Отписка: СТОП"]) == "Sale Отписка: СТОП"
    assert appended("Скидка", ["Отписка: СТОП", "Otpiska: STOP"]) == "Скидка Отписка: СТОП"


texts = st.one_of(st.text(max_size=200), st.text("ab €{stop ply:/.\n", max_size=320))
choices = st.lists(st.sampled_from(OURS), min_size=1, max_size=4)


@settings(max_examples=300, deadline=None)
@given(texts, choices)
def test_an_instruction_that_was_added_is_recognised(text, variants):
    once = appended(text, variants)
    assert has_instruction(once)
    assert once.startswith(text)


@settings(max_examples=300, deadline=None)
@given(texts, choices)
def test_no_other_variant_would_have_been_cheaper(text, variants):
    whole = appended(text, variants)
    others = [appended(text, [variant]) for variant in variants]
    if is_gsm7(text):
        others = [other for other in others if is_gsm7(other)] or others
    assert segments(whole).count <= max(segments(text).count, min(segments(other).count for other in others))
