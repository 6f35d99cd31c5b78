"""Towns under one name: many go by two, and cards of one company carry either."""

from __future__ import annotations

import re

from solmu.normalise.text import fold

# One town a line; the first name stands for all. Official names in the country's other languages, and the English,
# German or French ones that businesses write.
_NAMES = """
helsinki|helsingfors
espoo|esbo
vantaa|vanda
kauniainen|grankulla
turku|abo
tampere|tammerfors
oulu|uleaborg
pori|bjorneborg
vaasa|vasa
kokkola|karleby|gamlakarleby
pietarsaari|jakobstad
porvoo|borga
loviisa|lovisa
hamina|fredrikshamn
lappeenranta|villmanstrand
hameenlinna|tavastehus
savonlinna|nyslott
rauma|raumo
naantali|nadendal
parainen|pargas
raasepori|raseborg
tammisaari|ekenas
hanko|hango
lohja|lojo
kirkkonummi|kyrkslatt
sipoo|sibbo
tuusula|tusby
jarvenpaa|traskanda
kerava|kervo
hyvinkaa|hyvinge
lahti|lahtis
mikkeli|st michel|sankt michel
uusikaupunki|nystad
kaskinen|kasko
kristiinankaupunki|kristinestad
narpio|narpes
mustasaari|korsholm
maarianhamina|mariehamn
tallinn|tallinna|reval
tartu|tartto|dorpat
parnu|pernau
goteborg|gothenburg|goteborgs
malmo|malmoe
stockholm|tukholma
kobenhavn|copenhagen|kopenhagen|kopenhamn
helsingor|elsinore
oslo|kristiania
riga|riika
vilnius|vilna|wilna
kaunas|kovno
warszawa|warsaw|warschau|varsova
krakow|krakau|cracow
gdansk|danzig
wroclaw|breslau
poznan|posen
lodz|lodsch
praha|prague|prag
brno|brunn
plzen|pilsen
wien|vienna
munchen|munich|muenchen|monaco di baviera
koln|cologne|koeln|colonia
nurnberg|nuremberg|nuernberg
dusseldorf|duesseldorf
hannover|hanover
braunschweig|brunswick
frankfurt am main|frankfurt|frankfurt a m|frankfurt main
zurich|zuerich|zurigo
geneve|geneva|genf|ginevra
basel|basle|bale|basilea
bern|berne|berna
biel|bienne|biel bienne
neuchatel|neuenburg
sion|sitten
sierre|siders
solothurn|soleure
delemont|delsberg
murten|morat
chur|coira|coire
luzern|lucerne
bruxelles|brussel|brussels
antwerpen|antwerp|anvers
leuven|louvain
mechelen|malines
kortrijk|courtrai
namur|namen
tournai|doornik
vipiteno|sterzing
gent|ghent|gand
liege|luik
den haag|the hague|s gravenhage|la haye
roma|rome|rom
milano|milan|mailand
torino|turin
venezia|venice|venedig
firenze|florence|florenz
genova|genoa|genua
napoli|naples|neapel
padova|padua
bolzano|bozen
merano|meran
bressanone|brixen
brunico|bruneck
trento|trient
mantova|mantua
livorno|leghorn
siracusa|syracuse
lisboa|lisbon|lissabon
porto|oporto
sevilla|seville
zaragoza|saragossa
marseille|marseilles
lyon|lyons
strasbourg|strassburg
nice|nizza
athina|athens|athinai
thessaloniki|saloniki
peiraias|piraeus|pireas
patra|patras
irakleio|heraklion|iraklion|iraklio
rodos|rhodes
kerkyra|corfu
moskva|moscow|moskau|moskova
sankt peterburg|st petersburg|saint petersburg|pietari
kyiv|kiev|kiew|київ
kharkiv|kharkov
odesa|odessa
lviv|lvov|lemberg
bucuresti|bucharest|bukarest
sofia|sofija|sofiya
beograd|belgrade|belgrad
zagreb|agram
ljubljana|laibach
new york|new york city|nyc
washington|washington dc|washington d c
los angeles|l a
philadelphia|phila
quebec|quebec city
mexico city|ciudad de mexico|mexico df|cdmx
ho chi minh city|saigon
mumbai|bombay
kolkata|calcutta
bengaluru|bangalore
chennai|madras
beijing|peking
guangzhou|canton
chongqing|重庆|重慶
"""
# What folding makes of Japanese characters, and of letters that leave out vowels, is nobody's Latin spelling: Tokyo and
# Japan's designated cities, Israel's largest, and the capitals and largest cities of Arabia, the Levant and Egypt.
_IN_OTHER_LETTERS = """
tokyo|東京
yokohama|横浜
osaka|大阪
nagoya|名古屋
sapporo|札幌
fukuoka|福岡
kawasaki|川崎
kobe|神戸
kyoto|京都
saitama|さいたま
hiroshima|広島
sendai|仙台
chiba|千葉
kitakyushu|北九州
sakai|堺
niigata|新潟
hamamatsu|浜松
kumamoto|熊本
sagamihara|相模原
okayama|岡山
shizuoka|静岡
jerusalem|ירושלים
tel aviv|תל אביב|תל אביב יפו|tel aviv yafo|tel aviv jaffa
haifa|חיפה
rishon lezion|ראשון לציון|rishon le zion
petah tikva|פתח תקווה|פתח תקוה|petach tikva
ashdod|אשדוד
netanya|נתניה
beer sheva|באר שבע|beersheba|be er sheva
bnei brak|בני ברק
holon|חולון
ramat gan|רמת גן
herzliya|הרצליה|herzlia
riyadh|الرياض
jeddah|جدة|جده|jidda
makkah|مكة|مكة المكرمة|mecca
madinah|المدينة المنورة|medina
dammam|الدمام
abu dhabi|أبوظبي|أبو ظبي
dubai|دبي
sharjah|الشارقة
doha|الدوحة
kuwait city|مدينة الكويت
manama|المنامة
muscat|مسقط
cairo|القاهرة
alexandria|الإسكندرية
amman|عمان
beirut|بيروت
"""
# "г. Казань", "大阪府大阪市", "인천시": the kind of place, and the prefecture before it, are no part of a town's name.
_KIND_BEFORE = re.compile(
    r"^(?:(?:г|гр|м)(?:\.\s*|\s+)|(?:город|град|місто)\s+)(?=\w)|^\S{2,3}[都道府県省](?=\S{2,}市$)"
)
_KIND_BEHIND = re.compile(
    r"(?<=[\u3040-\u9fff]{2})市$|(?<=^東京)都$|(?<=[\uac00-\ud7af]{2})(?:특별자치시|특별시|광역시|시|군)$"
)
# "Miami, FL", "Sydney, NSW", "Verona (VR)", "Buchs SG": Springfield, IL is not Springfield, MA. In a text of capitals
# only a state's letters are known for what they are. Which country it is says a field of its own.
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI"
    "|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|PR|AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT|NSW|VIC|QLD|TAS|ACT"
)
_REGION_BEHIND = re.compile(
    r"\s*\((?P<province>[A-Z]{2})\)$|\s*,\s*(?P<state>[A-Z]{2,3})$"
    rf"|(?<=[a-zß-öø-ÿ])\s(?!NV$|SV$)(?P<canton>[A-Z]{{2}})$|(?<=[A-Z]{{3}})\s(?P<capitals>{_STATES})$"
)
_NO_REGION = frozenset({"US", "USA", "UK", "GB"})
_IN_THE_ADDRESS = frozenset({"US", "CA", "AU", "IT"})
"""Countries whose addresses have a state's or province's letters; elsewhere a region may be where somebody sells."""
_LETTERS = re.compile(r"[A-Z]{2,3}")
_QUARTER_BEHIND = re.compile(r"(?<=\w{4})\s(?:[KVSCMNØ]|NV|SV|NØ|SØ)$")  # "Odense C"
_SHORT_WORDS = {"saint": "st", "sainte": "st", "sankt": "st", "sint": "st", "ste": "st"}
_SHORT_AT_FIRST = {"fort": "ft", "mount": "mt"}
# "Helsinki 10", "Paris Cedex 08", "London W1": the district does not make another town.
_DISTRICT = re.compile(r"\s+(?:cedex(?:\s\d+)?|\d{1,3}|[a-z]{1,2}\d{1,2}[a-z]?)$")


