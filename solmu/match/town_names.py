"""Names that a town goes by, for ``towns``: the facts, and no code."""

from __future__ import annotations

# One town a line, or two where it has many names; the first name stands for all. Official names in the country's other
# languages, and those that businesses and partners abroad write: English, German, French, Italian, Spanish and others.
_NAMES = """
helsinki|helsingfors
espoo|esbo
vantaa|vanda
kauniainen|grankulla
turku|abo|abo turku
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
tallinn|tallinna|reval|tallin|talin
tartu|tartto|dorpat
parnu|pernau
goteborg|gothenburg|goteborgs|gotemburgo|gotenburg|geteborg
malmo|malmoe
stockholm|tukholma|stoccolma|estocolmo|sztokholm|stokholm
kobenhavn|copenhagen|kopenhagen|kopenhamn|copenaghen|copenhague|kopenhaga|kodan
helsingor|elsinore
oslo|kristiania|christiania
riga|riika|ryga
vilnius|vilna|wilna|wilno
kaunas|kovno|kowno
warszawa|warsaw|warschau|varsova|varsavia|varsovie|varsovia|warschaw|varsava
krakow|krakau|cracow|cracovia|cracovie|krakov
gdansk|danzig|danzica|dantzig
wroclaw|breslau|breslavia|vratislav
poznan|posen|posnania
lodz|lodsch|litzmannstadt
praha|prague|prag|praga|praag
brno|brunn
plzen|pilsen
wien|vienna|viena|wenen|wieden|viden|becs
munchen|munich|muenchen|monaco di baviera|monachium|mnichov
koln|cologne|koeln|keulen|kolonia|kolin nad rynem|keln
nurnberg|nuremberg|nuernberg|norimberga|norymberga|norimberk
dusseldorf|duesseldorf
hannover|hanover
frankfurt am main|frankfurt|frankfurt a m|frankfurt main|francoforte|francoforte sul meno
frankfurt am main|francfort|francfort sur le main|frankfurt nad menem|frankfurt n m
zurich|zuerich|zurigo|zurych|curych
geneve|geneva|genf|ginevra|genewa|zeneva|ginebra
basel|basle|bale|basilea|bazel|bazylea
bern|berne|berna
biel|bienne|biel bienne
sion|sitten
sierre|siders
solothurn|soleure
delemont|delsberg
murten|morat
chur|coira|coire
luzern|lucerne|lucerna
bruxelles|brussel|brussels|bruxelas|bruselas|bruselj|bruksela|brusel|bryssel
antwerpen|antwerp|anvers|anversa|amberes|antwerpia|antverpy
leuven|louvain
mechelen|malines
kortrijk|courtrai
namur|namen
tournai|doornik
vipiteno|sterzing
gent|ghent|gand|gante|gandawa
liege|luik|luttich|liegi|lieja
den haag|the hague|s gravenhage|la haye|l aia|l aja|la haya|haga
roma|rome|rom|rzym|rim|rooma
milano|milan|mailand|mediolan|milaan
torino|turin|turijn|turyn
venezia|venice|venedig|venise|venetie|wenecja|benatky
firenze|florence|florenz|florencia|florencja|florencie
genova|genoa|genua|genes
napoli|naples|neapel|napels|neapol
padova|padua|padoue|padwa
bolzano|bozen|bolzano bozen
merano|meran|merano meran
bressanone|brixen|bressanone brixen
brunico|bruneck|brunico bruneck
trento|trient|trente|tridente
mantova|mantoue
livorno|leghorn|livourne
siracusa|syrakus
lisboa|lisbon|lissabon|lisbonne|lisbona|lizbona
porto|oporto
sevilla|seville|siviglia|sewilla
zaragoza|saragossa|saragosse|saragozza
marseille|marseilles|marsiglia|marsella|marsylia
lyon|lyons|lione|lijon
strasbourg|strassburg|strasburgo|straatsburg|estrasburgo|strasburg|strasbourg cedex
nice|nizza|niza|nicea
athina|athens|athinai|athen|atene|athenes|ateny|ateena
thessaloniki|saloniki|salonicco|thessalonique|salonica
peiraias|piraeus|pireas
patra|patras|patrasso
irakleio|heraklion|iraklion|iraklio
rodos|rhodes
kerkyra|corfu
moskva|moscow|moskau|moskova|mosca|moscou|moskwa|moskou
sankt peterburg|st petersburg|saint petersburg|pietari|san pietroburgo|saint petersbourg
kyiv|kiev|kiew|київ|kijow|kyjev|kiov
kharkiv|kharkov
odesa|odessa
lviv|lvov|lemberg|leopoli|lwow
bucuresti|bucharest|bukarest|bucarest|bucurest
sofia|sofija|sofiya|sofie
beograd|belgrade|belgrad|belgrado|belehrad
zagreb|agram|zagabria|zahreb
ljubljana|laibach|lubiana|lublana
new york|new york city|nyc|nueva york|nowy jork
washington|washington dc|washington d c
los angeles|l a
philadelphia|phila
quebec|quebec city
mexico city|ciudad de mexico|mexico df|cdmx|citta del messico|mexiko stadt
ho chi minh city|saigon
mumbai|bombay
kolkata|calcutta
bengaluru|bangalore
chennai|madras
beijing|peking|pechino
chongqing|重庆|重慶
graz|gradec
salzburg|salisburgo|salzbourg
klagenfurt|celovec|klagenfurt am worthersee
villach|beljak|villaco
linz|linec
aachen|aquisgrana|aix la chapelle|akwizgran|cachy
berlin|berlino|berlijn|berliini
hamburg|amburgo|hambourg|hamburgo|hampuri|hamburk
bremen|brema|breme
frankfurt oder|frankfurt an der oder|francoforte sull oder
stuttgart|stoccarda
dresden|dresda|dresde|drezno|drazdany
leipzig|lipsia|lipsk
regensburg|ratisbona|ratisbonne|ratyzbona|rezno
mainz|magonza|mayence|moguncja|mohuc
trier|treviri|treves|trewir|trevir
freiburg|friburgo in brisgovia|freiburg im breisgau|fribourg en brisgau|freiburg i br|freiburg breisgau
konstanz|constance
ulm|ulma
wurzburg|wurzbourg
kiel|kilonia
lubeck|lubecca
rostock|roztoka
magdeburg|magdeburgo
koblenz|coblenza|coblence
saarbrucken|sarrebruck
zweibrucken|deux ponts
bautzen|budziszyn
cottbus|chotebuz
ludwigshafen|ludwigshafen am rhein
offenbach|offenbach am main
mulheim|mulheim an der ruhr
halle|halle saale|halle an der saale
lausanne|losanna|lozanna
st gallen|san gallo|saint gall|st gall|sankt gallen
schaffhausen|sciaffusa|schaffhouse
fribourg|freiburg im uchtland|freiburg i u
winterthur|vinterthur
brig|briga|brigue
brugge|bruges|brugia|brujas|brugy
ieper|ypres
ronse|renaix
oostende|ostende|ostend|ostenda
rotterdam|roterdam
s hertogenbosch|den bosch|bois le duc|herzogenbusch
leeuwarden|ljouwert
nijmegen|nimwegen|nimegue
luxembourg|luxemburg|lussemburgo|luksemburg|letzebuerg
paris|parigi|pariz|pariisi|parijs
toulouse|tuluza
mulhouse|mulhausen|milhuza
colmar|kolmar
metz|mets
nancy|nanzig
lille|rijsel|lilla
dunkerque|dunkirk|duinkerke|dunkirchen
calais|kales
reims|rheims
dijon|digione
besancon|besanzone
avignon|avignone|avinon
perpignan|perpinya|perpignano
bologna|bolonia|bolonha
verona|verone
vicenza|vicence
treviso|trevise
trieste|triest
gorizia|gorz
ferrara|ferrare
ravenna|ravenne
parma|parme
modena|modene
pisa|pise
perugia|perouse
siena|sienne
lucca|lucques
bergamo|bergame
aosta|aoste
palermo|palerme
madrid|madryt
barcelona|barcelone
cordoba|cordoue
cadiz|cadice|cadix
cartagena|cartagene
bilbao|bilbo
san sebastian|donostia|donostia san sebastian|saint sebastien
vitoria|gasteiz|vitoria gasteiz
pamplona|iruna|iruna pamplona|pampelune
a coruna|la coruna|la corogne|corunna
lleida|lerida
girona|gerona
palma|palma de mallorca|palma di maiorca
alicante|alacant
castellon de la plana|castello de la plana|castellon
london|londres|londra|londyn|londen|lontoo
edinburgh|edimburgo|edimbourg|edynburg
cardiff|caerdydd
swansea|abertawe
newport|casnewydd
dublin|dublino|baile atha cliath
cork|corcaigh
galway|gaillimh
newcastle|newcastle upon tyne|newcastle on tyne
kingston upon hull|hull
stoke on trent|stoke
southend on sea|southend
aarhus|arhus
aalborg|alborg
gdynia|gdingen
sopot|zoppot
szczecin|stettin|stettino|stetin
bydgoszcz|bromberg
katowice|kattowitz|katovice
gliwice|gleiwitz
opole|oppeln
olsztyn|allenstein
elblag|elbing
lublin|lublino
bielsko biala|bielitz
czestochowa|tschenstochau
ostrava|ostrau|ostrawa
olomouc|olmutz|olomuniec
liberec|reichenberg
usti nad labem|aussig
ceske budejovice|budweis
hradec kralove|koniggratz
pardubice|pardubitz
jihlava|iglau
zlin|gottwaldov
bratislava|pressburg|presburgo|pozsony|bratyslawa
kosice|kaschau|kassa|koszyce
zilina|sillein
nitra|neutra
trnava|tyrnau
banska bystrica|neusohl
budapest|budapeszt|budimpesta
pecs|funfkirchen
szeged|szegedin
debrecen|debreczin
sopron|odenburg
maribor|marburg an der drau
koper|capodistria
rijeka|fiume
split|spalato
cluj napoca|klausenburg|kolozsvar|cluj
timisoara|temeswar|temesvar
brasov|brasso
sibiu|hermannstadt
oradea|grosswardein|nagyvarad
plovdiv|philippopel|filibe
istanbul|estambul|istambul|stambul|konstantinopel
izmir|smirne
klaipeda|memel
shanghai|szanghaj
hong kong|hongkong
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

# Other towns have these for their own names, and are not far smaller or where the name abroad is at home: Vienne on the
# Rhône, Carlsbad in California, Karlsbad in Baden, Pilzno near Tarnów, Videm near Ptuj. A card without a country means
# those as likely. Names of great cities stay above, since few mean Rome in Georgia by them and say no more; and Dutch
# "Aken" is nowhere, as Aachen and Aken on the Elbe are in one country.
ONLY_IN = """
AT|wien|vienne
CZ|karlovy vary|karlsbad|carlsbad
CZ|plzen|pilzno
IT|siracusa|syracuse
IT|mantova|mantua
IT|udine|videm
IT|gorizia|gorica
DE|braunschweig|brunswick
DE|koln|colonia
NL|vlissingen|flushing
ES|cordoba|cordova
ES|barcelona|barcellona
HR|pula|pola
HR|zadar|zara
CH|neuchatel|neuenburg
CN|guangzhou|canton
CN|beijing|pekin
RU|sankt peterburg|petersburg
"""
"""Towns with names that are theirs only on cards that name their country, for ``towns.in_its_country``."""

NAMES = _NAMES + _IN_OTHER_LETTERS
"""One town a line, its names with ``|`` between them; the first stands for all."""
