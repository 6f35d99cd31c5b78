"""Synthetic mentions of organisations and people, on which the shipped matching models are trained and measured.

Everything is invented: names are built from syllables or drawn from lists of common words, and whoever carries such a
name in real life is not meant. Its lists, countries and dirt are its own; it knows nothing of the demo's data.

The world has what makes matching hard: subsidiaries under their parent's domain and roof, sister companies abroad with
the same name, sites of a chain with one switchboard, strangers at one address, namesakes in other towns, renamed
companies, family members in one firm, two people of one name with one employer, people who change employer.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from solmu.normalise.text import fold

Values = dict[str, Any]


@dataclass(frozen=True)
class Land:
    """Words from which one country's companies and people are combined."""

    code: str
    dial: str
    forms: tuple[str, ...]
    spellings: dict[str, tuple[str, ...]]
    trades: tuple[str, ...]
    branches: tuple[str, ...]
    towns: tuple[str, ...]
    streets: tuple[str, ...]
    given: tuple[str, ...]
    family: tuple[str, ...]
    former: str
    syllables: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


LANDS = (
    Land(
        code="NL",
        dial="31",
        forms=_words("BV BV BV NV VOF"),
        spellings={
            "BV": ("B.V.", "bv", "Ltd"),
            "NV": ("N.V.", "nv"),
            "VOF": ("V.O.F.", "vof"),
        },
        trades=_words("""
            Metaalbewerking Machinebouw Houthandel Verpakkingen Installatietechniek Scheepsbouw
            Kassenbouw Zuivel Drukkerij
        """),
        branches=_words("Vastgoed Holding Service Verhuur Export"),
        towns=_words("Rotterdam Eindhoven Tilburg Groningen Breda Apeldoorn Zwolle Amersfoort Venlo Dordrecht"),
        streets=_words("Stationsweg Kerkstraat Industrieweg Molenstraat Havenkade Nijverheidslaan Dorpsstraat"),
        given=_words("""
            Pieter Marieke Joost Sanne Bram Femke Ruben Anouk Thijs Lotte Wouter Ilse Gerrit Maaike Daan
            Roos Sander Eva
        """),
        family=_words("""
            Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer Dijkstra Koster
            Prins Blom Huisman Kuipers
        """),
        former="voorheen",
        syllables=_words("ver hoo zand broek loo dam wijk meer oos waal bru gen tel rijn bosch"),
    ),
    Land(
        code="DK",
        dial="45",
        forms=_words("ApS A/S A/S ApS I/S"),
        spellings={
            "ApS": ("aps", "APS", "Ltd"),
            "A/S": ("AS", "a/s", "Ltd"),
            "I/S": ("i/s",),
        },
        trades=_words("Maskinfabrik Tømrer Elteknik Emballage Møbler Smedeforretning VVS Automation Værktøj Fiskeri"),
        branches=_words("Ejendomme Holding Service Udlejning Norge"),
        towns=_words("Aarhus Odense Aalborg Esbjerg Randers Kolding Horsens Vejle Silkeborg Herning"),
        streets=_words("Søndergade Vestergade Industrivej Havnegade Nørrebrogade Fabriksvej Bredgade"),
        given=_words("""
            Lars Mette Søren Hanne Jens Kirsten Rasmus Camilla Mikkel Ida Frederik Louise Henrik Pia
            Anders Trine Bo Signe
        """),
        family=_words("""
            Jensen Nielsen Hansen Pedersen Andersen Christensen Larsen Rasmussen Møller Madsen Kjær Lund
            Holm Dahl Bach Winther
        """),
        former="tidligere",
        syllables=_words("sø nør hvid lund gaard bak kjær strøm skov vest ty raun bjer ris tof"),
    ),
    Land(
        code="PL",
        dial="48",
        forms=_words("Sp._z_o.o. Sp._z_o.o. S.A. Sp._k. Sp._j."),
        spellings={
            "Sp. z o.o.": ("sp z oo", "Sp. z o. o.", "Ltd"),
            "S.A.": ("SA",),
            "Sp. k.": ("Sp.k.",),
            "Sp. j.": ("sp. j.",),
        },
        trades=_words("""
            Maszyny Stolarnia Opakowania Hurtownia Odlewnia Meble Tworzywa Instalacje Spawalnictwo
            Elektronika
        """),
        branches=_words("Nieruchomości Holding Serwis Wynajem Export"),
        towns=_words("Bydgoszcz Lublin Szczecin Katowice Rzeszów Toruń Kielce Gliwice Olsztyn Radom"),
        streets=_words("Przemysłowa Kwiatowa Fabryczna Słoneczna Leśna Warszawska Polna"),
        given=_words("""
            Piotr Agnieszka Krzysztof Magda Tomasz Katarzyna Paweł Joanna Marcin Ewa Jakub Zofia
            Wojciech Beata Adam Dorota
        """),
        family=_words("""
            Nowak Kowalski Wójcik Kamiński Lewandowski Zieliński Szymański Dąbrowski Kozłowski Mazur
            Krawczyk Grabowski Pawlak
        """),
        former="dawniej",
        syllables=_words("ka zor mir wol ster bog dan lew pol tar now gra brze szy mo"),
    ),
    Land(
        code="FR",
        dial="33",
        forms=_words("SARL SARL SAS SA SNC"),
        spellings={
            "SARL": ("S.A.R.L.", "sarl"),
            "SAS": ("S.A.S.", "sas"),
            "SA": ("S.A.",),
            "SNC": ("snc",),
        },
        trades=_words("""
            Mécanique Menuiserie Emballages Chaudronnerie Plasturgie Électricité Charpentes Imprimerie
            Textiles Agro
        """),
        branches=_words("Immobilier Holding Services Location International"),
        towns=_words("Lille Nantes Rennes Grenoble Dijon Angers Brest Tours Limoges Clermont"),
        streets=_words("rue_de_la_Gare avenue_Victor_Hugo rue_des_Lilas rue_Pasteur boulevard_Carnot rue_du_Moulin"),
        given=_words("""
            Luc Camille Julien Élodie Antoine Manon Thierry Sylvie Olivier Nathalie Gilles Aurélie Yves
            Chloé Rémi Inès
        """),
        family=_words("""
            Martin Bernard Dubois Moreau Lefebvre Girard Fournier Mercier Lambert Bonnet Chevalier
            Perrin Renard Barbier
        """),
        former="anciennement",
        syllables=_words("beau mont val cour ron tel mar lan ville sau vi bel cha dor pre"),
    ),
    Land(
        code="GB",
        dial="44",
        forms=_words("Ltd Ltd Limited PLC LLP"),
        spellings={
            "Ltd": ("Limited", "ltd.", "LTD"),
            "Limited": ("Ltd", "Ltd."),
            "PLC": ("plc",),
            "LLP": ("llp",),
        },
        trades=_words("""
            Engineering Fabrications Joinery Packaging Castings Electrical Mouldings Printers Tooling
            Foods
        """),
        branches=_words("Properties Holdings Services Hire Europe"),
        towns=_words("Leeds Coventry Sheffield Derby Norwich Swansea Preston Ipswich Reading Dundee"),
        streets=_words("Mill_Lane Station_Road High_Street Church_Road Park_Avenue Bridge_Street Canal_Road"),
        given=_words("""
            Oliver Sophie George Emily Harry Grace Callum Megan Duncan Fiona Stuart Hazel Trevor Gemma
            Nigel Tessa
        """),
        family=_words("""
            Smith Taylor Brown Wilson Evans Walker Wright Hughes Edwards Turner Parker Cooper Bennett
            Foster Barnes Fletcher
        """),
        former="formerly",
        syllables=_words("ash ford well ton bram cas wick har dale stow brook nor thorn kil mer"),
    ),
    Land(
        code="AT",
        dial="43",
        forms=_words("GmbH GmbH GmbH AG KG"),
        spellings={
            "GmbH": ("G.m.b.H.", "gmbh", "GesmbH", "Ltd"),
            "AG": ("ag", "A.G."),
            "KG": ("kg",),
        },
        trades=_words("""
            Maschinenbau Tischlerei Verpackung Schlosserei Kunststoff Elektrotechnik Holzbau Druckerei
            Werkzeugbau Brauerei
        """),
        branches=_words("Immobilien Holding Service Vertriebs Deutschland"),
        towns=_words("Graz Linz Salzburg Innsbruck Klagenfurt Villach Wels Dornbirn Steyr Feldkirch"),
        streets=_words("Bahnhofstraße Hauptplatz Industriestraße Lindengasse Mühlweg Schulstraße Ringstraße"),
        given=_words("""
            Lukas Anna Stefan Julia Markus Sabine Florian Katharina Gernot Elfriede Harald Birgit Jakob
            Verena Konrad Petra
        """),
        family=_words("""
            Gruber Huber Bauer Wagner Steiner Moser Mayer Hofer Leitner Berger Fuchs Eder Fischer Schmid
            Winkler Weber Pichler
        """),
        former="vormals",
        syllables=_words("stein berg ach hof tal wald gra mon ried au hal ober kir wies egg"),
    ),
)

