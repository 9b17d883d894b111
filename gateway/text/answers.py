"""What the gateway itself answers to a reply, in the languages that it can: short, and nothing that sells.

The brand stands first in each. With a brand of twenty characters they fit one segment, or two where the language can't
be written in GSM-7.
"""

# ruff: noqa: RUF001 - words of other scripts look like ours

from __future__ import annotations

from collections.abc import Mapping

OPTED_OUT: Mapping[str, str] = {
    "en": "{brand}: You are unsubscribed and will receive no more messages. Reply START to resubscribe.",
    "es": "{brand}: Se ha dado de baja y no recibirá más mensajes. Responda START para volver a suscribirse.",
    "fr": "{brand}: Vous êtes désinscrit et ne recevrez plus de messages. Répondez START pour vous réinscrire.",
    "de": "{brand}: Sie sind abgemeldet und erhalten keine Nachrichten mehr. Antworten Sie START zur Anmeldung.",
    "it": "{brand}: La sua iscrizione è annullata e non riceverà altri messaggi. Risponda START per riattivarla.",
    "pt": "{brand}: Foi removido da lista e não receberá mais mensagens. Responda START para voltar a receber.",
    "nl": "{brand}: U bent afgemeld en krijgt geen berichten meer. Antwoord START om u weer aan te melden.",
    "pl": "{brand}: Wypisano z listy, nie otrzymasz więcej wiadomości. Odpisz START, aby wrócić.",
    "sv": "{brand}: Du är avregistrerad och får inga fler meddelanden. Svara START för att komma tillbaka.",
    "da": "{brand}: Du er afmeldt og får ikke flere beskeder. Svar START for at tilmelde dig igen.",
    "no": "{brand}: Du er avmeldt og får ingen flere meldinger. Svar START for å melde deg på igjen.",
    "fi": "{brand}: Tilauksesi on peruttu, etkä saa enää viestejä. Vastaa START tilataksesi uudelleen.",
    "cs": "{brand}: Byli jste odhlášeni a nebudete dostávat další zprávy. Pro návrat odpovězte START.",
    "ro": "{brand}: V-ați dezabonat și nu veți mai primi mesaje. Răspundeți START pentru reabonare.",
    "hu": "{brand}: Leiratkozott, több üzenetet nem kap. Visszatéréshez válasz: START.",
    "el": "{brand}: Διαγραφήκατε. Δεν θα λάβετε άλλα μηνύματα. Απαντήστε START για επιστροφή.",
    "tr": "{brand}: Aboneliğiniz iptal edildi, başka mesaj almayacaksınız. Dönmek için START yazın.",
    "ru": "{brand}: Вы отписаны, сообщений больше не будет. Вернуться: START.",
    "uk": "{brand}: Вас відписано, повідомлень більше не буде. Повернутися: START.",
    "ar": "{brand}: تم إلغاء اشتراكك ولن تصلك رسائل أخرى. للعودة أرسل START.",
    "he": "{brand}: הוסרת מהרשימה ולא יישלחו אליך הודעות נוספות. לחזרה: START.",
    "hi": "{brand}: आपकी सदस्यता समाप्त हुई। अब संदेश नहीं आएँगे। वापसी: START.",
    "ja": "{brand}: 配信を停止しました。今後メッセージは届きません。再開するにはSTARTと返信してください。",
    "zh": "{brand}: 您已退订，不会再收到短信。如需重新订阅，请回复START。",
    "ko": "{brand}: 수신거부되었습니다. 더 이상 문자를 보내지 않습니다. 재수신: START 회신",
    "id": "{brand}: Anda telah berhenti berlangganan dan tidak akan menerima pesan lagi. Balas START untuk kembali.",
    "vi": "{brand}: Bạn đã hủy đăng ký, sẽ không nhận tin nữa. Trả lời START để nhận lại.",
}
HELP: Mapping[str, str] = {
    "en": "{brand}: For help: {contact}. Reply STOP to opt out.",
    "es": "{brand}: Ayuda: {contact}. Responda STOP para darse de baja.",
    "fr": "{brand}: Aide: {contact}. Répondez STOP pour vous désinscrire.",
    "de": "{brand}: Hilfe: {contact}. Antworten Sie STOP zum Abmelden.",
    "it": "{brand}: Aiuto: {contact}. Risponda STOP per annullare.",
    "pt": "{brand}: Ajuda: {contact}. Responda STOP para sair.",
    "nl": "{brand}: Hulp: {contact}. Antwoord STOP om u af te melden.",
    "pl": "{brand}: Pomoc: {contact}. Odpisz STOP, aby zrezygnować.",
    "sv": "{brand}: Hjälp: {contact}. Svara STOP för att avsluta.",
    "da": "{brand}: Hjælp: {contact}. Svar STOP for at afmelde.",
    "no": "{brand}: Hjelp: {contact}. Svar STOP for å melde deg av.",
    "fi": "{brand}: Ohje: {contact}. Vastaa STOP peruaksesi.",
    "cs": "{brand}: Pomoc: {contact}. Pro odhlášení odpovězte STOP.",
    "ro": "{brand}: Ajutor: {contact}. Răspundeți STOP pentru dezabonare.",
    "hu": "{brand}: Segítség: {contact}. Leiratkozás: STOP.",
    "el": "{brand}: Βοήθεια: {contact}. Διαγραφή: STOP.",
    "tr": "{brand}: Yardım: {contact}. Çıkmak için STOP yazın.",
    "ru": "{brand}: Помощь: {contact}. Отписаться: STOP.",
    "uk": "{brand}: Допомога: {contact}. Відписатися: STOP.",
    "ar": "{brand}: للمساعدة: {contact}. للإلغاء أرسل STOP.",
    "he": "{brand}: לעזרה: {contact}. להסרה: STOP.",
    "hi": "{brand}: सहायता: {contact}। बंद करने के लिए STOP भेजें।",
    "ja": "{brand}: お問い合わせ: {contact}。停止はSTOPと返信。",
    "zh": "{brand}: 帮助: {contact}。退订请回复STOP。",
    "ko": "{brand}: 문의: {contact}. 수신거부: STOP 회신",
    "id": "{brand}: Bantuan: {contact}. Balas STOP untuk berhenti.",
    "vi": "{brand}: Trợ giúp: {contact}. Trả lời STOP để hủy.",
}
OPTED_IN: Mapping[str, str] = {
    "en": "{brand}: You are subscribed again. Reply STOP to opt out, HELP for help. Msg & data rates may apply.",
    "es": "{brand}: Se ha suscrito de nuevo. Responda STOP para darse de baja, HELP para ayuda.",
    "fr": "{brand}: Vous êtes de nouveau inscrit. Répondez STOP pour vous désinscrire, HELP pour de l'aide.",
    "de": "{brand}: Sie sind wieder angemeldet. Antworten Sie STOP zum Abmelden, HELP für Hilfe.",
    "it": "{brand}: La sua iscrizione è di nuovo attiva. Risponda STOP per annullare, HELP per aiuto.",
    "pt": "{brand}: A sua inscrição está ativa. Responda STOP para sair, HELP para ajuda.",
    "nl": "{brand}: U bent weer aangemeld. Antwoord STOP om u af te melden, HELP voor hulp.",
    "pl": "{brand}: Zapisano ponownie. Odpisz STOP, aby zrezygnować, HELP po pomoc.",
    "sv": "{brand}: Du är anmäld igen. Svara STOP för att avsluta, HELP för hjälp.",
    "da": "{brand}: Du er tilmeldt igen. Svar STOP for at afmelde, HELP for hjælp.",
    "no": "{brand}: Du er påmeldt igjen. Svar STOP for å melde deg av, HELP for hjelp.",
    "fi": "{brand}: Tilauksesi on taas voimassa. Vastaa STOP peruaksesi, HELP saadaksesi ohjeita.",
    "cs": "{brand}: Znovu odebíráte zprávy. Odhlášení: STOP, pomoc: HELP.",
    "ro": "{brand}: V-ați reabonat. Dezabonare: STOP, ajutor: HELP.",
    "hu": "{brand}: Újra feliratkozott. Leiratkozás: STOP, segítség: HELP.",
    "el": "{brand}: Εγγραφήκατε ξανά. Διαγραφή: STOP, βοήθεια: HELP.",
    "tr": "{brand}: Yeniden abone oldunuz. Çıkmak: STOP, yardım: HELP.",
    "ru": "{brand}: Вы снова подписаны. Отписка: STOP, помощь: HELP.",
    "uk": "{brand}: Вас знову підписано. Відписка: STOP, допомога: HELP.",
    "ar": "{brand}: تم تجديد اشتراكك. للإلغاء STOP، للمساعدة HELP.",
    "he": "{brand}: נרשמת שוב. להסרה: STOP, לעזרה: HELP.",
    "hi": "{brand}: आपकी सदस्यता फिर चालू है। बंद: STOP, सहायता: HELP.",
    "ja": "{brand}: 配信を再開しました。停止はSTOP、ヘルプはHELPと返信。",
    "zh": "{brand}: 您已重新订阅。退订请回复STOP，帮助请回复HELP。",
    "ko": "{brand}: 다시 수신합니다. 수신거부: STOP, 도움말: HELP 회신",
    "id": "{brand}: Anda berlangganan lagi. Balas STOP untuk berhenti, HELP untuk bantuan.",
    "vi": "{brand}: Bạn đã đăng ký lại. STOP để hủy, HELP để được trợ giúp.",
}
KEEP: Mapping[str, str] = {
    "en": "Reply 1 to keep {kept}.",
    "es": "Responda 1 para conservar {kept}.",
    "fr": "Répondez 1 pour garder {kept}.",
    "de": "Antworten Sie 1, um {kept} zu behalten.",
}


def opted_out(language: str, brand: str, kept: str = "") -> str:
    """The one confirmation of an opt-out. `kept`: what the recipient may keep with a 1, in the program's own words.

    Ask `can_ask` first.
    """
    text = _in(OPTED_OUT, language).format(brand=brand)
    return f"{text} {_in(KEEP, language).format(kept=kept)}" if kept else text


def can_ask(language: str) -> bool:
    """Whether the question what to keep can stand behind a confirmation in this language."""
    return language in KEEP or language not in OPTED_OUT  # what no answer is in is answered in English


def opted_in(language: str, brand: str) -> str:
    """The one confirmation of an opt-in by START, with the way out again."""
    return _in(OPTED_IN, language).format(brand=brand)


def helped(language: str, brand: str, contact: str) -> str:
    """The answer to HELP: whose messages these are, where a person can be reached, and how to stop."""
    return _in(HELP, language).format(brand=brand, contact=contact)


def _in(table: Mapping[str, str], language: str) -> str:
    return table.get(language, table["en"])
