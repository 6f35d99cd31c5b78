"""Given names that one person goes by: "Bob" is how many a Robert signs. Pure; names are folded."""

from __future__ import annotations

from functools import cache

# One given name a line, with what its bearers are called for short or at home. A short name may stand in several lines:
# Sasha is Alexander and Alexandra. What a name is in another language is another name: Johann and Giovanni are two.
_NAMES = """
aleksandra ola sasha
aleksi ale
alessandro ale sandro
alexander alex alec lex sasha sascha xander sandro
alexandra alex alexa sandra sasha
alfred alf alfie fred freddy
andreas andi
andrew andy drew
anna annie ania anya
anthony tony
antonio toni tonino nino
barbara barb barbie babs
beatrice bea trixie
benjamin ben benny
bernard bernie
bernhard bernd
carolyn carol carrie
catherine cathy kate katie kitty
charles charlie chuck chas
christian chris
christina chris tina
christine chris tina
christopher chris kit topher
clifford cliff
daniel dan danny
david dave davy
deborah deb debbie debra
dmitri dima mitya
domenico mimmo
donald don donny
dorothy dot dottie dolly
douglas doug
edward ed eddie ned ted teddy
ekaterina katya
eleanor ellie nell nora
elisabeth elli lisbeth sisi
elizabeth liz lizzie beth betty betsy libby eliza
enrique quique
ernest ernie
eugene gene
evgeny zhenya
felicity fliss
fernando nando
florence flo florrie
frances fran fanny frankie
francesco franco checco
francis frank frankie
francisco paco pancho curro
franklin frank
frederick fred freddie freddy rick
friedrich fritz
gabriel gabe
gabriele gabi gaby
gabriella gaby
geoffrey geoff
gerald gerry jerry
gerard gerry
gerhard gerd
gertrud trudi gerda
gilbert gil bert
giovanni gianni vanni nanni
giuseppe beppe peppe pino
gregory greg
grigory grisha
harold harry hal
heinrich heinz heiner
helmut helle
henry harry hank
herbert herb bert
hermann manni
ignacio nacho
isabella bella izzy
isidore izzy
ivan vanya
jacqueline jackie
jacob jake
jakob jaska
james jim jimmy jamie
jeffrey jeff
jennifer jen jenny
jessica jess jessie
johann hans hannes
johanna hanna hanne
johannes hannes hans jannes
johan janne
john johnny jack
jonathan jon jonny
jose pepe
josef sepp jupp beppo
joseph joe joey
joshua josh
judith judy
katharina kathi kati katja
katherine kathy kate katie kitty
kathryn kathy kate katie
kenneth ken kenny
konstantin kostya
lawrence larry laurie
leonard leo len lenny
leonardo leo
lewis lew
louis lou louie
luigi gigi gino
ludwig lutz wiggerl
manfred manni fredi
manuel manolo manu
margaret marge margie maggie meg peg peggy madge
margarete grete gretel greta
maria mimmi masha
martin marty
mary molly polly
matthew matt
matthias matze hias
maximilian max maxi
michael mike mick mickey mikey michi
mikhail misha
nadezhda nadia nadya
natalia natasha
nicholas nick nicky
nikolai kolya
nikolaus klaus niki
olga olya
oliver ollie
pamela pam
patricia pat patty trish tricia
patrick pat paddy
peter pete
philip phil pip
pilar pili
raymond ray
rebecca becky becca
reginald reg reggie
richard rick ricky rich dick richie
robert bob bobby rob robbie bert
roberto beto
ronald ron ronnie
rosario charo
rudolf rudi
salvatore toto turi
samantha sam
samuel sam sammy
sebastian basti seb
sergey seryozha
sofia sonja
stanislav stan stas
stanley stan
stefan steffen
stephen steve stevie
steven steve stevie
stephanie steph
stefanie steffi
susan sue susie suzie suzy
susanna sanna
susanne susi
svetlana sveta
tatiana tanya
terence terry
theodore ted teddy theo
theresa terry tess terri
thomas tom tommy
tiberio tito
timothy tim timmy
tuomas tuomo
ulrich uli ulli
ursula uschi ulla
victor vic
victoria vicky vicki tori
vincent vince vinnie
vincenzo enzo
virginia ginny
vladimir vova volodya
walter walt wally
wilhelm willi willy
william bill billy will willy willie liam
winfried winni
wolfgang wolf wolfi
yulia julia yuliya julija
zachary zach zack
"""


@cache
def _called() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _NAMES.strip().splitlines():
        root, *others = line.split()
        for name in (root, *others):
            found.setdefault(name, set()).add(root)
    return {name: frozenset(roots) for name, roots in found.items()}


def roots(given: str) -> frozenset[str]:
    """The given names for which a name may stand, itself if it is one; empty for a name that is not known."""
    return _called().get(given, frozenset())


def known_as(one: str, two: str) -> bool:
    """Whether two different given names may be one person's."""
    return not roots(one).isdisjoint(roots(two))
