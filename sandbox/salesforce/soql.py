"""SOQL, read: a query's text becomes a tree. Covers what README.md lists; the rest is MALFORMED_QUERY.

Grammar after "SOQL and SOSL Reference", "SOQL SELECT Syntax"; tokens and parser are this module's own.
"""

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from sandbox.salesforce.errors import ApiError

MAX_LENGTH = 100_000
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d)
    | (?P<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    | (?P<name>[A-Za-z_][\w.]*(?::\d+)?)
    | (?P<operator><=|>=|!=|<>|=|<|>|\(|\)|,)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {
    "n": "\n",
    "N": "\n",
    "r": "\r",
    "R": "\r",
    "t": "\t",
    "T": "\t",
    "b": "\b",
    "B": "\b",
    "f": "\f",
    "F": "\f",
}
_RESERVED = frozenset((
    "and", "asc", "desc", "excludes", "first", "from", "group", "having", "in", "includes", "last", "like", "limit",
    "not", "null", "nulls", "or", "select", "using", "where", "with",
))  # fmt: skip
_AGGREGATES = frozenset(("count", "count_distinct", "min", "max", "sum", "avg"))

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "like", "in", "not in", "includes", "excludes"]


_OPERATORS: dict[str, Operator] = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


@dataclass(frozen=True, slots=True)
class Literals:
    """A value as it stood in the query; its kind decides whether a field may be compared with it."""

    kind: Literal["string", "number", "boolean", "null", "date", "datetime", "range"]
    text: str


