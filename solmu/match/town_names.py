"""Names that a town goes by, for ``towns``: the facts, and no code."""

from __future__ import annotations

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

# Names that neighbours use, in German, Italian, French, Spanish, Dutch, Swedish, Finnish, Polish or English letters and
# on their invoices: a partner abroad writes a customer's town as he calls it.
_ABROAD = """
wien|viena|vienne|wenen|wieden|viden|becs
graz|gradec
salzburg|salisburgo|salzbourg
klagenfurt|celovec|klagenfurt am worthersee
villach|beljak|villaco
linz|linec
munchen|monaco di baviera|monachium|mnichov|munich
koln|keulen|kolonia|kolin nad rynem|keln
aachen|aquisgrana|aix la chapelle|aken|akwizgran|cachy
berlin|berlino|berlijn|berliini
hamburg|amburgo|hambourg|hamburgo|hampuri|hamburk
bremen|brema|breme
frankfurt am main|francoforte|francoforte sul meno|francfort|francfort sur le main|frankfurt nad menem|frankfurt n m
frankfurt oder|frankfurt an der oder|francoforte sull oder
stuttgart|stoccarda
dresden|dresda|dresde|drezno|drazdany
leipzig|lipsia|lipsk
nurnberg|norimberga|norymberga|norimberk
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
basel|basilea|bazel|bazylea
zurich|zurych|curych
geneve|genf|genewa|zeneva|ginebra
lausanne|losanna|lozanna
luzern|lucerna
st gallen|san gallo|saint gall|st gall|sankt gallen
schaffhausen|sciaffusa|schaffhouse
fribourg|freiburg im uchtland|freiburg i u
winterthur|vinterthur
brig|briga|brigue
bruxelles|bruxelas|bruselas|bruselj|bruksela|brusel|bryssel
antwerpen|anversa|amberes|antwerpia|antverpy
gent|gand|gante|gandawa
brugge|bruges|brugia|brujas|brugy
liege|luttich|liegi|lieja
ieper|ypres
ronse|renaix
oostende|ostende|ostend|ostenda
den haag|l aia|l aja|la haya|haga
rotterdam|roterdam
s hertogenbosch|den bosch|bois le duc|herzogenbusch
leeuwarden|ljouwert
nijmegen|nimwegen|nimegue
vlissingen|flushing
luxembourg|luxemburg|lussemburgo|luksemburg|letzebuerg
paris|parigi|pariz|pariisi|parijs
lyon|lione|lyons|lijon
marseille|marsiglia|marsella|marsylia
nice|nizza|niza|nicea
toulouse|tuluza
strasbourg|strasburgo|strassburg|straatsburg|estrasburgo|strasburg|strasbourg cedex
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
milano|mediolan|milan|milaan
torino|turin|turijn|turyn
genova|genes|genua
venezia|venise|venetie|wenecja|benatky|venedig
firenze|florencia|florencja|florencie
roma|rzym|rim|rooma
napoli|napels|neapol
bologna|bolonia|bolonha
padova|padoue|padwa
verona|verone
vicenza|vicence
treviso|trevise
trieste|triest
udine|videm
gorizia|gorz|gorica
mantova|mantoue|mantua
ferrara|ferrare
ravenna|ravenne
parma|parme
modena|modene
pisa|pise
livorno|livourne|leghorn
perugia|perouse
siena|sienne
lucca|lucques
bergamo|bergame
trento|trente|trient|tridente
bolzano|bozen|bolzano bozen
merano|meran|merano meran
bressanone|brixen|bressanone brixen
brunico|bruneck|brunico bruneck
aosta|aoste
palermo|palerme
siracusa|syrakus
madrid|madryt
barcelona|barcelone|barcellona
sevilla|siviglia|seville|sewilla
zaragoza|saragosse|saragozza|saragossa
cordoba|cordoue|cordova
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
lisboa|lisbonne|lisbona|lizbona|lissabon
porto|oporto
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
kobenhavn|copenaghen|copenhague|kopenhaga|kodan|kopenhagen
aarhus|arhus
aalborg|alborg
goteborg|gotemburgo|gotenburg|geteborg
malmo|malmoe
oslo|christiania
stockholm|stoccolma|estocolmo|sztokholm|stokholm
tampere|tammerfors
turku|abo turku
warszawa|varsavia|varsovie|varsovia|warschau|warschaw|varsava
krakow|cracovia|cracovie|krakau|krakov
gdansk|danzica|dantzig
gdynia|gdingen
sopot|zoppot
wroclaw|breslavia|vratislav|breslau
poznan|posnania|posen
szczecin|stettin|stettino|stetin
bydgoszcz|bromberg
katowice|kattowitz|katovice
gliwice|gleiwitz
opole|oppeln
olsztyn|allenstein
elblag|elbing
lublin|lublino
lodz|litzmannstadt
bielsko biala|bielitz
czestochowa|tschenstochau
praha|praga|prague|prag|praag
brno|brunn
plzen|pilsen|pilzno
ostrava|ostrau|ostrawa
olomouc|olmutz|olomuniec
liberec|reichenberg
usti nad labem|aussig
ceske budejovice|budweis
karlovy vary|karlsbad|carlsbad
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
ljubljana|lubiana|lublana|laibach
maribor|marburg an der drau
koper|capodistria
rijeka|fiume
split|spalato
zadar|zara
pula|pola
zagreb|zagabria|zahreb
beograd|belgrado|belgrad|belehrad
bucuresti|bucarest|bucurest
cluj napoca|klausenburg|kolozsvar|cluj
timisoara|temeswar|temesvar
brasov|brasso
sibiu|hermannstadt
oradea|grosswardein|nagyvarad
sofia|sofie
plovdiv|philippopel|filibe
athina|athen|atene|athenes|ateny|ateena
thessaloniki|salonicco|thessalonique|saloniki|salonica
patra|patrasso|patras
istanbul|estambul|istambul|stambul|konstantinopel
izmir|smirne
moskva|mosca|moscou|moskwa|moskou|moskau
sankt peterburg|san pietroburgo|saint petersbourg|petersburg
kyiv|kijow|kyjev|kiov
lviv|leopoli|lwow|lemberg
riga|ryga
vilnius|wilno|vilna
kaunas|kowno
tallinn|tallin|talin
klaipeda|memel
beijing|pekin|pechino|peking
shanghai|szanghaj
hong kong|hongkong
new york|nueva york|nowy jork
mexico city|citta del messico|mexiko stadt
"""

NAMES = _NAMES + _ABROAD + _IN_OTHER_LETTERS
"""One town a line, its names with ``|`` between them; the first stands for all."""
