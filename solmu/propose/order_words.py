"""What tables of orders, invoices and their lines call their columns, in the languages of our customers."""

from __future__ import annotations


def _listed(text: str) -> frozenset[str]:
    return frozenset("".join(each.split()) for each in text.split(";"))


ORDER_NUMBER = _listed(
    """
    order number; order no; order nr; order num; order id; order; order ref; order reference; order code; so number;
    so no; sales order; sales order no; sales order number; sales order id; sales id; sale id; tilausnumero;
    tilausnro; tilaus nro; tilaus no; tilaus id; tilaus; myyntitilaus; ordernummer; order nummer; auftragsnummer;
    auftrag nr; auftragsnr; auf nr; auftr nr; auftrag; auftrags id; bestellnummer; bestellnr; bestell nr; bestellung;
    belegnummer;
    numero ordine; n ordine; nr ordine; ordine; ordine n; id ordine; numero commande; ordrenummer; ordrenr; docnum;
    vbeln
    """
)
INVOICE_NUMBER = _listed(
    """
    invoice number; invoice no; invoice nr; invoice id; invoice; laskun numero; laskunumero; laskunro; laskun nro;
    lasku; fakturanummer; faktura nr; fakturanr; faktura; rechnungsnummer; rechnungsnr; rechnung nr; rechnung;
    numero fattura; nr fattura; fattura; fattura n; numero facture
    """
)
DATE = _listed(
    """
    order date; ordered on; ordered at; date ordered; ordered; placed on; placed at; sold on; sale date; sales date;
    purchase date; tilauspaiva; tilauspvm; tilattu; orderdatum; bestallningsdatum; kopdatum; auftragsdatum;
    bestelldatum; bestellt am; data ordine; date commande; ordredato; docdate; audat; invoice date; invoiced on;
    issued on; issue date; laskun paiva; laskun pvm; laskupaiva; laskutettu; fakturadatum; rechnungsdatum; data
    fattura; date; paiva; pvm; datum; data; dato
    """
)
AMOUNT = _listed(
    """
    total; amount; order total; order amount; order value; total amount; total price; total value; grand total; net
    total; net amount; net value; subtotal; value; sum; price; revenue; doctotal; netwr; summa; yhteensa;
    loppusumma; kokonaissumma; veroton summa; arvo; belopp; totalbelopp; ordersumma; ordervarde; nettobelopp;
    betrag; gesamtbetrag; nettobetrag; netto; nettowert; nettosumme; brutto;
    bruttobetrag; auftragswert; bestellwert; summe; gesamt; importo; totale; imponibile;
    montant; belob; line total; line amount; rivisumma; radbelopp; positionswert; importo riga
    """
)
CURRENCY = _listed(
    """
    currency; currency code; cur; valuutta; valuta; wahrung; waehrung; divisa; devise; waerk; doccur
    """
)
STATUS = _listed(
    """
    status; state; order status; invoice status; tila; tilauksen tila; stato; statut; zustand
    """
)
CUSTOMER = _listed(
    """
    customer id; customer no; customer nr; customer number; customer code; customer key; customer ref; customer;
    cust id; cust no; client id; client no; client; account id; account no; account number; account; company id;
    buyer id; sold to; sold to id; sold to party; asiakas; asiakas id; asiakasnumero; asiakasnro; asiakastunnus;
    kund; kund id; kundnr; kundnummer; kunden nr; kundennr; kundennummer; kunden id; kunde; debitor;
    debitorennummer; cliente; id cliente; codice cliente; n cliente; kundenummer; kunnr; cardcode; organisation id;
    organization id
    """
)
LINE = _listed(
    """
    line; line no; line number; line nr; line id; position; pos; rivi; rivinumero; rivinro; rad; radnummer; zeile;
    posnr; riga; numero riga; item no; linenum
    """
)
PRODUCT = _listed(
    """
    product; product name; product id; product code; item; item name; item code; item description; article; sku;
    material; description; part number; part no; tuote; tuotenimi; tuotenumero; tuotekoodi; nimike; artikel;
    artikelnummer; produkt; produktnamn; artikelnr; artikelbezeichnung; bezeichnung; prodotto; articolo; codice
    articolo; descrizione; itemcode
    """
)
QUANTITY = _listed(
    """
    quantity; qty; ordered quantity; pieces; units; maara; kpl; antal; menge; stuck; stueck; quantita; qta; anzahl;
    antall
    """
)
KEYS = _listed(
    """
    id; uuid; guid; row id; key; pk
    """
)
MADE = _listed(
    """
    created; created at; created on; date created; creation date; luotu; skapad; erstellt; erstellt am; creato
    """
)
# Tables whose own key is the number of the order, where no other column is.
TABLES = _listed(
    """
    order; orders; sales order; sales orders; sale; sales; shop order; shop orders; tilaus; tilaukset; ordrar;
    bestallningar; auftrag; auftrage; auftraege; kundenauftrage;
    kundenauftraege; bestellung; bestellungen; ordine; ordini; commandes; ordrer
    """
)
