"""What the gateway itself answers to a reply, in the languages that it can: short, and nothing that sells.

The brand stands first in each. Most fit one segment with a brand of twenty characters.
"""

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
}
KEEP: Mapping[str, str] = {
    "en": "Reply 1 to keep {kept}.",
    "es": "Responda 1 para conservar {kept}.",
    "fr": "Répondez 1 pour garder {kept}.",
    "de": "Antworten Sie 1, um {kept} zu behalten.",
}


def opted_out(language: str, brand: str, kept: str = "") -> str:
    """The one confirmation of an opt-out. `kept`: what the recipient may keep with a 1, in the program's own words.

    It asks only in a language that has the question.
    """
    text = _in(OPTED_OUT, language).format(brand=brand)
    asks = KEEP.get(language if language in OPTED_OUT else "en")
    return f"{text} {asks.format(kept=kept)}" if kept and asks else text


def helped(language: str, brand: str, contact: str) -> str:
    """The answer to HELP: whose messages these are, where a person can be reached, and how to stop."""
    return _in(HELP, language).format(brand=brand, contact=contact)


def _in(table: Mapping[str, str], language: str) -> str:
    return table.get(language, table["en"])
