"""Which language a short text is in: enough to choose in which its recipient is told how to opt out.

Other scripts tell it by themselves. In Latin letters each word that belongs to a language speaks for it, and so do
letters that few languages have. Malay is read as Indonesian: in a text the two can hardly be told apart, and both
are instructed in the same words.
"""

# ruff: noqa: RUF001 - letters of other scripts look like ours

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping

from gateway.text.letters import plain

# Common words and those that marketing likes, as they are written in texts. A word may stand under several
# languages: it then helps each of them against the rest.
_WORDS = {
    "en": """
        a all an and any are as at back be been but by can code days deals don't ends enjoy exclusive extra
        for free friday from get gift has have here hi hours i'm if in is it it's just last limited low make
        may members miss monday more my new next no not now of off offer on one online only or order our out
        over pick please points ready sale saturday save sign start store sunday than thank thanks that the
        their them there these they this time to today tomorrow tonight up us use valid visit was we we're
        week weekend welcome when will with you you're you've your
    """,
    "es": """
        a ahora al aprovecha aquí cita cliente compra comprar con consigue cuenta código cómo de del
        descubre descuento descuentos desde disfruta domingo días el ella en entrega envío es esta estamos
        este está euros fin gracias gratis ha hasta hola hora horas hoy jueves la las le llega lo los lunes
        martes mañana mejor mes mi miércoles mucho mujer más no nos nuestra nuestras nuestro nueva nuevo
        nuevos o oferta ofertas para pedido pero por precio precios primera promoción próxima puedes que qué
        rebajas recoger regalo se semana ser si sin solo son su sus sábado sólo te tenemos tiempo tienda
        tiendas tienes todo todos tu tus un una usted viernes válido y ya últimas últimos
    """,
    "fr": """
        achat achats année au aujourd'hui aux avant avec avez bonjour boutique bénéficiez c'est ce ces cette
        chez client code commande d'achat dans de demain dernier derniers dernière dernières des deux
        dimanche du dès en est et exceptionnelle exclusif exclusive faites gratuit gratuite h ici il ils
        jeudi jour jours jusqu'au l'offre la le les leur livraison lundi magasin magasins mais mardi matin
        merci mercredi mois ne nos notre nous nouveau nouveaux nouvelle nouvelles offert offerte offre
        offres on ou ouverture par pas plus pour prix prochain profitez promo qu'à que qui rdv remise rendez
        rendez-vous réduction sa samedi semaine ses site soir soldes son sont sur tous tout toute toutes un
        une valable vendredi vente ventes vos votre vous y à
    """,
    "de": """
        ab aktion alle alles als am an angebot angebote auch auf aus bei bestellen bestellung bis bitte das
        dein deine deinem deinen deiner dem den der des die dienstag dir donnerstag du ein eine einem einen
        einer endet entdecke es euch euro freitag für ganz gibt gilt gratis gutschein gültig haben hallo
        heute hier ich ihr ihre ihrem ihren im in ins ist jetzt kein keine kommen kunden können laden letzte
        liebe liebhaber lieferung mehr mit mittwoch montag morgen nach neu neue neuen neuer nicht noch nur
        oder ohne rabatt sale samstag sich sichern sie sind so sonntag sparen sparfuchs tage tagen termin
        uhr und uns unser unsere unserem unseren versand vom von vorbei wir wird woche wochenende zu zum zur
        über
    """,
    "it": """
        a abbiamo acquista acquisti acquisto ai al alla alle anche approfitta che ci ciao codice col con cui
        da dai dal dalla dalle degli dei del della delle di domani domenica e entro euro fine fino giovedì gli
        gratis grazie ha hai i il in l'offerta la le lo lunedì ma mai martedì mercoledì mese negozi negozio
        nei nel nella nelle noi non nostra nostri nostro nuova nuove nuovi nuovo o offerta offerte oggi ogni
        ordine ore per più prenota prezzi prezzo prima promo promozione pronto puoi quattro questa questo
        ritiro sabato saldi sconti sconto scopri se sei settimana si solo sono spedizione subito sul sulla
        tanti te ti tua tue tuo tuoi tutta tutti tutto un una valida valido venerdì vi vieni vostro è
    """,
    "pt": """
        a agora amanhã ao aos apenas aproveite as até boa bom cliente clientes com como compra compras
        compre confira cupom código da das de desconto descontos dia dias do domingo dos e ele em encomenda
        entrega essa esse esta este está estão fim frete grátis hoje hora horas já loja lojas mais mas
        melhor mês na nao nas nesta neste no nos nossa nosso nova novas novidades novo novos não nós o
        obrigado oferta ofertas olá on ou para pedido pela pelo por pra preço preços promo promoção quarta
        que quem quinta retirar se segunda sem semana ser seu seus sexta sua suas sábado são só também te
        tem terça toda todo todos tudo um uma voce você vocês válida válido é
    """,
    "nl": """
        aan aanbieding aanbiedingen actie al alle als bent bestel bestelling bezorging bij bijna binnen
        dagen dan dat de deze dinsdag dit donderdag door een elke en euro extra geldig gratis haal hallo heb
        hebben heeft het hier hoi in is je jij jouw kan klaar klant klanten kom komt koop korting
        kortingscode krijg laatste maandag maar meer met mis mooiste morgen naar niet nieuw nieuwe nog nu of
        om ons onze ook op over per profiteer shop tot u uit uur uw van vanaf vanavond vandaag vanwege voor
        vrijdag wacht we week weekend welkom wij winkel winkels woensdag zaterdag ze zijn zo zondag
    """,
    "pl": """
        a aby ale bez brak będzie cena ceny czas czeka czwartek dla dni dnia do dostawa dostawę dzisiaj dziś
        go godz gratis i ile im informujemy ja jak jest jutro już każdy klient klienta kod kodem kup kupon
        lub ma mamy masz może możesz na nad nam nasz nasze naszej naszym nie niedziela niedzielę nowa nowe
        nowej nowy o od odbierz ofercie oferta oferty oraz państwa piątek po pod poniedziałek promocja
        promocje promocji przez przy przypominamy rabat rabatem rabatu razem się sklep sklepach sklepie
        sklepu sobota sobotę sprawdź są ta tak tej ten to twoja twoje twój tygodnia tylko u w we weekend
        wizyta wszystkie wszystko wtorek wyprzedaż z za zakupy zamówienie zapraszamy ze zniżka zniżki zł
        środa środę żeby
    """,
    "sv": """
        alla allt att av bara beställning bli boka butik butiken butiker dag dagar dagens dig din dina ditt
        du eller en endast erbjudande erbjudanden ett extra fram fredag fri från få får för gratis gäller
        har hej helgen hitta hos hämta här i idag ikväll imorgon inför ingen innan inte just kan kl klockan
        kod koden kom kr kronor kund kunder kvar köp köper leverans levereras lördag med medlem medlemmar
        mellan mer missa mot mycket måndag nu ny nya nytt och om onsdag oss passa på rabatt rea reapriser
        sista skynda som sommar spara så söndag till tisdag torsdag upp ut valfri var varmt vi vid välkommen
        vår våra webbshop är
    """,
    "da": """
        af alle alt at bare benyt bestil bestilling besøg blive butik butikken butikker børn dag dage dagens
        den det dig din dine dit du efter eller en er et for fra fredag fri få får glæd gratis gælder han
        har hej hele hent her hos i idag ikke ind ingen jer jeres kan kl klar kode koden kom kort kr kun
        kunde kunder køb køber leveres levering lige lørdag mandag med medlem medlemmer meget mellem mere
        mod morgen mulighed ned nu ny nye nyt når og om onsdag op os over på rabat rabatkode sidste skynd
        som spar så søndag tak til tilbud tirsdag torsdag ud udsalg uge ugen varer ved velkommen vi vores
        weekenden
    """,
    "no": """
        alle alt andre at av bare benytt bestill bestilling bli bruk butikk butikken butikker dag dagens
        dager deg den dere det din dine ditt du eller en er et etter for fra fredag frem fri få får gjelder
        gratis gå ha han har hei hele helgen hent her hos hvis i idag ikke ingen inn innom kan kjøp kjøper
        kl klar kode koden kom kr kroner kun kunde kunder leveres levering løp lørdag mandag med medlem
        medlemmer mellom mer morgen mot mye nettbutikk ny nye nytt nå og om onsdag opp oss over på rabatt
        salg siste skynd som spar så søndag takk til tilbud tirsdag torsdag uke uken ut varer ved velkommen
        vi vår våre
    """,
    "fi": """
        ajanvaraus ale alennus alennusta asiakas asti avoinna edut ei eli ensi enää että etu euroa hei heti
        hinnat hinta huomenna hyvä ihan ilmainen ilmaiseksi ilman ja jo joka jos kaikista kaikki kanssa
        kaupasta kauppa keskiviikko kesä kiitos klo kohta koko koodi koodilla kuin kun kuponki käytä
        lauantai lisää loppuu luo löydä löydät maanantai me meidän meillä meiltä mukaan mutta myymälä
        myymälästä myymälöissä nopeasti nouda noudettavissa nyt ole olet on osta ostoksista ovat paikan
        paketti perjantai perjantaina päivä päivää saakka saapunut saat se seuraavasta sinua sinulle sinun
        sunnuntai sunnuntaihin tai tarjoukset tarjouksia tarjous tervetuloa tiistai tilauksesi tilaus
        torstai tule tuotteet tutustu tämä tänään uudet uusi vain varaa verkkokauppa vielä viikon
        viikonloppu viikonloppuna viimeinen voimassa voit
    """,
    "tr": """
        aldığınız alışveriş alışverişe alışverişinize alışverişlerde bayram bekliyoruz bilgi bir bizi bu
        bugün büyük cuma cumartesi daha dahil devam değerli en fırsat fırsatlar fırsatları fırsatı gel
        geçerli geçerlidir gün günü güzel hafta hediye hemen her ile indirim indirimi indirimler indirimli
        için kadar kampanya kampanyası kargo kazan kazanın kaçırma kaçırmayın kod kodu kullan mağaza
        mağazada mağazalarda mağazalarımızda mesaj müşteri müşterimiz ne olan olarak pazar pazartesi
        perşembe saat sadece salı sana seni sepette sezon siparişiniz size sizi sizin son tarihinde tarihine
        tl tüm var ve veya yarın yeni yılbaşı çarşamba çok özel ücretsiz üzeri şimdi
    """,
    "id": """
        ada adalah agar akan anda atau bagi bank belanja beli berlaku bila bisa bonus buka cek dan dapat
        dapatkan dari dengan dgn di diskon gratis hadiah hanya harga hari hemat hingga hub ini itu jam
        jangan jualan juga jumat jutaan kami kamis kamu karena ke kesempatan kita klik kode lebih lewat
        lewatkan masih mau minggu murah nikmati oleh ongkir pada pakai paket pembelian percuma pesanan
        produk promo pukul rabu rb ribu saat sabtu sahaja sampai segera sekarang selama selasa semua senin
        sudah syarat tanpa telah tidak toko tsb untuk utk voucher yang yg
    """,
    "fil": """
        ang ano araw at ay bagong bili bumili din dito habang hanggang huwag inyo inyong ito iyong ka kada
        kami kang kaya kayo ko kung lahat lamang lang libre mag magandang mahigit mga mo muna na namin nang
        natin ng ngayon ngayong ninyo ninyong nyo pa para pati po pwede sa salamat si subukan sulit tayo wag
        walang yung
    """,
    "vi": """
        bạn chi cho chúng chỉ cua các cùng của duy giá giảm hay hàng hãy hôm khi khuyến khách không kính ký
        lên mua mã mại mới mừng nay ngay ngày nhân nhất nhận những qua quà quý sẽ số tháng trong tu tại tặng
        tới từ vui và với xin áp đã đăng đơn được đặt đến để ưu
    """,
}