_FREE = ("gmail.com", "hotmail.com", "gmx.at", "orange.fr", "wp.pl")
_ROLES = ("info", "sales", "office", "contact", "post")
_SOURCES = ("erp", "crm", "sheet-a", "sheet-b", "form", "list")


@dataclass
class Organisation:
    """One organisation as it is. Fields that a relative shares are the same objects' values."""

    truth: int
    land: Land
    stem: str
    trade: str
    form: str
    town: str
    postcode: str
    street: str
    phone: str
    mobile: str
    domain: str
    business_id: str
    former: str | None = None

    def named(self, stem: str) -> str:
        """The name with that stem: in some languages the trade stands first."""
        words = (self.trade, stem) if self.land.code == "FR" else (stem, self.trade)
        return " ".join(word for word in words if word)


@dataclass
class Person:
    """One person as they are."""

    truth: int
    given: str
    family: str
    employer: Organisation
    email: str
    mobile: str
    private: str | None = None
    home: tuple[str, str, str] = ("", "", "")  # street, postcode, town


@dataclass
class Mention:
    """What one row of one source says of one of them; ``employer`` is the position of the organisation's mention."""

    truth: int
    system: str
    record: int
    values: Values
    employer: int | None = None
    people: list[Values] = field(default_factory=list)


@dataclass
class World:
    """All mentions; the organisations' ``people`` are the values of the people on the same row."""

    organisations: list[Mention]
    people: list[Mention]


