"""Plain text: cleaned for people, folded for keys, decoded from bytes."""

import codecs
import re
import unicodedata

from anyascii import anyascii

from solmu.normalise.invalid import Invalid
from solmu.normalise.word_list import phrase_set

# What people and exports write where they mean nothing. Compared without case.
_PLACEHOLDERS = phrase_set(
    """
    n/a|n.a.|n/d|n.d.|nd.|#n/a|#name?|#ref!|#value!|#null!|#div/0!|(null)|<null>|[null]|(none)|none|(blank)|undefined
    unknown|not available|not applicable|not specified|not known|no data|tbd|tba|t.b.d.
    ei tiedossa|ei tietoa|ei ole|ei saatavilla|tuntematon|puuttuu|(tyhjä)
    okänd|okänt|uppgift saknas|saknas|ej angivet
    sconosciuto|sconosciuta|non disponibile|non noto|nessuno
    unbekannt|keine angabe|keine angaben|k.a.|k. a.|nicht bekannt
    inconnu|inconnue|non renseigné
    puudub|teadmata|pole teada
    """
)

# These words are also names (Jennifer Null, Nan, Nil): only the spellings that programs write count.
_PROGRAMS_WORDS = frozenset({"null", "NULL", "nan", "NaN", "NAN", "nil", "NIL"})

_ONLY_MARKS = re.compile(r"[-–—_.·…?*/\\,;:!'\"`~=#+|]+")

# Joiners that carry meaning in Persian and Indic scripts; every other format character is invisible noise.
_JOINERS = "\u200c\u200d"

# What anyascii makes of the letters that Europe adds to ASCII: it goes through a text letter by letter in Python.
_LATIN = {letter: anyascii(chr(letter)) for letter in range(0x80, 0x250)}
# The soft and the hard sign are transliterated as quotes, at which no word ends: Соловьёв is Solovev.
_LATIN |= {ord("ь"): "", ord("ъ"): ""}

# Greek letters that sound otherwise beside one another: "Παπαδοπούλου" is Papadopoulou, "Ευθύμιος" Efthymios, and
# "Μπουτάρης" Boutaris. Source: ELOT 743. An accent on the first of two, or a diaeresis, keeps them apart.
_GREEK = re.compile("[\u0370-\u03ff\u1f00-\u1fff]")
_GREEK_PAIRS = tuple(
    (re.compile(letters), latin)
    for letters, latin in (
        ("ο[υύ]", "ou"),
        ("(?<=[αεη])[υύ](?=[αάεέηήιίϊΐοόυύϋΰωώβγδζλμνρ])", "v"),
        ("(?<=[αεη])[υύ]", "f"),
        ("γ(?=[γξχ])", "n"),
        (r"\bμπ|μπ\b", "b"),
    )
)

_ASCII_WORD = re.compile(r"[A-Za-z0-9]")
# A text with each character of ASCII in its place: letters small, digits as they are, anything else a space.
_FOLDED = "".join(character.lower() if character.isalnum() else " " for character in map(chr, range(0x80)))


def is_placeholder(text: str) -> bool:
    """Whether the text stands for "nothing": ``-``, ``n/a``, ``null``, ``ei tiedossa``, ``#REF!``, …

    ``NA`` is not one: it is Namibia.
    """
    stripped = text.strip()
    if not stripped[:1].isalnum() and _ONLY_MARKS.fullmatch(stripped) is not None:
        return True
    return stripped in _PROGRAMS_WORDS or stripped.casefold() in _PLACEHOLDERS


def tidy(text: str) -> str:
    """Text in NFC, without control and invisible characters, every run of white space one space; placeholders stay."""
    if text.isprintable():  # nothing in it to take out, and no white space but the space
        return " ".join((text if text.isascii() else unicodedata.normalize("NFC", text)).split())
    kept = "".join(
        " " if character.isspace() else character
        for character in text
        if character.isspace() or character in _JOINERS or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    )
    return " ".join(unicodedata.normalize("NFC", kept).split())


def clean(text: str | None) -> str | None:
    """Text fit for people to read (see :func:`tidy`), or None when it is blank or a placeholder."""
    if text is None or (text.isdecimal() and text.isascii()):  # a number, as many cells are: nothing to tidy
        return text
    tidied = tidy(text)
    return None if not tidied or is_placeholder(tidied) else tidied


