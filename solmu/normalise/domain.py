"""Registered domains of web and e-mail addresses."""

import functools
import re
from typing import TYPE_CHECKING

from solmu.normalise.invalid import Invalid
from solmu.normalise.text import clean
from solmu.normalise.word_list import word_set

if TYPE_CHECKING:
    import tldextract

# Domains at which anybody may have an address or a page, so that sharing one says nothing of sharing an employer:
# free mail, internet providers, certified mail (Italian PEC), social networks, link pages, portals and directories.
_SHARED = word_set(
    """
    gmail.com googlemail.com google.com icloud.com me.com mac.com aol.com aim.com ymail.com rocketmail.com
    msn.com passport.com protonmail.com protonmail.ch proton.me pm.me tutanota.com tutanota.de tuta.io tuta.com
    hushmail.com fastmail.com fastmail.fm hey.com mail.com email.com usa.net inbox.com zohomail.com zohomail.eu
    mailbox.org posteo.de posteo.net disroot.org riseup.net
    luukku.com suomi24.fi kolumbus.fi elisanet.fi saunalahti.fi inet.fi netti.fi welho.com dnainternet.net
    sci.fi jippii.fi surffi.net phnet.fi mbnet.fi iki.fi nettilinja.fi sonera.fi pohjanmaa.fi anvianet.fi
    telia.com spray.se bredband.net comhem.se swipnet.se passagen.se home.se bredband2.com
    libero.it virgilio.it alice.it tin.it tiscali.it tiscalinet.it inwind.it iol.it fastwebnet.it teletu.it
    email.it poste.it pec.it legalmail.it arubapec.it postecert.it legalpec.it pecimprese.it
    gmx.de gmx.net gmx.at gmx.ch gmx.com web.de t-online.de freenet.de arcor.de online.de mail.de kabelmail.de
    email.de o2mail.de o2online.de vodafone.de ok.de 1und1.de aon.at chello.at bluewin.ch sunrise.ch hispeed.ch
    orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr numericable.fr club-internet.fr aliceadsl.fr
    cegetel.net
    mail.ee hot.ee online.ee neti.ee suhtlus.ee inbox.lv inbox.lt one.lv apollo.lv
    btinternet.com btopenworld.com talktalk.net sky.com virginmedia.com ntlworld.com blueyonder.co.uk
    tiscali.co.uk
    comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com
    optonline.net shaw.ca rogers.com sympatico.ca videotron.ca bigpond.com bigpond.net.au optusnet.com.au
    xtra.co.nz
    mail.ru bk.ru inbox.ru list.ru internet.ru rambler.ru ya.ru ukr.net i.ua meta.ua
    wp.pl o2.pl onet.pl onet.eu interia.pl interia.eu op.pl gazeta.pl tlen.pl poczta.fm seznam.cz centrum.cz
    email.cz post.cz volny.cz azet.sk centrum.sk zoznam.sk freemail.hu citromail.hu indamail.hu abv.bg mail.bg
    net.hr siol.net otenet.gr
    online.no broadpark.no mail.dk stofanet.dk telenet.be skynet.be proximus.be planet.nl ziggo.nl kpnmail.nl
    xs4all.nl hetnet.nl home.nl casema.nl chello.nl telefonica.net terra.es sapo.pt netcabo.pt
    qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com naver.com hanmail.net daum.net
    nate.com rediffmail.com
    uol.com.br bol.com.br terra.com.br ig.com.br walla.co.il netvision.net.il bezeqint.net 013.net
    docomo.ne.jp ezweb.ne.jp softbank.ne.jp ocn.ne.jp so-net.ne.jp biglobe.ne.jp plala.or.jp nifty.com
    hol.gr forthnet.gr bigmir.net tele2.se tele2.nl t-online.hu vodafonemail.de ono.com movistar.es telus.net
    a1.net inode.at utanet.at kabsi.at liwest.at unitybox.de alice-dsl.net versanet.de ewe.net ewetel.net osnanet.de
    netcologne.de bluemail.ch swissonline.ch vtxnet.ch quickline.ch gmx.fr kpnplanet.nl upcmail.nl quicknet.nl
    zeelandnet.nl telfort.nl solcon.nl online.nl scarlet.be voo.be jazztel.es vp.pl autograf.pl glocalnet.net
    bredbandsbolaget.se kotinet.com frisurf.no getmail.no jubii.dk webspeed.dk youmail.dk plus.com roadrunner.com
    centurylink.net netzero.net windstream.net embarqmail.com pacbell.net iinet.net.au dodo.com.au westnet.com.au
    atlas.cz upcmail.hu t-2.net amis.net inet.hr in.gr tut.by clix.pt telepac.pt eircom.net sify.com 139.com 189.cn
    pt.lu mynet.com walla.com 012.net.il zahav.net.il duck.com
    turk.net ttmail.com superonline.com emirates.net.ae eim.ae
    facebook.com fb.com instagram.com linkedin.com twitter.com x.com youtube.com tiktok.com pinterest.com
    xing.com linktr.ee goo.gl maps.app.goo.gl bit.ly tinyurl.com wa.me t.me vk.com ok.ru medium.com about.me
    booking.com yelp.com etsy.com allegro.pl
    gelbeseiten.de dasoertliche.de pagesjaunes.fr paginegialle.it yell.com
    """
)