@dataclass(frozen=True, slots=True)
class Path:
    """`Account.Owner.Name`, and where it stood."""

    parts: tuple[str, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Comparison:
    path: Path
    operator: Operator
    values: tuple[Literals, ...]


@dataclass(frozen=True, slots=True)
class Not:
    term: "Condition"


@dataclass(frozen=True, slots=True)
class Combined:
    word: Literal["AND", "OR"]
    terms: tuple["Condition", ...]


Condition: TypeAlias = Comparison | Not | Combined


@dataclass(frozen=True, slots=True)
class Selected:
    """A column: a field, an aggregate over one (`COUNT()` has none), or `FIELDS(STANDARD)`."""

    path: Path | None
    function: str | None = None
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Ordering:
    path: Path
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    selected: tuple[Selected, ...]
    sobject: Path
    alias: str | None
    where: Condition | None
    group: tuple[Path, ...]
    order: tuple[Ordering, ...]
    limit: int | None
    offset: int


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def malformed(text: str, position: int, message: str) -> ApiError:
    return ApiError(400, "MALFORMED_QUERY", located(text, position, message))


def located(text: str, position: int, message: str) -> str:
    """A message with the query, a caret under the place, and row and column, as the API writes it."""
    before = text[:position]
    row = before.count("\n") + 1
    column = position - (before.rfind("\n") + 1) + 1
    line = text.splitlines()[row - 1] if text else ""
    return f"\n{line}\n{' ' * (column - 1)}^\nERROR at Row:{row}:Column:{column}\n{message}"


def parse(text: str) -> Query:
    """The tree of a SELECT. Raises ApiError MALFORMED_QUERY, or QUERY_TOO_COMPLICATED when it is too long."""
    if len(text) > MAX_LENGTH:
        raise ApiError(
            400, "QUERY_TOO_COMPLICATED", f"Query is either too long ({len(text)} characters) or too complex"
        )
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.at = 0

    @property
    def here(self) -> _Token:
        return self.tokens[self.at]

    def word(self, *words: str) -> bool:
        """Takes the next words if they are these."""
        for ahead, word in enumerate(words):
            token = self.tokens[min(self.at + ahead, len(self.tokens) - 1)]
            if token.kind not in ("name", "operator") or token.text.lower() != word:
                return False
        self.at += len(words)
        return True

    def expect(self, word: str) -> None:
        if not self.word(word):
            raise self.unexpected(f"expecting '{word}'")

    def unexpected(self, hint: str = "") -> ApiError:
        token = self.here
        shown = "<EOF>" if token.kind == "end" else token.text
        message = f"unexpected token: '{shown}'" + (f" ({hint})" if hint else "")
        return malformed(self.text, token.position, message)

    def name(self) -> _Token:
        token = self.here
        if token.kind != "name" or token.text.lower() in _RESERVED:
            raise self.unexpected()
        self.at += 1
        return token

    def path(self) -> Path:
        token = self.name()
        return Path(tuple(token.text.split(".")), token.position)

    def query(self) -> Query:
        self.expect("select")
        selected = [self.selected()]
        while self.word(","):
            selected.append(self.selected())
        self.expect("from")
        sobject = self.path()
        alias = None
        if self.here.kind == "name" and self.here.text.lower() not in _RESERVED | {"order", "offset", "for", "all"}:
            self.word("as")
            alias = self.name().text
        where = self.condition() if self.word("where") else None
        group = self.list_of_paths() if self.word("group", "by") else ()
        order = self.ordering() if self.word("order", "by") else ()
        limit = self.whole_number() if self.word("limit") else None
        offset = self.whole_number() if self.word("offset") else 0
        if self.word("for", "view") or self.word("for", "reference"):
            pass
        if self.here.kind != "end":
            raise self.unexpected()
        return Query(self.text, tuple(selected), sobject, alias, where, group, order, limit, offset)

    def selected(self) -> Selected:
        path = self.path()
        if not self.word("("):
            return Selected(path)
        function = ".".join(path.parts).lower()
        if function == "fields":
            which = self.name().text.lower()
            self.expect(")")
            if which not in ("standard", "custom", "all"):
                raise malformed(self.text, path.position, f"unexpected token: '{which}'")
            return Selected(None, f"fields:{which}")
        if function not in _AGGREGATES:
            raise malformed(self.text, path.position, f"unexpected token: '{function}'")
        inner = None if self.word(")") else self.path()
        if inner is not None:
            self.expect(")")
        alias = None
        if self.here.kind == "name" and self.here.text.lower() not in _RESERVED:
            alias = self.name().text
        return Selected(inner, function, alias)

    def list_of_paths(self) -> tuple[Path, ...]:
        paths = [self.path()]
        while self.word(","):
            paths.append(self.path())
        return tuple(paths)

    def ordering(self) -> tuple[Ordering, ...]:
        orderings = []
        while True:
            path = self.path()
            descending = self.word("desc")
            if not descending:
                self.word("asc")
            nulls_last = False
            if self.word("nulls"):
                nulls_last = self.word("last")
                if not nulls_last:
                    self.expect("first")
            orderings.append(Ordering(path, descending, nulls_last))
            if not self.word(","):
                return tuple(orderings)

    def whole_number(self) -> int:
        token = self.here
        if token.kind != "number" or not token.text.isdecimal():
            raise self.unexpected()
        self.at += 1
        return int(token.text)

    def condition(self) -> Condition:
        terms = [self.term()]
        word: Literal["AND", "OR"] | None = None
        while True:
            for candidate in ("AND", "OR"):
                if self.word(candidate.lower()):
                    # The real parser refuses a mixture without parentheses.
                    if word is not None and word != candidate:
                        self.at -= 1
                        raise self.unexpected()
                    word = "AND" if candidate == "AND" else "OR"
                    break
            else:
                return terms[0] if word is None else Combined(word, tuple(terms))
            terms.append(self.term())

    def term(self) -> Condition:
        if self.word("not"):
            return Not(self.term())
        if self.word("("):
            inner = self.condition()
            self.expect(")")
            return inner
        return self.comparison()

    def comparison(self) -> Comparison:
        path = self.path()
        if self.word("not", "in"):
            return Comparison(path, "not in", self.list_of_literals())
        for listed in ("in", "includes", "excludes"):
            if self.word(listed):
                return Comparison(path, listed, self.list_of_literals())
        if self.word("like"):
            return Comparison(path, "like", (self.literal(like=True),))
        token = self.here
        if token.text not in _OPERATORS:
            raise self.unexpected()
        self.at += 1
        return Comparison(path, _OPERATORS[token.text], (self.literal(),))

    def list_of_literals(self) -> tuple[Literals, ...]:
        self.expect("(")
        found = [self.literal()]
        while self.word(","):
            found.append(self.literal())
        self.expect(")")
        return tuple(found)

    def literal(self, *, like: bool = False) -> Literals:
        token = self.here
        self.at += 1
        if token.kind == "string":
            return Literals("string", _unescape(self.text, token, like=like))
        if token.kind in ("number", "date", "datetime"):
            return Literals(token.kind, token.text)  # type: ignore[arg-type]
        word = token.text.lower()
        if token.kind == "name" and word in ("true", "false"):
            return Literals("boolean", word)
        if token.kind == "name" and word == "null":
            return Literals("null", word)
        if token.kind == "name" and re.fullmatch(r"today|yesterday|tomorrow|(?:last|next)_n_days:\d{1,5}", word):
            return Literals("range", word)
        self.at -= 1
        raise self.unexpected()


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    position = 0
    end = len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            offset = position + len(text[position:]) - len(text[position:].lstrip())
            if text[offset] == "'":
                raise malformed(text, offset, "unexpected char: 0x27 (a string that does not end)")
            raise malformed(text, offset, f"unexpected char: '{text[offset]}'")
        kind = match.lastgroup
        found.append(_Token(kind, match.group(kind), match.start(kind)))
        position = match.end()
    found.append(_Token("end", "", end))
    return found


def _unescape(text: str, token: _Token, *, like: bool) -> str:
    r"""A string literal's content. For LIKE, what was escaped stays so for SQLite (`\%`, `\_`, `\\`)."""

    def replaced(match: re.Match[str]) -> str:
        letter = match.group(1)
        if letter in _ESCAPES:
            return _ESCAPES[letter]
        if letter in "\"'":
            return letter
        if letter == "\\":
            return "\\\\" if like else "\\"
        if letter in "%_" and like:
            return f"\\{letter}"
        raise malformed(text, token.position, f"Illegal string literal: '\\{letter}' is no escape sequence")

    return re.sub(r"\\(.)", replaced, token.text[1:-1], flags=re.DOTALL)
