"""SOQL, run: the tree becomes one SQL statement with bound values, and its rows become records as JSON shows them.

A result of more than one page is kept as the list of its rows' numbers; a page is read when it is asked for.
"""

import array
import itertools
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.salesforce import soql, times, values
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.objects import NUMBER_KINDS, Field, SObject
from sandbox.salesforce.soql import Combined, Comparison, Condition, Literals, Not, Ordering, Path, Query
from sandbox.salesforce.store import Store, placeholders
from sandbox.salesforce.values import Stored

PAGE = 2000
SMALLEST_PAGE = 200
MAX_OFFSET = 2000
# "A user can have up to 10 query cursors open at a time": the oldest is released.
OPEN_LOCATORS = 10
_HINT = (
    "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. "
    "Please reference your WSDL or the describe call for the appropriate names."
)


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a record: the parents it hangs under (`("Account", "Owner")`), its field, and its SQL."""

    parents: tuple[str, ...]
    field: Field
    sql: str


@dataclass(slots=True)
class Compiled:
    query: Query
    sobject: SObject
    columns: list[Column]
    # SQL of each parent's Id and its object, by the path to it.
    parents: dict[tuple[str, ...], tuple[str, SObject]]
    tables: str
    where: str
    values: list[Stored]
    tail: str
    # Columns of an aggregate query: names and SQL.
    aggregates: list[tuple[str, str, Field | None]] = field(default_factory=list)
    group: list[str] = field(default_factory=list)

    @property
    def counts_only(self) -> bool:
        first = self.query.selected[0]
        return len(self.query.selected) == 1 and first.function == "count" and first.path is None


def compile_query(
    objects: Mapping[str, SObject], text: str, *, with_deleted: bool = False, resolution: int = 1
) -> Compiled:
    """Checks a SOQL query against the org's objects. Raises ApiError INVALID_TYPE, INVALID_FIELD, MALFORMED_QUERY.

    `resolution` is in milliseconds: moments in the query are cut to it, as the stamps of the records are.
    """
    return _Compiler(objects, soql.parse(text), resolution).compiled(with_deleted)


class _Compiler:
    def __init__(self, objects: Mapping[str, SObject], query: Query, resolution: int) -> None:
        self.objects = objects
        self.query = query
        self.resolution = resolution
        name = query.sobject.parts[-1].lower()
        found = next((each for each in objects.values() if each.name.lower() == name), None)
        if found is None:
            message = (
                f"sObject type '{query.sobject.parts[-1]}' is not supported. If you are attempting to use a custom "
                "object, be sure to append the '__c' after the entity name. "
                "Please reference your WSDL or the describe call for the appropriate names."
            )
            raise ApiError(400, "INVALID_TYPE", soql.located(query.text, query.sobject.position, message))
        self.sobject = found
        self.joins: dict[tuple[str, ...], tuple[str, SObject]] = {}
        self.tables = f'"{found.name}" t'
        self.values: list[Stored] = []

    def compiled(self, with_deleted: bool) -> Compiled:
        query = self.query
        aggregates, columns = self.selection()
        where = self.condition(query.where) if query.where else "1"
        if not with_deleted:
            where = f"t.IsDeleted = 0 AND ({where})"
        group = [self.column(path).sql for path in query.group]
        order = [self.ordering(each) for each in query.order]
        if not aggregates:
            order.append("t.rowid")
        if query.offset > MAX_OFFSET:
            raise ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {MAX_OFFSET}")
        tail = f" ORDER BY {', '.join(order)}" if order else ""
        if query.limit is not None or query.offset:
            tail += f" LIMIT {-1 if query.limit is None else query.limit} OFFSET {query.offset}"
        parents = {path: (f"{alias}.Id", each) for path, (alias, each) in self.joins.items()}
        return Compiled(query, self.sobject, columns, parents, self.tables, where, self.values, tail, aggregates, group)

    def ordering(self, ordering: Ordering) -> str:
        direction = "DESC" if ordering.descending else "ASC"
        return f"{self.column(ordering.path).sql} {direction} NULLS {'LAST' if ordering.nulls_last else 'FIRST'}"

    def selection(self) -> tuple[list[tuple[str, str, Field | None]], list[Column]]:
        query = self.query
        columns: list[Column] = []
        aggregates: list[tuple[str, str, Field | None]] = []
        numbered = itertools.count()
        grouped = bool(query.group) or any(
            each.function and not each.function.startswith("fields:") for each in query.selected
        )
        for each in query.selected:
            if each.function and each.function.startswith("fields:"):
                columns += self.all_fields(each.function.removeprefix("fields:"))
            elif each.function:
                if each.path is None:
                    if len(query.selected) > 1 or each.function != "count":
                        raise soql.malformed(query.text, 0, f"unexpected token: '{each.function}('")
                    continue
                inner = self.column(each.path)
                sql = (
                    f"COUNT(DISTINCT {inner.sql})"
                    if each.function == "count_distinct"
                    else f"{each.function}({inner.sql})"
                )
                shown = None if each.function.startswith("count") else inner.field
                aggregates.append((each.alias or f"expr{next(numbered)}", sql, shown))
            elif grouped:
                assert each.path is not None
                if each.path.parts not in [path.parts for path in query.group]:
                    message = f"Field must be grouped or aggregated: {'.'.join(each.path.parts)}"
                    raise soql.malformed(query.text, each.path.position, message)
                inner = self.column(each.path)
                aggregates.append((inner.field.name, inner.sql, inner.field))
            else:
                assert each.path is not None
                columns.append(self.column(each.path))
        return aggregates, columns

    def all_fields(self, which: str) -> list[Column]:
        if which != "standard" and (self.query.limit is None or self.query.limit > 200):
            message = "The SOQL FIELDS function must have a LIMIT of at most 200"
            raise soql.malformed(self.query.text, 0, message)
        wanted = {"standard": (False,), "custom": (True,), "all": (False, True)}[which]
        return [Column((), each, f't."{each.name}"') for each in self.sobject.fields.values() if each.custom in wanted]

    def column(self, path: Path) -> Column:
        parts = path.parts
        itself = (self.sobject.name.lower(), (self.query.alias or "").lower())
        # `Account.Name FROM Contact` walks to the parent; `Contact.Name FROM Contact` names the object itself.
        if len(parts) > 1 and parts[0].lower() in itself and not self.reference(self.sobject, parts[0]):
            parts = parts[1:]
        alias, sobject = "t", self.sobject
        walked: tuple[str, ...] = ()
        for name in parts[:-1]:
            walked = self.join(walked, alias, sobject, name, path)
            alias, sobject = self.joins[walked]
        found = sobject.field(parts[-1])
        if found is None:
            message = f"No such column '{parts[-1]}' on entity '{sobject.name}'. {_HINT}"
            raise ApiError(400, "INVALID_FIELD", soql.located(self.query.text, path.position, message))
        return Column(walked, found, f'{alias}."{found.name}"')

    @staticmethod
    def reference(sobject: SObject, relationship: str) -> Field | None:
        wanted = relationship.lower()
        return next((each for each in sobject.fields.values() if (each.relationship or "").lower() == wanted), None)

    def join(self, walked: tuple[str, ...], alias: str, sobject: SObject, name: str, path: Path) -> tuple[str, ...]:
        """Joins the parent that `name` leads to; gives the whole way to it."""
        reference = self.reference(sobject, name)
        if reference is None or reference.relationship is None or len(reference.refers_to) != 1 or len(walked) >= 5:
            message = f"Didn't understand relationship '{name}' in field path. {_HINT}"
            raise ApiError(400, "INVALID_FIELD", soql.located(self.query.text, path.position, message))
        key = (*walked, reference.relationship)
        if key not in self.joins:
            parent = self.objects[reference.refers_to[0]]
            made = f"j{len(self.joins)}"
            self.tables += f' LEFT JOIN "{parent.name}" {made} ON {made}.Id = {alias}."{reference.name}"'
            self.joins[key] = (made, parent)
        return key

    # Two-valued logic: unlike SQL, `!=` and NOT find records in which the field is null.

    def condition(self, condition: Condition) -> str:
        if isinstance(condition, Not):
            return f"NOT ({self.condition(condition.term)})"
        if isinstance(condition, Combined):
            return f" {condition.word} ".join(f"({self.condition(term)})" for term in condition.terms)
        return self.comparison(condition)

    def comparison(self, comparison: Comparison) -> str:
        column = self.column(comparison.path)
        operator, sql = comparison.operator, column.sql
        first = comparison.values[0]
        if operator in ("in", "not in"):
            return self.membership(column, comparison.values, negated=operator == "not in")
        if operator in ("includes", "excludes"):
            return self.picks(column, comparison.values, negated=operator == "excludes")
        if first.kind == "null":
            if operator not in ("=", "!="):
                raise self.wrong(column, "operator")
            return f"{sql} IS NULL" if operator == "=" else f"{sql} IS NOT NULL"
        if operator == "like":
            if first.kind != "string" or column.field.kind in (
                *NUMBER_KINDS,
                "boolean",
                "date",
                "datetime",
                "id",
                "reference",
            ):
                raise self.wrong(column, "operator")
            return f"({self.folded(column, first.text)} LIKE ? ESCAPE '\\' AND {sql} IS NOT NULL)"
        if first.kind == "range":
            return self.in_range(column, operator, first.text)
        bound = self.bind(column, first)
        compared = self.folded(column, bound)
        if operator == "!=":
            return f"({compared} <> ? OR {sql} IS NULL)"
        return f"({compared} {operator} ? AND {sql} IS NOT NULL)"

    def folded(self, column: Column, value: Stored) -> str:
        """The column's SQL, made ready to be compared with `value`, which is added to the bound values."""
        if isinstance(value, str) and not value.isascii():
            self.values.append(value.casefold())
            return f"fold({column.sql})"
        self.values.append(value)
        return column.sql

    def membership(self, column: Column, literals: Sequence[Literals], *, negated: bool) -> str:
        bound = [self.bind(column, each) for each in literals if each.kind != "null"]
        with_null = len(bound) < len(literals)
        plain = [each for each in bound if not isinstance(each, str) or each.isascii()]
        accented = [each for each in bound if isinstance(each, str) and not each.isascii()]
        tests = []
        if plain:
            self.values += plain
            tests.append(f"({column.sql} IN ({placeholders(len(plain))}) AND {column.sql} IS NOT NULL)")
        if accented:
            self.values += [each.casefold() for each in accented]
            tests.append(f"(fold({column.sql}) IN ({placeholders(len(accented))}) AND {column.sql} IS NOT NULL)")
        if with_null:
            tests.append(f"{column.sql} IS NULL")
        either = " OR ".join(tests)
        return f"NOT ({either})" if negated else f"({either})"

    def picks(self, column: Column, literals: Sequence[Literals], *, negated: bool) -> str:
        if column.field.kind != "multipicklist":
            raise self.wrong(column, "operator")
        groups = []
        for each in literals:
            picked = [pick.strip() for pick in each.text.split(";") if pick.strip()]
            self.values += [f";{pick.casefold()};" for pick in picked]
            groups.append(" AND ".join([f"INSTR(fold(';' || {column.sql} || ';'), ?) > 0"] * len(picked)) or "0")
        either = f"({column.sql} IS NOT NULL AND ({' OR '.join(groups)}))"
        return f"NOT {either}" if negated else either

    def in_range(self, column: Column, operator: str, word: str) -> str:
        kind = column.field.kind
        if kind not in ("date", "datetime"):
            raise self.wrong(column, "value")
        start, end = _days(word)
        low: Stored = start.date().isoformat() if kind == "date" else int(start.timestamp() * 1000)
        high: Stored = end.date().isoformat() if kind == "date" else int(end.timestamp() * 1000)
        sql = column.sql
        if operator in ("=", "!="):
            self.values += [low, high]
            inside = f"({sql} >= ? AND {sql} < ? AND {sql} IS NOT NULL)"
            return inside if operator == "=" else f"NOT {inside}"
        test, bound = {"<": ("<", low), "<=": ("<", high), ">": (">=", high), ">=": (">=", low)}[operator]
        self.values.append(bound)
        return f"({sql} {test} ? AND {sql} IS NOT NULL)"

    def bind(self, column: Column, literal: Literals) -> Stored:
        """The literal as the column keeps it; a literal of the wrong kind is refused as the API does."""
        kind, target = literal.kind, column.field
        if target.kind in ("id", "reference"):
            known = full_id(literal.text) if kind == "string" else None
            if known is None:
                raise ApiError(400, "INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {literal.text}")
            return known
        if target.kind == "boolean" and kind == "boolean":
            return int(literal.text == "true")
        if target.kind in NUMBER_KINDS and kind == "number":
            return float(literal.text)
        if target.kind == "date" and kind == "date":
            return literal.text
        if target.kind == "datetime" and kind == "datetime":
            moment = times.read(literal.text)
            return None if moment is None else moment - moment % self.resolution
        if kind == "string" and target.kind not in (*NUMBER_KINDS, "boolean", "date", "datetime"):
            return literal.text.strip()
        raise self.wrong(column, "value")

    def wrong(self, column: Column, what: str) -> ApiError:
        target = column.field
        if what == "operator":
            return ApiError(
                400, "INVALID_QUERY_FILTER_OPERATOR", f"{target.name}: invalid operator on {target.kind} field"
            )
        wanted = {"datetime": "dateTime"}.get(target.kind, target.kind)
        if target.kind in (*NUMBER_KINDS, "boolean", "date", "datetime"):
            advice = "should not be enclosed in quotes"
        else:
            wanted, advice = "string", "should be enclosed in quotes"
        message = f"value of filter criterion for field '{target.name}' must be of type {wanted} and {advice}"
        return ApiError(400, "INVALID_FIELD", message)