def make(seed: int, size: int) -> World:
    """A world of about ``size`` organisations and twice as many people, and three to four mentions of each."""
    return _Maker(Random(seed)).make(size)


class _Maker:
    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.organisations: list[Organisation] = []
        self.people: list[Person] = []
        self.staff: dict[int, list[Person]] = {}
        self.world = World([], [])
        self.records = 0
        self.serial = 1_000_000
        self.domains: set[str] = set()
        self.mailboxes: set[str] = set()

    def make(self, size: int) -> World:
        while len(self.organisations) < size:
            first = self._organisation(self.rng.choice(LANDS))
            dice = self.rng.random()
            if dice < 0.05:
                self._branch(first)
            elif dice < 0.08:
                self._sister_abroad(first)
            elif dice < 0.09:
                for _ in range(self.rng.randint(1, 3)):
                    self._site(first)
            elif dice < 0.13:
                self._neighbour(first)
            elif dice < 0.15:
                self._namesake(first)
        for one in self.organisations:
            self._staff(one)
        for one in self.organisations:
            self._mentions(one)
        return self.world

    # --- the truth ------------------------------------------------------------------------------------------------

    def _organisation(self, land: Land, **given: Any) -> Organisation:
        rng = self.rng
        stem = given.pop("stem", None) or self._stem(land)
        town = self._town(land)
        trade = rng.choice((*land.trades, *land.trades, "", "")) if "trade" not in given else given.pop("trade")
        one = Organisation(
            truth=len(self.organisations),
            land=land,
            stem=stem,
            trade=trade,
            form=rng.choice(land.forms),
            town=town,
            postcode=self._postcode(town),
            street=f"{rng.choice(land.streets)} {rng.randint(1, 150)}",
            phone=self._phone(land),
            mobile=self._phone(land),
            domain=given.pop("domain", None) or self._domain(land, stem, trade),
            business_id=self._number(land),
            former=self._stem(land) if rng.random() < 0.05 else None,
        )
        for name, value in given.items():
            setattr(one, name, value)
        self.organisations.append(one)
        return one

    def _branch(self, parent: Organisation) -> None:
        word = self.rng.choice(parent.land.branches)
        keeps_roof = self.rng.random() < 0.6
        shared: Values = {"domain": parent.domain} if self.rng.random() < 0.8 else {}
        if keeps_roof:
            shared |= {"town": parent.town, "postcode": parent.postcode, "street": parent.street}
        if self.rng.random() < 0.4:
            shared["phone"] = parent.phone
        trade = word if self.rng.random() < 0.5 else f"{parent.trade} {word}".strip()
        self._organisation(parent.land, stem=parent.stem, trade=trade, former=None, **shared)

    def _sister_abroad(self, one: Organisation) -> None:
        land = self.rng.choice([other for other in LANDS if other is not one.land])
        self._organisation(land, stem=one.stem, trade=one.trade, domain=one.domain, former=None)

    def _site(self, one: Organisation) -> None:
        shared: Values = {"domain": one.domain, "form": one.form}
        if self.rng.random() < 0.7:
            shared["phone"] = one.phone
        self._organisation(one.land, stem=one.stem, trade=one.trade, former=None, **shared)

    def _neighbour(self, one: Organisation) -> None:
        shared: Values = {"town": one.town, "postcode": one.postcode, "street": one.street}
        if self.rng.random() < 0.3:  # one person who runs two firms
            shared["phone"] = one.phone
        self._organisation(one.land, **shared)

    def _namesake(self, one: Organisation) -> None:
        self._organisation(one.land, stem=one.stem, trade=one.trade)

    def _staff(self, one: Organisation) -> None:
        rng = self.rng
        style = rng.choice(("first.last", "first.last", "f.last", "first"))
        last: Person | None = None
        for _ in range(rng.choice((1, 1, 2, 2, 3, 5))):
            taken = {(person.given, person.family) for person in self.staff.get(one.truth, ())}
            names = ((rng.choice(one.land.given), rng.choice(one.land.family)) for _ in range(100))
            given, family = next(name for name in names if name not in taken)
            if last is not None and rng.random() < 0.08:
                family = last.family  # a family firm
            if last is not None and rng.random() < 0.004:
                given, family = last.given, last.family  # two of one name
            local = {"first.last": f"{fold(given)}.{fold(family)}", "f.last": f"{fold(given)[0]}.{fold(family)}",
                     "first": fold(given)}[style]  # fmt: skip
            email = f"{local}@{one.domain}"
            if email in self.mailboxes:  # a branch has its parent's domain
                email = f"{local}2@{one.domain}"
            self.mailboxes.add(email)
            private = None
            if rng.random() < 0.12:
                private = f"{fold(given)}{fold(family)}{rng.randint(1, 99)}@{rng.choice(_FREE)}"
            town = self._town(one.land)
            home = (f"{rng.choice(one.land.streets)} {rng.randint(1, 150)}", self._postcode(town), town)
            last = Person(len(self.people), given, family, one, email, self._phone(one.land), private, home)
            self.people.append(last)
            self.staff.setdefault(one.truth, []).append(last)
            if one.truth and rng.random() < 0.05:
                self._moved(last, self.organisations[rng.randrange(one.truth)])

    def _moved(self, person: Person, to: Organisation) -> None:
        """The person works somewhere else now, with another address and the old mobile phone."""
        if any((one.given, one.family) == (person.given, person.family) for one in self.staff.get(to.truth, ())):
            return
        email = f"{fold(person.given)}.{fold(person.family)}@{to.domain}"
        self.staff.setdefault(to.truth, []).append(replace(person, employer=to, email=email))

    def _stem(self, land: Land) -> str:
        rng = self.rng
        dice = rng.random()
        if dice < 0.12:
            return rng.choice(land.family)
        if dice < 0.18:
            return "".join(rng.choice("ABCDEFGHKLMNPRSTV") for _ in range(rng.choice((2, 3, 3, 4))))
        return "".join(rng.choice(land.syllables) for _ in range(rng.choice((2, 3, 3)))).capitalize()

    def _town(self, land: Land) -> str:
        """A city of the list, or one of forty small towns around it."""
        town = self.rng.choice(land.towns)
        suburb = self.rng.randint(0, 40)
        return town if suburb < 15 else f"{land.syllables[suburb % len(land.syllables)]}{town[-4:]}".capitalize()

    def _postcode(self, town: str) -> str:
        return f"{10 + sum(map(ord, town)) % 89}{self.rng.randint(0, 399):03d}"

    def _domain(self, land: Land, stem: str, trade: str) -> str:
        suffix = "co.uk" if land.code == "GB" else land.code.lower()
        short, long = fold(stem).replace(" ", ""), fold(f"{stem} {trade}").replace(" ", "-")
        choices = [short, long] if self.rng.random() < 0.7 else [long, short]
        names = [*choices, *(f"{short}{number}" for number in range(2, 1000))]
        domain = next(f"{name}.{suffix}" for name in names if f"{name}.{suffix}" not in self.domains)
        self.domains.add(domain)
        return domain

    def _phone(self, land: Land) -> str:
        return f"+{land.dial}{self.rng.randint(20_000_000, 99_999_999)}"

    def _number(self, land: Land) -> str:
        self.serial += self.rng.randint(1, 50)
        return f"{land.code}:{self.serial}"

    # --- what the sources say of it -------------------------------------------------------------------------------

    def _mentions(self, one: Organisation) -> None:
        rng = self.rng
        staff = self.staff.get(one.truth, [])
        for system in _SOURCES:
            likely = {"erp": 0.7, "crm": 0.5, "sheet-a": 0.45, "sheet-b": 0.35, "form": 0.3, "list": 0.25}[system]
            if rng.random() > likely:
                continue
            for _ in range(2 if rng.random() < 0.12 else 1):
                self._row(one, staff, system)

    def _row(self, one: Organisation, staff: list[Person], system: str) -> None:
        rng = self.rng
        self.records += 1
        values: Values = {"name": self._name(one, careful=system == "erp")}

        def maybe(chance: float, **more: Any) -> None:
            if rng.random() < chance:
                values.update(more)

        chances = {  # business id, address, town, phone, web, role mail, country, person
            "erp": (0.75, 0.95, 1.0, 0.8, 0.1, 0.4, 1.0, 0.5),
            "crm": (0.1, 0.7, 0.8, 0.7, 0.6, 0.1, 0.9, 0.9),
            "sheet-a": (0.1, 0.2, 0.8, 0.5, 0.1, 0.15, 0.9, 0.95),
            "sheet-b": (0.3, 0.5, 0.6, 0.6, 0.3, 0.2, 0.6, 0.9),
            "form": (0.0, 0.0, 0.3, 0.4, 0.0, 0.0, 0.6, 1.0),
            "list": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.3, 0.0),
        }[system]
        maybe(chances[0], business_id=one.business_id)
        if rng.random() < chances[1]:
            maybe(0.95, street=self._street(one))
            maybe(0.9, postcode=one.postcode)
        maybe(chances[2], city=self._typed(one.town))
        if rng.random() < chances[3]:
            values["phone"] = [rng.choice((one.phone, one.phone, one.phone, one.mobile))]
        maybe(chances[4], domain=one.domain)
        if rng.random() < chances[5]:
            values["email"] = [f"{rng.choice(_ROLES)}@{one.domain}"]
        maybe(chances[6], country=one.land.code)
        mention = Mention(one.truth, system, self.records, values)
        position = len(self.world.organisations)
        self.world.organisations.append(mention)
        people = rng.sample(staff, min(len(staff), rng.choice((1, 1, 1, 2)))) if rng.random() < chances[7] else []
        for person in people:
            about = self._person(person)
            mention.people.append(about)
            self.world.people.append(Mention(person.truth, system, self.records, about, employer=position))

    def _name(self, one: Organisation, *, careful: bool) -> str:
        rng = self.rng
        base = one.named(one.former if one.former and rng.random() < 0.2 else one.stem)
        dice = rng.random()
        if dice < 0.45:
            text = f"{base} {one.form}"
        elif dice < 0.7:
            text = base
        elif dice < 0.8:
            text = f"{base} {rng.choice(one.land.spellings[one.form])}"
        elif dice < 0.86:
            text = f"{base} {one.form}".upper()
        elif dice < 0.90 and one.trade and not careful:
            text = f"{one.trade} {one.stem}"
        elif dice < 0.95 and one.trade and not careful and len(one.stem) > 3:
            text = one.stem
        else:
            text = f"{base}, {one.form}"
        if one.former and one.former not in base and rng.random() < 0.4:
            text += f" ({one.land.former} {one.former})"
        if not careful and rng.random() < 0.06:
            text = self._slip(text)
        return fold(text) if rng.random() < 0.05 else text

    def _street(self, one: Organisation) -> str:
        return one.street.replace("straße", "str.") if self.rng.random() < 0.3 else one.street

    def _typed(self, text: str) -> str:
        dice = self.rng.random()
        return text.upper() if dice < 0.08 else self._slip(text) if dice < 0.10 else text

    def _slip(self, text: str) -> str:
        places = [at for at in range(2, len(text) - 2) if text[at - 1 : at + 2].isalpha()]
        if not places:
            return text
        at = self.rng.choice(places)
        return self.rng.choice(
            (
                text[:at] + text[at + 1] + text[at] + text[at + 2 :],
                text[:at] + text[at] + text[at:],
                text[:at] + text[at + 1 :],
            )
        )

    def _person(self, one: Person) -> Values:
        rng = self.rng
        given, family = one.given, one.family
        dice = rng.random()
        if dice < 0.05:
            given = f"{given[0]}."
        elif dice < 0.08 and len(family) > 4:
            family = self._slip(family)
        elif dice < 0.10:
            given, family = family, given
        elif dice < 0.11:
            given = ""
        values: Values = {"given_name": given, "family_name": family}
        dice = rng.random()
        if dice < 0.6:
            values["email"] = [one.email]
        elif dice < 0.66 and one.private:
            values["email"] = [one.private]
        elif dice < 0.74:
            values["email"] = [f"{rng.choice(_ROLES)}@{one.employer.domain}"]
        if rng.random() < 0.15:
            values |= dict(zip(("street", "postcode", "city"), one.home, strict=True))
        elif rng.random() < 0.2:
            values["city"] = one.employer.town if rng.random() < 0.5 else one.home[2]
        dice = rng.random()
        if dice < 0.45:
            values["phone"] = [one.mobile]
        elif dice < 0.6:
            values["phone"] = [one.employer.phone]
        return values
