"""Word lists from which the synthetic world is combined: one `Region` a country.

Company names are joined from nature words and a trade, people from common first names and surnames. Whoever carries
such a name in real life is not meant.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class City:
    """A city with the names it goes by in the data, the first digits of its postcodes and its telephone prefix."""

    name: str
    postcode: str
    area_code: str
    other_name: str | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """Everything needed to invent organisations and people of one country."""

    code: str
    stem_heads: tuple[str, ...]
    stem_tails: tuple[str, ...]
    trades: tuple[str, ...]
    trade_first: bool
    legal_forms: tuple[str, ...]
    """The usual form comes first and is drawn most often."""
    men: tuple[str, ...]
    women: tuple[str, ...]
    surnames: tuple[str, ...]
    cities: tuple[City, ...]
    streets: tuple[str, ...]
    number_first: bool
    titles: tuple[str, ...]
    example_word: str
    """Begins every invented free-mail address: nobody's real one."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FINLAND = Region(
    code="FI",
    stem_heads=_words(
        "Ilves Karhu Hirvi Kettu Korppi Kotka Joutsen Haukka Kuusi Honka Pihlaja Halla Routa Tuisku Usva Myrsky "
        "Ukko Revon Harju Kallas Hiekka Lampi Suvi Talvi Syys Aamu Kaiho Terva Havu Naava Kataja Paju Peura Sääksi "
        "Ahma Näätä Kiisla Riekko Vaski Rauta"
    ),
    stem_tails=_words(
        "mäki saari niemi lahti salo ranta kanto vaara korpi notko suvanto kulma pelto haara kaira selkä rinne "
        "portti silta aho"
    ),
    trades=_words(
        "Konepaja Saha Puu Metalli Kaluste Sähkö Rakennus Kuljetus Elementti Hitsaus Pinnoite Työstö Levytyö "
        "Automaatio Ikkuna Talotekniikka Huonekalu Höyläämö Pakkaus Muovi"
    ),
    trade_first=False,
    legal_forms=("Oy", "Oy", "Oy", "Oy Ab", "Ky", "Oyj"),
    men=_words(
        "Matti Juhani Timo Antti Heikki Pekka Jari Mikko Kari Hannu Ville Janne Eero Olli Lauri Tapio Risto Erkki "
        "Jukka Petri Sami Aki Veikko Arto Esa Ilkka Kalle Niilo Otso Reijo Seppo Tuomas Urho Väinö Yrjö Ahti"
    ),
    women=_words(
        "Anna Liisa Päivi Sari Tiina Minna Johanna Kaisa Riikka Elina Hanna Satu Marja Pirjo Ritva Katri Outi Noora "
        "Ulla Venla Aino Saimi Helmi Inka Jaana Kirsi Leena Merja Niina Oona Piia Raija Sirpa Tuula Vilja"
    ),
    surnames=_words(
        "Virtanen Korhonen Mäkinen Nieminen Mäkelä Hämäläinen Laine Heikkinen Koskinen Järvinen Lehtonen Lehtinen "
        "Saarinen Salminen Heinonen Niemi Heikkilä Salonen Kinnunen Turunen Salo Laitinen Tuominen Rantanen "
        "Karjalainen Jokinen Mattila Savolainen Lahtinen Ahonen Ojala Leppänen Väisänen Hiltunen Kallio Miettinen "
        "Pitkänen Leinonen Manninen Hakala Aaltonen Koivisto Anttila Laaksonen Räsänen Hirvonen Lehto Toivonen "
        "Mustonen Partanen Peltola Seppälä Vainio Rautio Kettunen Väänänen Ylönen Äijälä Öhman Sjöblom Backman"
    ),
    cities=(
        City("Helsinki", "00", "09", "Helsingfors"),
        City("Espoo", "02", "09", "Esbo"),
        City("Tampere", "33", "03", "Tammerfors"),
        City("Turku", "20", "02", "Åbo"),
        City("Oulu", "90", "08"),
        City("Jyväskylä", "40", "014"),
        City("Lahti", "15", "03"),
        City("Kuopio", "70", "017"),
        City("Joensuu", "80", "013"),
        City("Seinäjoki", "60", "06"),
        City("Vaasa", "65", "06", "Vasa"),
        City("Pori", "28", "02"),
        City("Kouvola", "45", "05"),
        City("Rovaniemi", "96", "016"),
        City("Mikkeli", "50", "015"),
        City("Lappeenranta", "53", "05"),
    ),
    streets=_words(
        "Sahantie Konepajankatu Teollisuustie Varastokuja Tehtaankatu Höyläämöntie Asemakatu Rantatie Kirkkokatu "
        "Myllymäentie Vasaratie Ahjokuja Teräskatu Puusepänkatu Yrittäjäntie Hallitie Kuormakatu Ratakatu"
    ),
    number_first=False,
    titles=("toimitusjohtaja", "tuotantopäällikkö", "ostopäällikkö", "myyntijohtaja", "kunnossapitopäällikkö"),
    example_word="esimerkki",
)

