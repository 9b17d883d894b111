"""How mail programs and offices of the world word what stands around a mail's text: data for `cut.py`."""

# ruff: noqa: RUF001, E501 - letters of other scripts; a phrase list reads better unbroken

from __future__ import annotations

# `On Mon, 1 Jun 2026 at 10:00, Ann <ann@example.com> wrote:` - how it begins, and how it ends.
WRITTEN_ON = (
    "On", "Am", "Le", "El", "Il", "Em", "A", "Op", "Den", "På", "W dniu", "Dnia", "Dne", "Ngày", "Pada", "Στις", "В",
)  # fmt: skip
WROTE = (
    "wrote", "schrieb", "a écrit", "a ecrit", "escribió", "ha scritto", "escreveu", "va escriure", "schreef", "skrev",
    "kirjoitti", "napisał", "napisała", "napsal", "napsala", "írta", "a scris", "yazdı", "пишет", "написал", "написала",
    "έγραψε", "đã viết", "menulis", "geschreven",
)  # fmt: skip

# `-----Original Message-----`
ORIGINAL = (
    "Original Message", "Original message", "Original Appointment", "Forwarded message", "Forwarded Message",
    "Begin forwarded message:", "Ursprüngliche Nachricht", "Originalnachricht", "Weitergeleitete Nachricht",
    "Message d'origine", "Message d’origine", "Message original", "Message transféré", "Mensaje original",
    "Mensaje reenviado", "Messaggio originale", "Messaggio inoltrato", "Mensagem original", "Mensagem encaminhada",
    "Oorspronkelijk bericht", "Doorgestuurd bericht", "Originalmeddelande", "Ursprungligt meddelande",
    "Oprindelig meddelelse", "Opprinnelig melding", "Oryginalna wiadomość", "Wiadomość oryginalna",
    "Исходное сообщение", "Пересылаемое сообщение", "原始邮件", "元のメッセージ", "転送メッセージ",
)  # fmt: skip

# The fields of Outlook's block: the first line, and one of those that follow it.
FROM = ("From", "Von", "De", "Da", "Van", "Från", "Fra", "Lähettäjä", "Od", "От", "差出人", "发件人", "보낸 사람")
SENT = (
    "Sent", "Date", "To", "Subject", "Gesendet", "Datum", "An", "Betreff", "Envoyé", "À", "Objet", "Enviado",
    "Enviado el", "Enviada em", "Fecha", "Para", "Asunto", "Assunto", "Inviato", "Data", "Oggetto", "Verzonden", "Aan",
    "Onderwerp", "Skickat", "Till", "Ämne", "Sendt", "Til", "Emne", "Lähetetty", "Wysłano", "Do", "Temat",
    "Отправлено", "Дата", "Кому", "送信日時", "日時", "宛先", "发送时间", "收件人", "보낸 날짜",
)  # fmt: skip
BLOCK = ("Cc", "Bcc", "Kopie", "Kopia", "Cci", "CC", "Reply-To", "Importance", "Attachments", "Тема", "件名", "主题")

# What phones and mail services put below a mail.
SENT_FROM = (
    (r"Sent (?:from|via|with|using) (?:my |an? |the )?(?:i(?:Phone|Pad|Pod)|Android|Samsung|Galaxy|Huawei|BlackBerry|"
    r"mobile|phone|smartphone|Outlook|Mail|Gmail|Yahoo|Proton|Windows|Verizon|T-Mobile|AT&T|Xfinity|Nokia|Pixel|HTC)"),
    r"Get Outlook for", r"Get BlueMail", r"Von meinem .{1,40} gesendet", r"Gesendet (?:von|mit) (?:meinem|der|Outlook)",
    r"Outlook für (?:iOS|Android)", r"Envoyé (?:de|depuis|à partir de) (?:mon|Outlook|l'application)",
    r"Télécharger Outlook", r"Enviado (?:desde|do|de|a partir do) (?:mi|meu|Outlook|iPhone)", r"Obtener Outlook",
    r"Obter o Outlook", r"Inviato da(?:l mio)? (?:iPhone|iPad|Outlook|mio)", r"Ottieni Outlook",
    r"Verzonden vanaf", r"Verstuurd vanaf", r"Outlook voor", r"Skickat från", r"Sendt fra min", r"Hämta Outlook",
    r"Lähetetty", r"Wysłane? z", r"Отправлено (?:с|из)", r"iPhoneから送信", r"发自我的", r"나의 .{1,20}에서 보냄",
)  # fmt: skip