# Where each customer of a page builder has a name below its domain, as at those that the list of public suffixes has.
_PAGES_BELOW = word_set(
    """
    business.site jimdo.com jimdofree.com wordpress.com weebly.com squarespace.com godaddysites.com webnode.com
    webnode.cz webnode.fr webnode.it webnode.es webnode.page yolasite.com site123.me strikingly.com mystrikingly.com
    tilda.ws ucoz.ru estranky.cz e-monsite.com pagesperso-orange.fr tumblr.com substack.com
    """
)

# Providers and portals with one domain a country: hotmail.fi, yahoo.co.uk, …
_SHARED_UNDER_ANY_SUFFIX = frozenset({"hotmail", "outlook", "live", "yahoo", "yandex", "ebay", "tripadvisor"})

_SCHEME = re.compile(r"^[a-z][a-z0-9+-]*:/*|^https?/+|^/+", re.IGNORECASE)
_HOST = re.compile(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+\.?")
_DOTS = re.compile("[。．｡]")
# A host or an e-mail address without anything to take off: most of what comes.
_PLAIN = re.compile(r"(?:[a-z0-9._+-]+@)?((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24})", re.IGNORECASE | re.ASCII)
_REMEMBERED = 16_384


@functools.cache
def _extractor() -> "tldextract.TLDExtract":
    import tldextract

    # The list bundled with the library, never fetched, no cache folder. With the private suffixes, because the shop at
    # acme.myshopify.com is Acme's and not Shopify's.
    return tldextract.TLDExtract(
        cache_dir=None, suffix_list_urls=(), fallback_to_snapshot=True, include_psl_private_domains=True
    )


def ascii_host(host: str) -> str | None:
    """A host name in lower case and as DNS writes it (IDNA A-labels), or None when it is none."""
    import idna

    host = _DOTS.sub(".", host).rstrip(".").lower()
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None


def _invalid(text: str, message: str) -> Invalid:
    return Invalid("not-a-domain", text, message, "a web address or domain such as www.example.com")


def domain(text: str | None) -> str | None:
    """The registered domain of a web address, host or e-mail address: ``https://www.acme.co.uk/x`` → ``acme.co.uk``.

    In lower case and as DNS writes it (``xn--…``). None for blank; Invalid (``not-a-domain``) for IP addresses, bare
    words, public suffixes and fields with more than one address.
    """
    plain = None if text is None else _PLAIN.fullmatch(text)
    cleaned = text if plain else clean(text)
    if cleaned is None:
        return None
    host = plain[1].lower() if plain else _host(cleaned)
    if host is None or len(host) > 253:
        raise _invalid(cleaned, "this is no domain")
    found = _registered(host)
    if found is None:
        raise _invalid(cleaned, "this is no registered domain")
    return _page_below(host, found) if found in _PAGES_BELOW else found


def _page_below(host: str, builder: str) -> str:
    name = host.removesuffix(builder).rstrip(".").rpartition(".")[2]
    return f"{name}.{builder}" if name not in ("", "www") else builder


def _host(cleaned: str) -> str | None:
    """The host in an address of any kind, as DNS writes it."""
    rest = _SCHEME.sub("", cleaned.strip("<>\"'()[],; "), count=1)
    rest = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    rest = rest.rpartition("@")[2].partition(":")[0].strip(" .,;")
    return ascii_host(rest) if _HOST.fullmatch(_DOTS.sub(".", rest)) else None


def _registered(host: str) -> str | None:
    """The registered domain that a host belongs to."""
    below, _, top = host.rpartition(".")
    name = below.rpartition(".")[2]
    longer = _longer_suffixes().get(top, ())
    if name and top.isalpha() and name not in longer and "*" not in longer and not name.startswith("xn--"):
        return f"{name}.{top}"  # whether the list has the top-level domain or not
    return _listed(host)


@functools.cache
def _longer_suffixes() -> dict[str, set[str]]:
    """The names right below each top-level domain that are part of a suffix too; ``*``: all."""
    names: dict[str, set[str]] = {}
    for suffix in _extractor().tlds:
        below, _, top = suffix.rpartition(".")
        if below:
            names.setdefault(top, set()).add(below.rpartition(".")[2].removeprefix("!"))
    return names


@functools.lru_cache(maxsize=_REMEMBERED)
def _listed(host: str) -> str | None:
    """The same by the library. Remembered: addresses differ, and their hosts are few."""
    found = _extractor()(host)
    if found.suffix and found.domain:
        return f"{found.domain}.{found.suffix}"
    labels = host.split(".")
    # The list's own rule for what it does not have: a top-level domain is a public suffix. So new ones, and those that
    # are reserved for examples, have domains below them too.
    if not found.suffix and labels[-1].isalpha():
        return ".".join(labels[-2:])
    return None


def is_free_domain(domain: str) -> bool:
    """Whether anybody may have an address or page at this domain (free mail, providers, social networks).

    Takes a host or a registered domain; such a domain is no evidence of who somebody works for.
    """
    host = domain.lower().rstrip(".")
    labels = host.split(".")
    if len(labels) < 3:
        return len(labels) == 2 and (host in _SHARED or host in _PAGES_BELOW or labels[0] in _SHARED_UNDER_ANY_SUFFIX)
    if any(".".join(labels[start:]) in _SHARED for start in range(len(labels) - 1)):
        return True
    # hotmail.fi and yahoo.co.uk, but not live.acme.com.
    return labels[0] in _SHARED_UNDER_ANY_SUFFIX and (
        len(labels) == 3 and labels[1] in ("co", "com") and len(labels[2]) == 2
    )
