"""Given names that one person goes by: "Bob" is how many a Robert signs. Pure; names are folded."""

from __future__ import annotations

from functools import cache

# Given names, each with what its bearers are called for short or at home. A short name may stand in several places:
# Sasha is Alexander and Alexandra. What a name is in another language is another name: Johann and Giovanni are two. But
# whose name is written in other letters often goes by the English or Russian one as well: Georgios is George.
_NAMES = """
adam adas; agata agatka; agnes agi; agnieszka aga agusia; aikaterini katerina kaiti; alejandro alex jandro; aleksander
alek olek; aleksandr alexandr alexander oleksandr sasha sanya shura; aleksandra ola sasha; aleksey aleksei alexey
alexei oleksiy lyosha alyosha; aleksi ale; alessandro ale sandro; alexander alex alec lex sasha sascha xander sandro;
alexandra alex alexa sandra sasha; alexandros alekos alexander alex; alexandru alex alecu; alfred alf alfie fred
freddy; anastasia natasa tasia nastya; anastasios tasos; anatoliy anatoly tolya; andras bandi; andreas andi; andrew
andy drew; andrey andrei andriy andrew; andrzej jedrek; anna annie ania anya; anthony tony; antonin tonda; antonio
toni tonino nino; antonius toon ton antoon anton; apostolos tolis; athanasios thanasis thanos sakis; avraham avi;
barbara barb barbie babs basia; bartlomiej bartek; bartosz bartek; beatrice bea trixie; beatriz bia; benjamin ben
benny; bernard bernie; bernhard bernd; birgitta gitta; bo bosse; boleslaw bolek; boris borya; carl kalle calle;
carolyn carol carrie; catherine cathy kate katie kitty; charles charlie chuck chas; christian chris; christina chris
tina; christine chris tina; christopher chris kit topher; clifford cliff; concepcion concha conchi; constantin costel
costi; cornelia corrie; cornelis kees cor; czeslaw czesiek; daniel dan danny; david dave davy dudi; deborah deb debbie
debra; dimitrios dimitris mimis dimos; dmitri dima mitya; dmitriy dmitri dmitry dmitrii dmytro dima mitya dmitro;
dolores lola; domenico mimmo; donald don donny; dorothy dot dottie dolly; douglas doug; eduard edek; eduarda duda;
eduardo edu lalo; edward ed eddie ned ted teddy; efthymios thymios; ekaterina katya yekaterina kateryna catherine;
eleanor ellie nell nora; elena yelena olena lena helen; eleni lena helen; elisabeth elli lisbeth sisi lisa; eliyahu
eli; elizabeth liz lizzie beth betty betsy libby eliza; elzbieta ela; emmanouil manolis manos; enrique kike quique;
ernest ernie; erzsebet erzsi zsoka bozsi; eszter eszti; eugene gene; evangelos vangelis vagelis evaggelos; evgeniy
evgeny yevgeniy yevgeny yevhen eugene zhenya ievgen; evgeny zhenya; felicity fliss; ferenc feri; fernanda nanda;
fernando nando; florence flo florrie; frances fran fanny frankie; francesco franco checco; francis frank frankie;
francisca paca paqui paquita; francisco chico kiko quico paco pancho curro fco; franciszek franek; franklin frank;
frantisek franta; frederick fred freddie freddy rick; fredrik fredde; friedrich fritz; gabor gabi; gabriel gabe;
gabriele gabi gaby; gabriella gaby; geoffrey geoff; georgios giorgos yiorgos yorgos george; georgiy georgy george
gosha; gerald gerry jerry; gerard gerry; gerhard gerd; gerrit ger gert; gertrud trudi gerda; gheorghe gigi gicu;
gilbert gil bert; giovanni gianni vanni nanni; giuseppe beppe peppe pino; giuseppina pina giusy; gregory greg;
grigorios grigoris; grigory grisha; grzegorz grzesiek grzes; guadalupe lupe; guilherme gui; gustavo guga gus; gyorgy
gyuri; hana hanka; hans hasse; harold harry hal; heinrich heinz heiner; helmut helle; hendrik henk rik; henry harry
hank; henryk heniek; herbert herb bert; hermann manni; hubertus huub; ignacio nacho; imre imi; inmaculada inma;
ioannis giannis yiannis yannis john; ion nelu ionel; isabel isa; isabella bella izzy; isidore izzy; istvan pista
pisti; ivan vanya; jacob jake; jacobus koos jaap sjaak; jacqueline jackie; jadwiga jadzia; jakob jaska; jakub kuba;
james jim jimmy jamie; jan honza jenda janek janne jasiek; janos jancsi jani; janusz janek; jaroslav jarda; jeffrey
jeff; jennifer jen jenny; jerzy jurek; jessica jess jessie; jesus chus; jiri jirka; joanna asia joasia; joao joca;
joaquim quim; joaquin quino; johan janne; johann hans hannes; johanna hanna hanne; johannes hannes hans jannes; john
johnny jack; jolanta jola; jonathan jon jonny; jose chema ze pepe; josef pepa pepik sepp jupp beppo; josefa pepa pepi;
joseph joe joey; joshua josh; jozef jozek jozko; jozsef joska jozsi; judit jutka; judith judy; karel kaja; karl kalle
charlie; katalin kati kata; katarina katka; katarzyna kasia kaska; katerina katka kacka; katharina kathi kati katja;
katherine kathy kate katie kitty; kathryn kathy kate katie; kazimierz kazik; kenneth ken kenny; konstantin kostya;
konstantinos kostas costas kostis dinos; kristina stina; krystyna krysia; krzysztof krzysiek krzys; ladislav laco;
lars lasse; laszlo laci; lawrence larry laurie; leendert leen; leonard leo len lenny; leonardo leo; leopold poldi;
lewis lew; lorenzo renzo; louis lou louie; ludwig lutz wiggerl; luigi gigi gino; luis lucho; magdalena magda lena;
magdolna magdi; malgorzata gosia malgosia; manfred manni fredi; manuel lolo manolo manu; margaret marge margie maggie
meg peg peggy madge; margareta greta; margarete grete gretel greta; maria marysia mimmi masha; martin marty; mary
molly polly; matthew matt; matthias matze hias; maximilian max maxi; mercedes merche; michael mike mick mickey mikey
michi; mieczyslaw mietek; mihai misu; mihaly misi; mikael micke; mikhail misha mikhaylo mykhailo michael; miklos miki;
mikolaj mikus; miroslav mirek; mohamed mohammed muhammad mohammad mohamad muhammed; montserrat montse; moshe moishe;
nadezhda nadia nadya; natalia natasha; nicholas nick nicky; nikolai kolya; nikolaos nikos nick; nikolaus klaus niki;
nikolay nikolai mykola nicholas nick kolya mikola; nils nisse; olga olya; oliver ollie; olof olle; orsolya orsi;
pamela pam; panagiotis panos takis panayiotis; paraskevi vivi voula evi; patricia pat patty trish tricia; patrick pat
paddy; pavel pavlo paul pasha; per pelle; peter pete piet peet; petrus piet; philip phil pip; pieter piet; pilar pili;
rafael rafi rafa; raffaele lello; raymond ray; rebecca becky becca; reginald reg reggie; richard rick ricky rich dick
richie; robert bob bobby rob robbie bert; roberto beto; roman romek; ronald ron ronnie; rosalind ros roz; rosario
charo; rudolf rudi; ryszard rysiek; salvatore toto turi; samantha sam; samuel sam sammy; sandor sanyi; sebastian basti
seb; sergey sergei serhiy serhii seryozha sergiy; slawomir slawek; sofia sonja; soledad sole; sotirios sotiris;
spyridon spyros; stanislav stan stas; stanislaw staszek stas; stanley stan; stefan steffen; stefanie steffi; stephanie
steph; stephen steve stevie; steven steve stevie; styliani stella; stylianos stelios; susan sue susie suzie suzy;
susanna sanna; susanne susi; sven svenne; svetlana sveta; tadeusz tadek; tamas tomi; tatiana tanya tetyana tetiana;
terence terry; terezia terka; theodore ted teddy theo; theodoros thodoris; theodorus theo dorus; theresa terry tess
terri; thomas tom tommy; tiberio tito; timothy tim timmy; tomas tomek; tomasz tomek; tuomas tuomo; ulf uffe; ulrich
uli ulli; ulrike uli ulli rike; ursula uschi ulla; urszula ula; vaclav vasek; vasileios vasilis vassilis; vasiliy
vasily vasyl vasya vasil; victor vic; victoria vicky vicki tori; viliam vilo; vincent vince vinnie; vincenzo enzo;
virginia ginny; vladimir volodymyr vova volodimir volodya; vojtech vojta; waclaw wacek; waldemar waldek; walter walt
wally; wieslaw wiesiek; wilhelm willi willy; wilhelmus wim willem; willem wim pim; william bill billy will willy
willie liam; winfried winni; wladyslaw wladek; wlodzimierz wlodek; wojciech wojtek; wolfgang wolf wolfi; yaakov koby
kobi; yakov yasha; yitzhak itzik; yosef yossi; yulia julia yuliya julija; yuriy yury yuri iurii jura; zachary zach
zack; zbigniew zbyszek; zdzislaw zdzisiek; zofia zosia; zoltan zoli; zsuzsanna zsuzsa zsuzsi
"""


@cache
def _called() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _NAMES.split(";"):
        root, *others = line.split()
        for name in (root, *others):
            found.setdefault(name, set()).add(root)
    return {name: frozenset(roots) for name, roots in found.items()}


def roots(given: str) -> frozenset[str]:
    """The given names for which a name may stand, itself if it is one; empty for a name that is not known."""
    return _called().get(given, frozenset())


def is_given_name(folded: str) -> bool:
    """Whether a folded name is known to be a given name; most are not known."""
    return folded in _called()


def known_as(one: str, two: str) -> bool:
    """Whether two different given names may be one person's."""
    return not roots(one).isdisjoint(roots(two))
