"""Replies that were written by hand, one a line, and what each asks for."""

from __future__ import annotations

# Anybody would understand that no more is to be sent.
_OPT_OUT = """\
thanks but stop
STOP ALL
please stop
Stop!!!
kein Interesse mehr, bitte abmelden
no me manden más mensajes
arrêtez de m'écrire
BAJA
ARRET
SAIR
pare de me mandar mensagem
non scrivetemi più
stuur me geen berichten meer
proszę mnie wypisać
stop texting me
take me off your list
please take me off your list
no more texts!!
wrong number, stop
can you stop texting me?
could you please take me off?
lose my number
leave me alone
fuck off
go away
screw you
I'll report you to the FCC
this is harassment
this is spam
reported as spam
who gave you my number? delete it
I never signed up for this
didn't consent
I revoke my consent
I withdraw my consent
not interested
opt me out
opt out please
unsubscribe me
remove me
remove my number from your system
don't text me
do not contact me again
never text me again
wrong person
wrong number
stpo
sotp
stp
stopp
unsuscribe
unsubcribe
stoooop
s t o p
st0p
🛑
STOP 12345
STOP reminders
how do I unsubscribe?
how do i stop these
STOP?
enough already
stop it
f*** off
You have the wrong number
this isn't her number anymore
quit texting me
Please cease all communications
I said STOP
I told you to stop texting me already
piss off
If you text me again I will call my lawyer
delete my number
get me off this list
cancel my subscription
cancel these texts
i dont want these texts
I don't want to receive any more messages
no longer interested
stop sending me this crap
no more
Take me off
end these messages
please stop, I'm driving
Remove
who is this? stop texting me
STOP STOP STOP
stop please!!
plz stop
stop plz
Please remove from list
Unsubscribe!!
why do you keep texting me
U need to stop
make it stop
I already unsubscribed!
why won't you stop
Dont text this number
block
spam
my mom passed away, please remove her number
Ok stop now
"STOP"
stop msging me
stop w the texts
for the love of god stop
i didnt sign up for this
you have the wrong guy
no texts please
not interested thanks
no thank you, please remove me from the list
Stop contacting me
cease and desist
opt-out
OPT OUT
stoptextingme
leave
quit asking us for money
Stop the appointment reminders, I have another dentist
unsubscribe 555-210-9921
Derrick moved last year, take me off
Tiffany doesn't have this number anymore
no Hernandez here
how many times do I have to say no
don't call or text me again
if I get one more of these I'm switching banks
You have me mixed up with someone else
put an end to these messages
no me manden más mensajes
Por favor, dejen de escribirme
ya no quiero recibir sus mensajes
denme de baja por favor
Quítenme de su lista
número equivocado
No me interesa, gracias
¿Cómo me doy de baja?
paren de mandar mensajes
no me escriban más
vete a la mierda
los voy a denunciar
borren mi número
basta ya de spam
Stop por favor
BAJA PROMOS
no quiero más publicidad
quiero cancelar la suscripción
quien les dio mi numero? borrenlo
cancelar suscripcion
déjenme en paz
kein Interesse mehr, bitte abmelden
Bitte keine SMS mehr
Hört auf mir zu schreiben
Löschen Sie meine Nummer
Nehmen Sie mich von der Liste
Falsche Nummer
Lasst mich in Ruhe
Ich möchte keine Nachrichten mehr erhalten
Schreibt mir nicht mehr
Bitte nicht mehr kontaktieren
Ich widerrufe meine Einwilligung
Wie kann ich mich abmelden?
Verpisst euch
Bitte aus dem Verteiler nehmen
Stopp bitte
Hab mich schon abgemeldet!
Werbung stoppen
Ich will das nicht mehr
nicht mehr schreiben bitte
Ich habe mich nie angemeldet
Hören Sie auf, mir SMS zu schicken
arrêtez de m'écrire
Ne m'envoyez plus de messages
Supprimez mon numéro svp
Laissez-moi tranquille
je ne suis pas intéressé
Pas intéressé, merci
Mauvais numéro
Vous vous trompez de numéro
Retirez-moi de votre liste
Comment se désabonner ?
Plus de pub svp
STOP svp
Je souhaite me désinscrire
je n'ai jamais donné mon accord
allez vous faire foutre
STOP PUB
Je vais porter plainte à la CNIL
j'en ai marre de vos sms
merci de ne plus me contacter
Je ne veux plus recevoir de sms
c'est du harcèlement
pare de me mandar mensagem
Não quero mais receber mensagens
Me tira dessa lista
número errado
Por favor, retirem meu número
parem de me ligar
Não tenho interesse
me deixa em paz
vai se foder
vou denunciar vocês na Anatel
cancelar assinatura
Como faço para sair?
não autorizo o envio de mensagens
chega de spam
não me mande mais nada
quero cancelar o recebimento
descadastrar por favor
sair por favor
PARE AGORA
Não me contactem mais
non scrivetemi più
Basta messaggi
Cancellatemi dalla lista
Non sono interessato
numero sbagliato
Smettetela di scrivermi
toglietemi da questa lista
Non voglio più ricevere messaggi
lasciatemi in pace
vaffanculo
Vi denuncio
come faccio a disiscrivermi?
non ho mai dato il consenso
Stop grazie
revoco il consenso
basta spam
non contattatemi più
stuur me geen berichten meer
Stop met sms'en
ik wil geen berichten meer ontvangen
verkeerd nummer
haal me van de lijst
laat me met rust
geen interesse
meld me af
Verwijder mijn nummer
rot op
hoe kan ik me afmelden?
niet meer sturen aub
Ik heb me nooit aangemeld
geen sms meer
Stop hiermee
ik trek mijn toestemming in
proszę mnie wypisać
Proszę nie pisać do mnie
nie chcę więcej wiadomości
usuńcie mój numer
pomyłka
zły numer
nie jestem zainteresowany
przestańcie do mnie pisać
dajcie mi spokój
spierdalajcie
zgłoszę was do UODO
jak się wypisać?
cofam zgodę
Proszę o usunięcie z listy
nie wyrażałem zgody
Rezygnuję z subskrypcji
dość spamu
sluta skicka sms
Ta bort mig från listan
Inga fler sms tack
fel nummer
Jag vill inte ha fler meddelanden
lämna mig ifred
Avregistrera mig
inte intresserad
Hur avregistrerar jag mig?
Dra åt helvete
skicka inte fler sms
Stopp tack
fjern mig fra listen
stop med at sende sms
forkert nummer
ikke interesseret
Lad mig være
jeg vil ikke have flere beskeder
Slutt å sende meldinger
feil nummer
Ikke send meg flere meldinger
meld meg av
avmeld meg
hvordan afmelder jeg mig?
lopettakaa viestien lähettäminen
poistakaa numeroni
väärä numero
en halua enempää viestejä
älkää lähettäkö enää
jättäkää rauhaan
ei kiinnosta
хватит слать смс
не пишите мне больше
удалите мой номер
вы ошиблись номером
как отписаться?
не интересует
СТОП
отпишите меня
mesaj atmayın lütfen
beni listeden çıkarın
yanlış numara
neposílejte mi SMS
odhlásit prosím
nemám zájem
špatné číslo
nu-mi mai trimiteți mesaje
dezabonare va rog
număr greșit
ne küldjenek több üzenetet
rossz szám
leiratkozom
μη μου στέλνετε μηνύματα
λάθος αριθμός
不要再给我发短信了
别再发了
请退订
打错了
もう送らないでください
配信停止してください
迷惑です
그만 보내세요
문자 보내지 마세요
수신거부 해주세요
หยุดส่งข้อความ
ไม่สนใจ
đừng gửi tin nhắn nữa
sai số rồi
berhenti kirim sms
jangan kirim pesan lagi
salah nomor
मैसेज मत भेजो
message mat bhejo
توقفوا عن إرسال الرسائل
لا ترسلوا لي رسائل
رقم خطأ
תפסיקו לשלוח לי הודעות
הסירו אותי מהרשימה
טעות במספר
לא מעוניין
ne šaljite mi više poruke
pogrešan broj
не ми пишете повече
"""
# Words that smell of it, and mean something else.
_NO_OPT_OUT = """\
I'll stop by at 5
don't stop
cancel my 3pm appointment
I want to cancel my order
when does the offer end?
bus stop
stop at the store?
can't stop thinking about it
end of the month works
quit my job
non-stop flight
please don't remove me
I never said stop
is this the end?
No
Yes
No thanks
stop by tomorrow
one stop shop
what time do you stop serving
remove the hat from my order
the pain won't stop
I was told to unsubscribe from email but keep texting me
don't unsubscribe me
Liked “Sale! Reply STOP to end”
shop
step
top
stow
Can you text me when it's ready?
I got your message thanks
ok
see you tomorrow
Can I get the address?
please don't take me off the list
I hope these deals never end
Don't stop sending me coupons
Do not cancel my order
Where is the nearest bus stop
The rain stopped
i need to reschedule my appointment
The cancellation policy?
What's the price
Call me
please call me
Is the sale on until the end of the week?
We won't stop till we win
the text said reply STOP to end, what else can I do
love these texts
My phone died
Can you take 20% off?
remove onions please
Can you send me a message tomorrow
I sent the wrong size
drop me off at the gate
I got off work late
Not yet
Thanks
who do I talk to about billing
👍
👍 to “Reply STOP to end”
Reacted 👍 to “x STOP”
Emphasized “STOP”
i didn't get your text
stop and smell the roses
Stop sign on Main St is down
You guys never stop amazing me
dont text and drive
No, Tuesday works better
leave it at the door
did you stop the newsletter?
stop my auto refill
remove Jayden from the bus list
I didn't request this code
I did not authorize this charge
take me off the waitlist
please text, don't call
the code went to spam
2
C
confirm
I can't make it. Cancel appointment
Thank you for the reminder
no problem
no more onions
How long does it take to get there?
never mind
I'm not interested in the blue one, do you have red?
no dejen de mandarme ofertas
quiero cancelar mi cita de las 3
el edificio es muy alto
sí
no
no gracias
¿dónde está la parada de autobús?
no me llegó el mensaje
mañana paso por la tienda
cuándo termina la oferta?
al fin de mes
No puedo ir
no me borres de la lista
me gusta mucho
no me mandaron el codigo
Le gustó “Oferta. Responde BAJA para salir”
Ende des Monats passt
Ich möchte meinen Termin absagen
Bitte nicht abmelden
Ja
Nein
Nein danke
Wann endet das Angebot?
Ich kann nicht kommen
Hat „Angebot. STOPP zum Abmelden“ mit „Gefällt mir“ markiert
bis Ende der Woche
Ich habe keine SMS bekommen
Wo ist die Haltestelle?
Ich bin nicht zu Hause
schreib mir wenn du da bist
Alles klar, bis morgen
keine Sorge
Kann ich den Termin verschieben?
n'arrêtez pas de m'envoyer vos offres
je veux annuler mon rendez-vous
où est l'arrêt de bus ?
Non merci
Oui
Je n'ai pas reçu le code
à la fin du mois
je passerai demain à 17h
A aimé « Soldes ! STOP au 36111 »
ne me désabonnez pas
Quand finit la promo ?
je suis en arrêt maladie
não pare de mandar
quero cancelar minha consulta
Não
Sim
não recebi o código
não consigo ir amanhã
onde fica o ponto de ônibus?
Gostou de “Promo. SAIR para cancelar”
quando termina a promoção?
Pode mandar o endereço?
para mim tudo bem
Vou sair de casa agora
não entendi a mensagem
Posso remarcar a consulta?
c'est plus tard que prévu
Je ne peux pas venir demain
non smettete di mandarmi offerte
devo annullare il mio appuntamento
Dov'è la fermata dell'autobus?
Sì
No grazie
Quando finisce l'offerta?
a fine mese va bene
Non ho ricevuto il codice
Non posso venire domani
Ha messo “Mi piace” a “Offerta. STOP per uscire”
non ho capito
Chiamatemi domani
ik wil mijn afspraak annuleren
niet stoppen met sturen
Waar is de bushalte?
nee
nee dank je
wanneer eindigt de actie?
einde van de maand is goed
ik heb geen sms ontvangen
Ik kan niet komen
we gaan uit eten
stuur me een bericht als het klaar is
geen probleem
chcę odwołać wizytę
nie przestawajcie pisać
kiedy kończy się promocja?
koniec miesiąca mi pasuje
nie dostałem kodu
Nie
Tak
nie, dziękuję
Nie mogę przyjść jutro
gdzie jest przystanek?
proszę o kontakt
nie ma sprawy
sluta inte skicka
jag vill avboka min tid
nej
ja
nej tack
när slutar erbjudandet?
slutet av månaden
var är busshållplatsen
jag har inte fått koden
Gillade ”Rea! Svara STOPP för att avsluta”
aflys min tid
nei takk
hvornår slutter tilbuddet?
jeg kan ikke komme
ikke stopp
en pääse tulemaan
peruuta aikani kiitos
milloin tarjous loppuu?
ei kiitos
joo
Jag kan inte komma imorgon
Ring mig imorgon
kan du ringe mig?
отмените мою запись
не пришел код
да
спасибо
где остановка?
randevumu iptal etmek istiyorum
hayır
chci zrušit schůzku
ne
Nu pot veni maine
vreau sa anulez programarea
nem tudok menni
取消预约
我想取消我的订单
好的
谢谢
予約をキャンセルしたい
はい
예약 취소하고 싶어요
네
ok ขอบคุณ
tôi muốn hủy lịch hẹn
tidak
saya mau batalkan pesanan
नहीं
لا
אני רוצה לבטל את התור
לא
δεν μπορώ αύριο
nisam dobio kod
ja sam
"""
# Who wants to hear from us again.
_OPT_IN = """\
START
UNSTOP
YES
SUBSCRIBE
sign me back up
add me back to the list
resubscribe me
I want to receive your texts again
opt me in
start sending me texts again
my kid sent stop by accident
can I get back on the text list
quiero volver a recibir sus mensajes
Jag vill få era sms igen
хочу снова получать смс
Yes!
quiero recibir sus mensajes de nuevo
ALTA
apúntame otra vez
Bitte wieder anmelden
Ich möchte wieder Nachrichten bekommen
réinscrivez-moi svp
Je veux recevoir vos messages à nouveau
quero receber as mensagens de novo
INICIAR
iscrivetemi di nuovo
schrijf me weer in
zapiszcie mnie ponownie
"""
# Who wants to know who we are, or what to do.
_HELP = """\
Quem passou meu número pra vocês?
HELP
INFO
who is this?
what is this?
who are you
why am I getting these?
I need help
how does this work
aide
ayuda
hilfe
help me please
who's this
Who is texting me
can a human call me
representative please
quiero hablar con una persona
Как связаться с оператором?
what company is this
¿quién es?
ayuda por favor
¿qué es esto?
por qué me escriben?
Wer ist das?
Hilfe bitte
Was ist das?
Wer sind Sie?
qui est-ce ?
c'est qui ?
aidez-moi
quem é?
o que é isso?
ajuda por favor
chi è?
Chi siete?
wie is dit?
waarom krijg ik deze berichten?
kto to?
pomocy
aiuto per favore
"""

OPT_OUT, NO_OPT_OUT, OPT_IN, HELP = (each.splitlines() for each in (_OPT_OUT, _NO_OPT_OUT, _OPT_IN, _HELP))