# A footer begins with a line that has the first, and the second stands in the same paragraph.
DISCLAIMERS = (
    (
        (r"(?:the (?:information|contents?)(?: contained)? (?:in|of) |)this (?:e-?mail|electronic mail|message|communication|"
        r"transmission)"),
        (r"confidential|privileged|proprietary|intended (?:solely|only|exclusively|recipient|for the (?:use|exclusive|sole|"
        r"named|person|addressee|individual|recipient))|scanned|checked for virus|virus-free"),
    ),
    (r"confidentiality (?:notice|statement|note|warning)|(?:legal |e-?mail )?disclaimer\b|important notice:", r""),
    (r"if you are not the (?:intended|named|addressee)|if you (?:have )?received? this (?:e-?mail|message) in error", r""),
    (r"(?:please )?(?:consider|think of) the environment|virus-free\. www", r""),
    (
        r"(?:diese|die in dieser|der inhalt dieser) (?:e-?mail|nachricht)",
        r"vertraulich|ausschlie(?:ß|ss)lich|rechtlich gesch|nicht der (?:richtige|beabsichtigte|vorgesehene)",
    ),
    (r"haftungsausschluss|vertraulichkeitshinweis|(?:bitte )?(?:denken|prüfen|drucken) sie.{0,60}(?:umwelt|ausdruck)", r""),
    (r"(?:ce|le présent) (?:message|courriel|courrier électronique|mail|e-?mail)", r"confidentiel|destinataire|usage exclusif"),
    (r"avis de confidentialité|avertissement\s*:|pensez à l'environnement|devez-vous vraiment imprimer", r""),
    (r"(?:este|el presente) (?:mensaje|correo|e-?mail)", r"confidencial|destinatario|privilegiad"),
    (r"aviso (?:legal|de confidencialidad)|antes de imprimir", r""),
    (r"(?:questo|il presente|la presente) (?:messaggio|e-?mail|comunicazione)", r"riservat|confidenzial|destinatari"),
    (r"(?:avviso|nota) di riservatezza|informativa privacy", r""),
    (r"(?:esta|este|a presente) (?:mensagem|e-?mail)", r"confidencia|destinatári|privilegiad"),
    (r"(?:deze|dit|de informatie in (?:deze|dit)) (?:e-?mail|bericht)", r"vertrouwelijk|bestemd|geadresseerde"),
    (r"(?:denna|denne|dette|detta) (?:e-?post|e-?mail|mail|meddelande|melding|besked)", r"konfiden|fortrolig|avsedd|beregnet"),
    (r"(?:ta|niniejsza|ten) (?:wiadomość|e-?mail)", r"poufn|przeznaczon|adresat"),
    (r"(?:данное|это|настоящее) (?:сообщение|электронное|письмо)", r"конфиденциальн"),
    (r"このメール|本メール|本電子メール", r"機密|秘密|誤って"),
    (r"(?:本|此|该)(?:邮件|電子郵件|电子邮件)", r"机密|保密|機密"),
)  # fmt: skip

# Exchange and others put it above a mail from outside.
BANNERS = (
    (
        r"(?:caution|warning|attention|achtung|vorsicht|attenzione|let op|aviso|atención)\b[^\n]{0,60}"
        r"(?:external|outside|originated|extern|externe|esterna|externo)"
    ),
    r"this (?:e-?mail|message) (?:originated|was sent|came) from (?:an )?(?:outside|external)",
    r"\[?external(?: e-?mail| sender| message| mail)?\]?[:.!]?[ \t]*$",
    r"you don.t often get e-?mail from",
)