SWEDEN = Region(
    code="SE",
    stem_heads=_words(
        "Björk Ek Furu Gran Ask Alm Lind Hagel Kvarn Ström Sjö Berg Häll Nord Väster Öster Älv Ulv Räv Falk Örn Tran "
        "Lax Mård Tjäder"
    ),
    stem_tails=_words("vik holm näs torp dal fors ås sund lunda hult rud sele hamn backa gård"),
    trades=_words(
        "Mekaniska Snickeri Såg Plåt Svets Trä Möbler Verkstad Industri Bygg Maskin Elteknik Verktyg Hydraulik"
    ),
    trade_first=False,
    legal_forms=("AB", "AB", "AB", "AB", "HB", "Aktiebolag"),
    men=_words(
        "Lars Anders Johan Erik Per Karl Nils Mikael Fredrik Magnus Björn Göran Håkan Jörgen Åke Sven Tomas Oskar "
        "Gustav Axel Elias Rasmus Torsten Ulf"
    ),
    women=_words(
        "Karin Eva Kristina Birgitta Ingrid Maria Lena Sofia Emma Linnea Åsa Ulrika Malin Frida Märta Gunilla Elsa "
        "Hedvig Annika Ylva Klara Tove Viola"
    ),
    surnames=_words(
        "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson Jonsson "
        "Lindberg Lindström Lindgren Lundqvist Bergström Sandberg Forsberg Sjögren Hedlund Nordin Öberg Åström "
        "Ekström Wallin Björklund Hägg Ängström Mårtensson Söderlund Ahlgren Nyström Hallberg"
    ),
    cities=(
        City("Stockholm", "11", "08-465 004"),
        City("Göteborg", "41", "031-390 06", "Gothenburg"),
        City("Malmö", "21", "040-628 04"),
        City("Kiruna", "98", "0980-31 92"),
    ),
    streets=_words(
        "Industrigatan Verkstadsgatan Sågverksvägen Hamngatan Storgatan Kvarnvägen Järnvägsgatan Fabriksgatan "
        "Ängsvägen Smedjegatan Bruksvägen Plåtgatan"
    ),
    number_first=False,
    titles=("VD", "produktionschef", "inköpare", "platschef", "ekonomichef"),
    example_word="exempel",
)

ITALY = Region(
    code="IT",
    stem_heads=_words("Cor Bel Mon Val Fer Gal Ros Tor Lam Ser Cal Mar Bri Ven Pol Cas Vol Nav Bor Gri"),
    stem_tails=_words("vasco lunga tessa bruna valdo nero chiara donico rezza gnano stella ferro moro lento viva tana"),
    trades=_words(
        "Officine Carpenteria Meccanica Falegnameria Arredi Marmi Serramenti Lamiere Stampi Taglio Impianti Imballaggi"
    ),
    trade_first=True,
    legal_forms=("S.r.l.", "S.r.l.", "S.r.l.", "S.p.A.", "S.n.c.", "S.a.s."),
    men=_words(
        "Marco Luca Andrea Giovanni Paolo Stefano Francesco Roberto Alessandro Matteo Davide Simone Fabio Enrico "
        "Giorgio Niccolò Lorenzo Tommaso Ettore Dario"
    ),
    women=_words(
        "Giulia Chiara Francesca Elena Laura Silvia Paola Martina Federica Sara Valentina Alessia Beatrice Ilaria "
        "Caterina Lucia Marta Teresa Noemi Viola"
    ),
    surnames=_words(
        "Rossi Ferrari Russo Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti Mancini Costa Giordano Rizzo "
        "Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Leone Longo Gentile "
        "Nicolò Sanna D'Amico Dell'Orto"
    ),
    cities=(
        City("Milano", "201", "02", "Milan"),
        City("Torino", "101", "011", "Turin"),
        City("Bologna", "401", "051"),
        City("Brescia", "251", "030"),
        City("Lecco", "239", "0341"),
        City("Verona", "371", "045"),
        City("Padova", "351", "049"),
        City("Modena", "411", "059"),
    ),
    streets=(
        "Via dell'Industria",
        "Via Garibaldi",
        "Via dei Mestieri",
        "Via delle Officine",
        "Viale del Lavoro",
        "Via Roma",
        "Via dei Marmi",
        "Corso Artigiani",
        "Via della Segheria",
        "Strada Provinciale",
    ),
    number_first=False,
    titles=("titolare", "responsabile acquisti", "direttore di produzione", "amministratore", "capo officina"),
    example_word="esempio",
)