def fold(text: str) -> str:
    """Lower-case ASCII words separated by single spaces: the form in which keys are compared.

    "Müller & Söhne" and "MULLER SOHNE" fold alike; other scripts are transliterated. The result may be empty.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.casefold()).translate(_LATIN)
        if not text.isascii():
            if _GREEK.search(text):
                for letters, latin in _GREEK_PAIRS:
                    text = letters.sub(latin, text)
            text = anyascii(text)
    return " ".join(text.translate(_FOLDED).split())


def has_words(text: str) -> bool:
    """Whether anything is left of a text when it is folded."""
    return _ASCII_WORD.search(text) is not None or fold(text) != ""


_BYTE_ORDER_MARKS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Code pages in which business files really come, likeliest first, with the letters that their languages use. Left
# alone, charset-normalizer takes Finnish cp1252 for mac_latin2; and among pages that read a text alike it takes any.
_WESTERN = "àáâãäåæçèéêëìíîïñòóôõöøœùúûüÿßšž"
_LETTERS_OF: dict[str, tuple[str, ...]] = {
    "cp1252": (_WESTERN,),
    "iso8859_15": (_WESTERN,),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýžäĺľŕô", "áéíóöőúüű", "čćđšž", "ăâîşţ"),
    "cp1257": ("āčēģīķļņšūž", "ąčęėįšųūž", "õäöüšž"),
    "cp1254": ("çğıöşüâîi̇",),
    "cp1251": ("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ",),
    "cp1253": ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",),
    "mac_roman": (_WESTERN,),
    "cp850": (_WESTERN,),
}

# The marks that a wrong code page leaves: a symbol inside a word, a capital after a small letter, two scripts in a
# word, a long run of accented letters ("M„kinen", "MŠkinen", "Sociйtй", "Îáùåñòâî").
_MISREADING = re.compile(
    r"(?<=[^\W\d_])(?:[^\w\s\x00-\x7f·’‘´–—]|[¹²³¼½¾])(?=[^\W\d_])"
    r"|(?<=[a-zß-öø-ÿ])[À-ÖØ-ÞŠŽŒŸĄĆĘŁŃŚŹŻČĎĚŇŘŤŮŐŰ]|(?<=[а-я])[А-Я]|(?<=[α-ω])[Α-Ω]"
    r"|(?<=[a-zA-Z])[\u0370-\u04ff]|[\u0370-\u04ff](?=[a-zA-Z])"
    r"|[\x80-\x9f]"
    r"|[À-ÖØ-öø-ÿ]{4,}"
)
_COMMON_SYMBOLS = "\u00a0€§°–—‘’“”„«»…•·´®©™²³½£"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def _reads_well(text: str) -> bool:
    # Icelandic is the one language with ð and þ, and it has none of these: a Baltic or Turkish page read as cp1252 has.
    if re.search("[ðþ]", text, re.IGNORECASE) and re.search("[çîâêëòñãõìïû]", text, re.IGNORECASE):
        return False
    return len(_MISREADING.findall(text)) * 10 <= len(_NOT_ASCII.findall(text))


def _share_of_known_letters(text: str, page: str) -> float:
    """How many of the text's characters beyond ASCII one of the page's languages explains, at best; 0 to 1."""
    found = [letter for letter in _NOT_ASCII.findall(text.lower()) if letter not in _COMMON_SYMBOLS]
    if not found:
        return 0.0
    return max(sum(letter in letters for letter in found) for letters in _LETTERS_OF[page]) / len(found)


_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def _decode_utf16_without_mark(raw: bytes) -> tuple[str, str] | None:
    # Western text in UTF-16 has a NUL beside nearly every letter; on which side tells the byte order.
    half = len(raw) // 2
    if len(raw) % 2 or not half:
        return None
    for encoding, zeros in (("utf-16-le", raw[1::2].count(0)), ("utf-16-be", raw[0::2].count(0))):
        if zeros > half * 0.4:
            try:
                text = raw.decode(encoding)
            except UnicodeDecodeError:
                return None
            return None if _CONTROL.search(text) else (text, encoding)
    return None


def _decode_patched_utf8(raw: bytes) -> tuple[str, str] | None:
    """UTF-8 into which somebody pasted lines of cp1252: read each line by what it is."""
    lines: list[str] = []
    utf8 = other = 0
    for line in raw.split(b"\n"):
        try:
            lines.append(line.decode("utf-8"))
            utf8 += not line.isascii()
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", errors="replace"))
            other += 1
    return ("\n".join(lines), "utf-8 with cp1252") if utf8 > other else None


def _decode_code_page(raw: bytes) -> tuple[str, str]:
    readings: dict[str, str] = {}
    for page in _LETTERS_OF:
        try:
            readings[page] = raw.decode(page)
        except UnicodeDecodeError:
            continue
    fitting = [page for page, text in readings.items() if _reads_well(text)] or list(readings)
    if len(fitting) > 1:
        from charset_normalizer import from_bytes

        messy = from_bytes(raw, cp_isolation=fitting, enable_fallback=False)
        clean_enough = {page for match in messy for page in (match.encoding, *match.could_be_from_charset)}
        if fitting[0] != "cp1252" or (clean_enough and "cp1252" not in clean_enough):
            share = {page: _share_of_known_letters(readings[page], page) for page in fitting}
            best = messy.best()
            fitting.sort(key=lambda page: (-share[page], best is None or page != best.encoding))
    return readings[fitting[0]], fitting[0]


def decode(raw: bytes) -> tuple[str, str]:
    """The text of a file and the encoding it was read by (a Python codec's name, or ``"utf-8 with cp1252"``).

    Byte order mark, UTF-8, UTF-16, then the plausible code pages; Western European text comes out as cp1252. Code
    pages of one family can't always be told apart on short texts, so where a source states its encoding, use that.
    Raises Invalid for bytes that are no text.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding), encoding
            except UnicodeDecodeError:
                break
    found = _decode_utf16_without_mark(raw)
    if found is not None:
        return found
    if b"\x00" in raw:
        raise Invalid("not-text", "", "these bytes are no text", "a text file, such as CSV in UTF-8")
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decode_patched_utf8(raw) or _decode_code_page(raw)