def town_and_region(text: str, country: str | None = None) -> tuple[str, str]:
    """A town for comparison: the folded name that stands for it, from any of its names; and the state or province that
    is named behind it, which many leave out: ("miami", "fl"). Empty where nothing is left, or said."""
    bare = " ".join(text.split())
    found = _REGION_BEHIND.search(bare)
    if found and found["capitals"] and country and country not in _IN_THE_ADDRESS:
        found = None  # SON LA in Vietnam is not in Louisiana
    region = next(filter(None, found.groups())) if found else ""
    bare = bare[: found.start()] if found and found.start() else bare
    for cut in (_QUARTER_BEHIND, _KIND_BEFORE, _KIND_BEHIND):
        bare = cut.sub("", bare.strip()) or bare
    folded = _shortened(bare)
    plain = _DISTRICT.sub("", folded) or folded
    town = _ONE_NAME.get(_shortened(text) if found else plain) or _ONE_NAME.get(plain, plain)  # "Mexico DF"
    return town, region.lower() if town and region not in _NO_REGION else ""


def state_of(region: str, country: str | None) -> str:
    """What a field of its own says of the state or province, as ``town_and_region`` has it; empty for anything else."""
    letters = region.strip()
    known = country in _IN_THE_ADDRESS and letters not in _NO_REGION and _LETTERS.fullmatch(letters)
    return letters.lower() if known else ""


def _shortened(text: str) -> str:
    """Folded, with what many write short: St Louis, Ft Worth."""
    words = [_SHORT_WORDS.get(word, word) for word in fold(text).split()]
    return " ".join([_SHORT_AT_FIRST.get(word, word) for word in words[:1]] + words[1:])


_ONE_NAME = {
    _shortened(name): _shortened(line.partition("|")[0])
    for line in (_NAMES + _IN_OTHER_LETTERS).strip().splitlines()
    if line
    for name in line.split("|")
}