GERMANY = Region(
    code="DE",
    stem_heads=_words("Adler Birken Dorn Eichen Falken Hirsch Kiefern Luchs Mühl Nebel Raben Tannen Wolfs Erlen Dachs"),
    stem_tails=_words("bruck feld grund hain horst kamp stett thal werth zell bühl au"),
    trades=_words("Metallbau Holzbau Maschinenbau Tischlerei Werkzeugbau Blechtechnik Anlagenbau Sägewerk"),
    trade_first=False,
    legal_forms=("GmbH", "GmbH", "GmbH", "GmbH & Co. KG", "AG", "KG"),
    men=_words("Thomas Michael Jürgen Stefan Klaus Jörg Holger Uwe Dirk Matthias Götz Rainer Bernd Sören Volker Lutz"),
    women=_words(
        "Sabine Petra Andrea Claudia Birgit Heike Ursula Jördis Anke Silke Ute Grit Dörte Kerstin Bärbel Meike"
    ),
    surnames=_words(
        "Müller Schmidt Schneider Fischer Weber Becker Hoffmann Schäfer Koch Richter Klein Wolf Schröder Neumann "
        "Krüger Böhm Jäger Groß Lüttich Vogt"
    ),
    cities=(
        City("Berlin", "101", "030 23125"),
        City("Frankfurt am Main", "603", "069 90009", "Frankfurt"),
        City("Hamburg", "204", "040 66969"),
        City("Köln", "506", "0221 4710", "Cologne"),
        City("München", "803", "089 99998", "Munich"),
    ),
    streets=("Industriestraße", "Sägewerkstraße", "Am Gewerbepark", "Werkstraße", "Hafenstraße", "Mühlenweg"),
    number_first=False,
    titles=("Geschäftsführer", "Einkaufsleiter", "Werkleiter", "Produktionsleiter"),
    example_word="beispiel",
)

ESTONIA = Region(
    code="EE",
    stem_heads=_words("Kase Tamme Kuuse Ranna Metsa Jõe Saare Põhja Lõuna Hundi Karu Rebase"),
    stem_tails=_words("oja mäe nurme lepa välja soo kalda"),
    trades=_words("Puit Metall Ehitus Mööbel Masinad Saeveski"),
    trade_first=False,
    legal_forms=("OÜ", "OÜ", "OÜ", "AS"),
    men=_words("Andres Jaan Margus Toomas Priit Rein Urmas Tõnu Indrek Raivo"),
    women=_words("Katrin Piret Liis Kristi Anneli Tiiu Maarja Külli Õie Signe"),
    surnames=_words("Tamm Saar Sepp Mägi Kask Kukk Rebane Ilves Pärn Koppel Luik Õunapuu"),
    cities=(City("Tallinn", "101", "600"), City("Tartu", "510", "730"), City("Pärnu", "800", "440")),
    streets=_words("Saeveski Tööstuse Tehnika Ranna Puidu Võidu"),
    number_first=False,
    titles=("juhataja", "ostujuht", "tootmisjuht"),
    example_word="naidis",
)

REGIONS: dict[str, Region] = {region.code: region for region in (FINLAND, SWEDEN, ITALY, GERMANY, ESTONIA)}

INDUSTRIES = ("Manufacturing", "Construction", "Machinery", "Engineering", "Transportation", "Other")
"""Values of Salesforce's standard picklist of industries."""

ROLE_WORDS: dict[str, tuple[str, ...]] = {
    "FI": ("info", "myynti", "toimisto"),
    "SE": ("info", "order", "kontakt"),
    "IT": ("info", "ufficio", "commerciale"),
    "DE": ("info", "vertrieb", "kontakt"),
    "EE": ("info", "myyk"),
}
BILLING_WORDS: dict[str, str] = {
    "FI": "laskutus",
    "SE": "faktura",
    "IT": "amministrazione",
    "DE": "buchhaltung",
    "EE": "arved",
}

COUNTRY_NAMES: dict[str, dict[str, str]] = {
    "fi": {"FI": "Suomi", "SE": "Ruotsi", "IT": "Italia", "DE": "Saksa", "EE": "Viro"},
    "it": {"FI": "Finlandia", "SE": "Svezia", "IT": "Italia", "DE": "Germania", "EE": "Estonia"},
    "sv": {"FI": "Finland", "SE": "Sverige", "IT": "Italien", "DE": "Tyskland", "EE": "Estland"},
    "en": {"FI": "Finland", "SE": "Sweden", "IT": "Italy", "DE": "Germany", "EE": "Estonia"},
}

PRODUCTS: dict[str, dict[str, str]] = {
    "bandsaw": {"fi": "vannesaha", "it": "sega a nastro", "sv": "bandsåg", "en": "band saw"},
    "edger": {"fi": "särmäsaha", "it": "refilatrice", "sv": "kantverk", "en": "edger"},
    "planer": {"fi": "höylä", "it": "piallatrice", "sv": "hyvel", "en": "planer"},
    "conveyor": {"fi": "kuljetin", "it": "nastro trasportatore", "sv": "transportör", "en": "conveyor"},
    "service": {"fi": "huolto", "it": "assistenza", "sv": "service", "en": "service contract"},
}
"""The products of the synthetic machine maker, as each dealer calls them."""
