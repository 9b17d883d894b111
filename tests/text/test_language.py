"""Which language a marketing text is in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.text.language import language_of

TEXTS = [
    ("en", "Flash sale! 20% off everything today only. Shop now: https://shop.example/s"),
    ("en", "Your table for two is booked for Friday at 7pm. See you soon!"),
    ("en", "Hi Anna, your order is ready for pickup at our Main St store."),
    ("en", "Big news: free shipping ends tonight at midnight. Don't miss out"),
    ("en", "We miss you! Come back this week and get a free coffee with any purchase"),
    ("en", "Members get early access to the summer collection starting Monday"),
    ("en", "Last chance to save $50 on your first month"),
    ("en", "La Casa Burrito: buy one get one free all weekend long"),
    ("en", "BLACK FRIDAY IS HERE. UP TO 70% OFF IN ALL OUR STORES"),
    ("es", "¡Rebajas! 20% de descuento en toda la tienda solo hoy. Compra ya: https://tienda.example/r"),
    ("es", "Hola Ana, tu pedido ya está listo para recoger en nuestra tienda"),
    ("es", "Aprovecha nuestras ofertas de verano antes del domingo"),
    ("es", "Recuerde su cita el martes a las 10:00 en la clinica"),
    ("es", "No te lo pierdas: envio gratis en tu primera compra con el codigo HOLA"),
    ("es", "Este fin de semana, 2x1 en todos los helados. Te esperamos"),
    ("es", "ULTIMAS HORAS: HASTA 50% EN ZAPATOS DE MUJER"),
    ("fr", "Soldes : -30% sur toute la boutique jusqu'à dimanche. J'en profite : https://ex.example/s"),
    ("fr", "Bonjour, votre commande est disponible dans votre magasin de Lyon"),
    ("fr", "Profitez de 10€ offerts dès 50€ d'achat avec le code MERCI"),
    ("fr", "Votre rendez-vous chez le coiffeur est confirme pour demain a 14h"),
    ("fr", "L'offre du mois vous attend chez Optic 2000"),
    ("fr", "Derniers jours pour les ventes privees, ne ratez pas nos meilleures affaires"),
    ("fr", "Joyeux anniversaire ! Une surprise vous attend en caisse"),
    ("de", "Nur heute: 20% Rabatt auf alles im Shop. Jetzt sichern: https://laden.example/r"),
    ("de", "Ihre Bestellung ist da und kann in der Filiale abgeholt werden"),
    ("de", "Lieber Kunde, unser Sommerschlussverkauf startet am Montag"),
    ("de", "Wir wünschen Ihnen ein schönes Weihnachtsfest und schenken Ihnen 10 Euro"),
    ("de", "Letzte Chance! Das Angebot endet um Mitternacht"),
    ("de", "Ihr Termin am 3.5. um 9 Uhr ist bestaetigt. Bitte puenktlich kommen"),
    ("de", "Doppelte Punkte auf Ihren Einkauf bis Samstag"),
    ("it", "Saldi! Sconto del 20% su tutto fino a domenica. Scopri di più: https://negozio.example/s"),
    ("it", "Ciao Marco, il tuo ordine è pronto per il ritiro in negozio"),
    ("it", "Solo per te un buono da 10 euro sulla prossima spesa"),
    ("it", "Ti aspettiamo sabato per la presentazione della nuova collezione"),
    ("it", "Ultimi giorni per approfittare delle nostre offerte"),
    ("it", "Il suo appuntamento e confermato per domani alle 15"),
    ("pt", "Só hoje: 20% de desconto em toda a loja. Aproveite já: https://loja.example/d"),
    ("pt", "Olá Ana, o seu pedido está pronto para retirada na loja"),
    ("pt", "Nao perca as ofertas da semana com frete gratis para voce"),
    ("pt", "Sua fatura vence amanhã. Pague pelo app e ganhe pontos"),
    ("pt", "Chegou a nova coleção de verão, venha conhecer as novidades"),
    ("pt", "Ganhe R$ 20 na sua primeira compra com o cupom BEMVINDO"),
    ("nl", "Alleen vandaag: 20% korting op alles in de winkel. Shop nu: https://winkel.example/k"),
    ("nl", "Hoi Jan, je bestelling ligt klaar in onze winkel"),
    ("nl", "Mis het niet: gratis verzending bij elke bestelling tot zondag"),
    ("nl", "Uw afspraak bij de tandarts is op maandag om 9.00 uur"),
    ("nl", "De zomer is begonnen, en dat vieren we met mooie aanbiedingen"),
    ("pl", "Tylko dziś 20% rabatu na wszystko w naszym sklepie: https://sklep.example/r"),
    ("pl", "Twoje zamówienie jest gotowe do odbioru w sklepie"),
    ("pl", "Zapraszamy na wyprzedaz do soboty, ceny nizsze nawet o 50%"),
    ("pl", "Nie przegap! Kup dwa, trzeci produkt gratis z kodem LATO"),
    ("pl", "Przypominamy o wizycie u lekarza jutro o 10:30"),
    ("sv", "Bara idag: 20% rabatt på allt i butiken. Handla nu: https://butik.example/r"),
    ("sv", "Hej Anna, din beställning finns att hämta i butiken"),
    ("sv", "Missa inte våra erbjudanden, de gäller till söndag"),
    ("sv", "Välkommen på kundkväll torsdag kl 18, vi bjuder på fika"),
    ("sv", "Som medlem får du dubbla poäng hela veckan"),
    ("da", "Kun i dag: 20% rabat på alt i butikken. Køb nu: https://butik.example/r"),
    ("da", "Hej Anna, din ordre er klar til afhentning i vores butik"),
    ("da", "Gå ikke glip af ugens tilbud, de gælder til og med søndag"),
    ("da", "Som medlem får du dobbelt op på point hele ugen hos os"),
    ("da", "Vi glæder os til at se dig på fredag kl. 10"),
    ("no", "Kun i dag: 20% rabatt på alt i butikken. Kjøp nå: https://butikk.example/r"),
    ("no", "Hei Anna, bestillingen din er klar til henting i butikken vår"),
    ("no", "Ikke gå glipp av ukens tilbud, de gjelder til og med søndag"),
    ("no", "Som medlem får du dobbel bonus hele uken hos oss"),
    ("no", "Velkommen til oss på fredag kl 10, vi gleder oss til å se deg"),
    ("fi", "Vain tänään: 20% alennus kaikista tuotteista. Osta nyt: https://kauppa.example/a"),
    ("fi", "Hei Anna, tilauksesi on noudettavissa myymälästämme"),
    ("fi", "Älä jää paitsi viikonlopun tarjouksista, voimassa sunnuntaihin asti"),
    ("fi", "Saat nyt kaksi yhden hinnalla, tervetuloa ostoksille"),
    ("tr", "Bugüne özel tüm ürünlerde %20 indirim! Hemen al: https://magaza.example/i"),
    ("tr", "Sayın müşterimiz, siparişiniz mağazamızdan teslim alınabilir"),
    ("tr", "Yeni sezon ürünlerinde 2 alana 1 bedava, fırsatı kaçırma"),
    ("tr", "HAFTA SONUNA ÖZEL İNDİRİMLER MAĞAZALARIMIZDA SİZİ BEKLİYOR"),
    ("id", "Diskon 20% hari ini saja untuk semua produk. Beli sekarang: https://toko.example/d"),
    ("id", "Pesanan Anda sudah siap diambil di toko kami"),
    ("id", "Jangan lewatkan promo gratis ongkir sampai akhir bulan ini"),
    ("id", "Jualan murah hanya minggu ini, percuma penghantaran ke seluruh negara untuk anda"),
    ("vi", "Giảm giá 20% tất cả sản phẩm chỉ trong hôm nay. Mua ngay: https://cuahang.example/g"),
    ("vi", "Chào bạn, đơn hàng của bạn đã sẵn sàng tại cửa hàng"),
    ("vi", "Đừng bỏ lỡ ưu đãi cuối tuần dành riêng cho khách hàng thân thiết"),
    ("fil", "Huwag palampasin ang sale ngayong linggo! Libre ang delivery sa lahat ng order mo"),
    ("fil", "Handa na po ang inyong order, maaari na itong kunin sa aming tindahan"),
    ("ru", "Только сегодня скидка 20% на все товары. Успейте купить: https://magazin.example/s"),
    ("ru", "Ваш заказ IKEA готов к выдаче"),
    ("uk", "Тільки сьогодні знижка 20% на всі товари в наших магазинах"),
    ("bg", "Само днес отстъпка 20% за всички продукти в магазина"),
    ("sr", "Само данас попуст 20% на све производе у нашој продавници"),
    ("el", "Μόνο σήμερα έκπτωση 20% σε όλα τα προϊόντα"),
    ("ar", "خصم 20% على جميع المنتجات اليوم فقط. تسوق الآن"),
    ("fa", "فقط امروز ۲۰٪ تخفیف برای همه کالاهای فروشگاه، پیشنهاد ویژه"),
    ("he", "רק היום 20% הנחה על כל המוצרים בחנות"),
    ("hi", "आज ही पाएं सभी उत्पादों पर 20% की छूट"),
    ("ja", "本日限り全品20%OFF!今すぐチェック https://shop.example/s"),
    ("ja", "AMAZON PRIME DAY セール開催中"),
    ("ko", "(광고) 오늘 하루만 전 상품 20% 할인! 지금 확인하세요"),
    ("zh", "今天全场八折,仅限一天,立即购买 https://shop.example/s"),
    ("zh", "【天猫】您的订单已发货"),
    ("th", "วันนี้วันเดียว ลด 20% ทุกรายการ ช้อปเลย"),
]


@pytest.mark.parametrize(("language", "text"), TEXTS)
def test_a_text_is_in_its_language(language, text):
    assert language_of(text, "xx") == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "OK",
        "12345",
        "Sale 50% -> https://shop.example/de/la/para/und/der",
        "Zara. Mango. H&M.",
        "Pizza Margherita",
        "G-123456",
        "😀😀😀",
        "Reduceri de 50% numai azi",
        "Mai 50% kedvezmény minden termékre",
    ],
)
def test_in_doubt_the_given_language_counts(text):
    assert language_of(text, "en") == "en"
    assert language_of(text, "fr-CA") == "fr-CA"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_some_language(text):
    assert language_of(text, "en")