_LETTERS = {
    "es": "¿¡ñáéíóú",
    "fr": "àâçèéêëîïôùûœ",
    "de": "äöüß",
    "it": "àèéìòù",
    "pt": "áâãàçéêíóôõú",
    "pl": "ąćęłńóśźż",
    "sv": "åäö",
    "da": "åæø",
    "no": "åæø",
    "fi": "äö",
    "tr": "çğıöşü",
    "vi": "àáâãèéêìíòóôõùúýăđĩũơư" + "".join(map(chr, range(0x1EA1, 0x1EFA, 2))),
}


_UNIT = 60  # what a word or a letter says for its language; shared out where several have it
_ENOUGH = 90
_LEAD = 1.2  # times the next best

_LANGUAGES = tuple(_WORDS)
_SCORES = struct.Struct(f"<{len(_LANGUAGES)}I")  # one of each language, as one number: they are added at once
_BITS = 32  # of each


def _shared_out(signs: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """From signs by language to the scores that each sign gives."""
    languages: dict[str, list[str]] = {}
    for language, its in signs.items():
        for sign in dict.fromkeys(its):
            languages.setdefault(sign, []).append(language)
    return {
        sign: sum(_UNIT // len(some) << _BITS * _LANGUAGES.index(one) for one in some)
        for sign, some in languages.items()
    }


_BY_WORD = _shared_out({language: plain(words).split() for language, words in _WORDS.items()})
_BY_LETTER = _shared_out(_LETTERS)

# By script. Japanese comes before Chinese, whose characters it is written with too.
_SCRIPTS = {
    "ja": "\u3040-\u30ff\uff66-\uff9f",
    "ko": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af",
    "zh": "\u3400-\u4dbf\u4e00-\u9fff",
    "th": "\u0e00-\u0e7f",
    "hi": "\u0900-\u097f",
    "he": "\u0590-\u05ff",
    "ar": "\u0600-\u06ff",
    "el": "\u0370-\u03ff",
    "ru": "\u0400-\u04ff",
}
_LETTERS_OF = {language: re.compile(f"[{letters}]") for language, letters in _SCRIPTS.items()}
_OTHER_SCRIPT = re.compile(f"[{''.join(_SCRIPTS.values())}]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")

# Languages that share a script with one above, by letters that it hasn't.
_TELLING = {
    "fa": re.compile("[پچژگ]"),
    "uk": re.compile("[іїєґ]"),
    "sr": re.compile("[ђјљњћџ]"),
    "bg": re.compile("ъ[^еёюя]"),
}


def language_of(text: str, otherwise: str) -> str:
    """The language (ISO 639) of a text, or `otherwise` where its words and letters don't tell."""
    if not text.isascii():
        others = _OTHER_SCRIPT.findall(text)
        # Brands and links are Latin in texts of any script, and a letter elsewhere may be a whole word.
        if others and len(others) * 3 > len(_LATIN.findall(text)):
            return _by_script(text)
    return _by_words(text) or otherwise


def is_common(word: str) -> bool:
    """Whether it is one of the words that tell a language, and so is nobody's name."""
    return plain(word) in _BY_WORD


def _by_script(text: str) -> str:
    lower = text.lower()
    for language, telling in _TELLING.items():
        if telling.search(lower):
            return language
    if _LETTERS_OF["ja"].search(text):
        return "ja"
    return max(_LETTERS_OF, key=lambda language: len(_LETTERS_OF[language].findall(text)))


def _by_words(text: str) -> str | None:
    total = sum([_BY_WORD[word] for word in _words(text) if word in _BY_WORD])
    if not text.isascii():
        total += sum([_BY_LETTER[letter] for letter in set(text.lower()) if letter in _BY_LETTER])
    scores = _SCORES.unpack(total.to_bytes(_SCORES.size, "little"))
    next_best, best = sorted(scores)[-2:]
    clear = best >= max(_ENOUGH, next_best * _LEAD)
    return _LANGUAGES[scores.index(best)] if clear else None


def _words(text: str) -> set[str]:
    """Each word once; links and addresses aside, whose names say nothing of the language."""
    words = {token.strip(_PUNCTUATION) for token in plain(text).replace("\u2019", "'").split()}
    if "'" in text or "\u2019" in text:  # French and Italian elisions
        words.update(part for word in list(words) for part in word.split("'"))
    return words


_PUNCTUATION = "'\".,;:!?()[]<>*-\u00a1\u00ab\u00bb\u00bf\u2013\u2014\u2018\u201c\u201d\u2026"