def _days(word: str) -> tuple[datetime, datetime]:
    """The days that a date literal covers: from, and up to but without."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    day = timedelta(days=1)
    if word == "today":
        return today, today + day
    if word == "yesterday":
        return today - day, today
    if word == "tomorrow":
        return today + day, today + 2 * day
    count = int(word.partition(":")[2])
    if word.startswith("last"):
        return today - count * day, today + day
    return today + day, today + (count + 1) * day


# -- running


def matching_rows(db: sqlite3.Connection, compiled: Compiled) -> "array.array[int]":
    sql = f"SELECT t.rowid FROM {compiled.tables} WHERE {compiled.where}{compiled.tail}"
    return array.array("q", (row[0] for row in db.execute(sql, compiled.values)))


def count(db: sqlite3.Connection, compiled: Compiled) -> int:
    found: int = db.execute(
        f"SELECT COUNT(*) FROM {compiled.tables} WHERE {compiled.where}", compiled.values
    ).fetchone()[0]
    return found


def fetch(db: sqlite3.Connection, compiled: Compiled, rows: Sequence[int], version: str) -> list[dict[str, Any]]:
    """The records of these row numbers, in their order, as JSON shows them."""
    paths = list(compiled.parents)
    selected = [
        "t.rowid",
        "t.Id",
        *(compiled.parents[path][0] for path in paths),
        *(each.sql for each in compiled.columns),
    ]
    marks = placeholders(len(rows))
    sql = f"SELECT {', '.join(selected)} FROM {compiled.tables} WHERE t.rowid IN ({marks})"
    by_row = {row[0]: row for row in db.execute(sql, list(rows))}
    shape = _shape(compiled, paths, version)
    return [shape(by_row[row]) for row in rows if row in by_row]


def _shape(
    compiled: Compiled, paths: Sequence[tuple[str, ...]], version: str
) -> Callable[[Sequence[Any]], dict[str, Any]]:
    sobject = compiled.sobject
    base = f"/services/data/{version}/sobjects/"
    start = 2 + len(paths)
    own = [(each.field.name, each.field, start + at) for at, each in enumerate(compiled.columns) if not each.parents]
    theirs = [(each.parents, each.field, start + at) for at, each in enumerate(compiled.columns) if each.parents]
    shown = {parents[:depth] for parents, _, _ in theirs for depth in range(1, len(parents) + 1)}
    ancestors = [(path, 2 + at, compiled.parents[path][1].name) for at, path in enumerate(paths) if path in shown]
    name, url = sobject.name, f"{base}{sobject.name}/"
    to_json = values.to_json
    changed = [(key, target, at) for key, target, at in own if target.kind in ("boolean", "datetime", "int")]
    verbatim = [(key, at) for key, target, at in own if target.kind not in ("boolean", "datetime", "int")]

    def shaped(row: Sequence[Any]) -> dict[str, Any]:
        record: dict[str, Any] = {"attributes": {"type": name, "url": url + row[1]}}
        for key, at in verbatim:
            record[key] = row[at]
        for key, target, at in changed:
            record[key] = to_json(target, row[at])
        nested: dict[tuple[str, ...], dict[str, Any] | None] = {(): record}
        for path, at, kind in ancestors:
            holder = nested[path[:-1]]
            made = None
            if row[at] is not None:
                made = {"attributes": {"type": kind, "url": f"{base}{kind}/{row[at]}"}}
            nested[path] = made
            if holder is not None:
                holder[path[-1]] = made
        for parents, target, at in theirs:
            holder = nested[parents]
            if holder is not None:
                holder[target.name] = to_json(target, row[at])
        return record

    return shaped


def aggregate(db: sqlite3.Connection, compiled: Compiled) -> list[dict[str, Any]]:
    selected = ", ".join(sql for _, sql, _ in compiled.aggregates)
    group = f" GROUP BY {', '.join(compiled.group)}" if compiled.group else ""
    sql = f"SELECT {selected} FROM {compiled.tables} WHERE {compiled.where}{group}{compiled.tail}"
    records = []
    for row in db.execute(sql, compiled.values):
        record: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
        for (name, _, target), value in zip(compiled.aggregates, row, strict=True):
            record[name] = values.to_json(target, value) if target is not None else value
        records.append(record)
    return records


@dataclass(frozen=True, slots=True)
class Result:
    """A whole query result, of which pages are read."""

    compiled: Compiled
    rows: "array.array[int]"
    page: int


class Queries:
    """Runs queries and keeps the locators of those with more than one page, as long as this process lives."""

    def __init__(self, store: Store, objects: Mapping[str, SObject], *, whole_seconds: bool = False) -> None:
        self.store = store
        self.objects = objects
        self._resolution = 1000 if whole_seconds else 1
        self._open: OrderedDict[str, Result] = OrderedDict()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def compile(self, text: str, *, with_deleted: bool) -> Compiled:
        return compile_query(self.objects, text, with_deleted=with_deleted, resolution=self._resolution)

    def run(self, text: str, version: str, *, with_deleted: bool, page: int) -> dict[str, Any]:
        """The first page: `{totalSize, done, records, nextRecordsUrl}`."""
        compiled = self.compile(text, with_deleted=with_deleted)
        db = self.store.reader
        if compiled.counts_only:
            return {"totalSize": count(db, compiled), "done": True, "records": []}
        if compiled.aggregates:
            records = aggregate(db, compiled)
            return {"totalSize": len(records), "done": True, "records": records}
        result = Result(compiled, matching_rows(db, compiled), page)
        if len(result.rows) <= page:
            return self._page(result, None, 0, version)
        with self._lock:
            # The shape of a real locator: an id, a dash, the row at which the page starts.
            locator = f"0r8Sm0{next(self._numbers):09}AAA"
            self._open[locator] = result
            while len(self._open) > OPEN_LOCATORS:
                self._open.popitem(last=False)
        return self._page(result, locator, 0, version)

    def more(self, locator: str, version: str) -> dict[str, Any]:
        """A further page. Raises ApiError INVALID_QUERY_LOCATOR."""
        name, _, start = locator.rpartition("-")
        with self._lock:
            result = self._open.get(name)
        if result is None or not start.isdecimal() or int(start) >= len(result.rows):
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(result, name, int(start), version)

    def _page(self, result: Result, locator: str | None, start: int, version: str) -> dict[str, Any]:
        end = start + result.page
        records = fetch(self.store.reader, result.compiled, result.rows[start:end], version)
        done = end >= len(result.rows)
        answer: dict[str, Any] = {"totalSize": len(result.rows), "done": done, "records": records}
        if not done:
            answer["nextRecordsUrl"] = f"/services/data/{version}/query/{locator}-{end}"
        return answer


def page_size(options: str | None) -> int:
    """The page size that the header `Sforce-Query-Options: batchSize=500` asks for, within its bounds."""
    for option in (options or "").split(","):
        name, _, number = option.partition("=")
        if name.strip().lower() == "batchsize" and number.strip().isdecimal():
            return max(SMALLEST_PAGE, min(PAGE, int(number)))
    return PAGE
