"""Words that many organisations share, and that tell one from another only weakly."""

from solmu.normalise.word_list import word_set

GENERIC_WORDS = word_set(
    """
    group groupe gruppo gruppe gruppen grupo konserni konsern koncernen koncern holding holdings international
    internationale internazionale internacional global worldwide world europe european euro nordic scandinavia
    scandinavian baltic finland finnish suomi suomen sverige sweden svenska norge norway danmark denmark eesti
    estonia italia italy italiana italiano deutschland germany deutsche france francaise espana iberica schweiz
    austria osterreich polska uk usa america
    company companies yhtio yhtiot yritys yrityspalvelut firma foretag bolag bolaget gesellschaft societa
    societe compagnie
    service services palvelu palvelut tjanst tjanster servizi dienstleistungen solution solutions ratkaisut
    losungen soluzioni system systems systeme sistemi jarjestelmat technology technologies technologie tech
    teknologia tekniikka teknik technik tecnologie engineering consulting consultants consultancy konsultointi
    consulenza beratung
    management trading trade trader kauppa handel handels commerciale industry industries industria industrie
    industrial teollisuus enterprise enterprises partners partner associates associati invest investment
    investments investointi capital ventures products tuotteet production produktion produzione tuotanto sales
    myynti vertrieb import export marketing logistics logistiikka transport transports kuljetus trasporti
    construction rakennus bygg costruzioni bau institute institut istituto instituutti design studio media
    digital online web shop store
    ravintola restaurant ristorante restaurang bar pub cafe kahvila caffe hotel hotelli hotell karaoke club
    klubi
    the of for and und och ja og et of de di del della dei degli da von van der den le la les il lo gli
    """
)


def is_generic(token: str) -> bool:
    """Whether a folded word (see ``text.fold``) is one that many organisations have in their names."""
    return token in GENERIC_WORDS
