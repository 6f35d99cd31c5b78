"""Proposing a mapping for a table of orders, invoices or their lines: by its columns' names and their values. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Literal

from solmu.propose import order_words
from solmu.propose.document import mapping_document
from solmu.propose.evidence import Evidence, evidence
from solmu.propose.headings import readings
from solmu.propose.proposal import Column, Proposal, propose
from solmu.propose.reading import EXACT, SEGMENT
from solmu.propose.words import folded, squash, words

Rows = Literal["order", "invoice", "order line"]
CustomersOf = Callable[[str], str | None]
"""Gives the stream whose records a column names by their key, or None."""


@dataclass(frozen=True, slots=True)
class Orders:
    """A proposal: the mapping as ``document``, what each row is, and what each column became, for its comments."""

    document: dict[str, Any]
    rows: Rows
    columns: tuple[Column, ...]

    @property
    def reads(self) -> int:
        """How many columns it reads."""
        return sum(each.field not in (None, "ignore") for each in self.columns)

    @property
    def described(self) -> Proposal:
        """The columns as whoever writes the mapping's comments wants them."""
        return Proposal(self.columns, "contact", None, None, None)


def propose_orders(
    samples: Mapping[str, Sequence[Any]],
    customers_of: CustomersOf,
    *,
    title: str = "",
    key: Sequence[str] = (),
    customer_keys: Collection[str] = (),
) -> Orders | None:
    """Propose a mapping for a table of orders; None for one that is none, or that does not say who ordered.

    ``samples``: column to some of its values, in the table's order. ``title``: what the table is called; ``key``: the
    columns that tell its rows apart. Who ordered is said by the customer's key in another stream (``customers_of``;
    ``customer_keys`` are what such keys are called there), or by a name in the row itself.
    """
    found = _fields(samples, title, key, {squash(name) for name in customer_keys} - order_words.KEYS)
    is_line = "product" in found and ("quantity" in found or "line" in found)
    number = "number" if "number" in found else "invoice"
    if number not in found or (not {"on", "amount"} & found.keys() and not is_line):
        return None
    rows: Rows = "order line" if is_line else "order" if number == "number" else "invoice"
    named = _named(samples, {column for field, column in found.items() if field != "customer"})
    document, block = _block(samples, found, rows, number)
    of = customers_of(found["customer"]) if "customer" in found else None
    if of is not None:
        block["of"] = {"stream": of, "key": {"from": found["customer"]}}
        taken: dict[str, str] = {found["customer"]: "customer"}
    elif named is not None:
        told, people = named
        document |= {name: told[name] for name in ("organisation", "person", "require") if name in told}
        taken = {each.name: str(each.field) for each in people.columns if each.field not in (None, "ignore")}
        if "customer" in found and found["customer"] not in taken and "organisation" in told:
            document["organisation"] = {"customer_number": found["customer"], **told["organisation"]}
            taken[found["customer"]] = "organisation.customer_number"
    else:
        return None
    key = block.pop("of", None)
    place = "order_line" if is_line else "order"
    document[place] = {**block, **({"of": key} if key else {})}
    fields = {column: f"{place}.{field}" for field, column in found.items() if field in block}
    fields |= {found[number]: f"{place}.number"}
    ignored = [name for name in samples if squash(name) in order_words.KEYS and name not in (*fields, *taken)]
    if ignored:
        document["ignore"] = ignored
    columns = [
        Column(
            name, fields.get(name) or taken.get(name) or ("ignore" if name in ignored else None), EXACT, "nothing known"
        )
        for name in samples
    ]
    return Orders(document, rows, tuple(columns))


def _block(
    samples: Mapping[str, Sequence[Any]], found: Mapping[str, str], rows: Rows, number: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The mapping's beginning, and what it says of the order itself."""
    block: dict[str, Any] = {"number": found[number]}
    if rows == "order line":
        names: tuple[str, ...] = ("line", "product", "quantity", "amount")
    else:
        block["kind"] = {"const": rows}
        names = ("on", "amount", "currency", "status")
    for name in names:
        if name in found:
            order = evidence(samples[found[name]]).order if name == "on" else None
            block[name] = {"from": found[name], **({"order": order} if order else {})} if order else found[name]
    return {"record": "order" if rows == "invoice" else rows}, block


def is_called_orders(title: str) -> bool:
    """Whether a table is called what tables of orders are: ``auftraege``, ``tbl_orders``."""
    return any(word in order_words.TABLES for word in (squash(title), *folded(title).split()))


def _fields(
    samples: Mapping[str, Sequence[Any]], title: str, key: Sequence[str], customer_keys: Set[str]
) -> dict[str, str]:
    """The column of each field, by its heading, as far as its values allow; of several the one named most plainly."""
    known = (
        ("number", order_words.ORDER_NUMBER, _any),
        ("invoice", order_words.INVOICE_NUMBER, _any),
        ("on", order_words.DATE, _is_date),
        ("made", order_words.MADE, _is_date),
        ("amount", order_words.AMOUNT, _is_number),
        ("currency", order_words.CURRENCY, _any),
        ("status", order_words.STATUS, _any),
        ("customer", order_words.CUSTOMER | customer_keys | _customer_numbers(samples), _is_key),
        ("line", order_words.LINE, _is_number),
        ("product", order_words.PRODUCT, _any),
        ("quantity", order_words.QUANTITY, _is_number),
    )
    found: dict[str, str] = {}
    headings = {name: squash(name) for name in samples}
    looks = {name: evidence(values) for name, values in samples.items()}
    for field, meanings, fits in known:
        those = [name for name in samples if headings[name] in meanings and name not in found.values()]
        fitting = [name for name in those if fits(looks[name])]
        if fitting:
            # "Order date" before "Date", "Customer id" before "Customer"; but "Order no" before a key.
            own = field in ("number", "invoice")
            found[field] = max(
                fitting, key=lambda name: (not (own and headings[name].endswith("id")), len(headings[name]))
            )
    made = found.pop("made", None)
    if made is not None:
        found.setdefault("on", made)
    keys = [name for name in samples if headings[name] in order_words.KEYS]
    numbers = [*keys, *(key if len(key) == 1 and key[0] not in found.values() else ())]
    if squash(title) in order_words.TABLES and numbers:
        found.setdefault("number", numbers[0])
    return found


def _customer_numbers(samples: Mapping[str, Sequence[Any]]) -> frozenset[str]:
    """The headings that would be a customer's number in a list of customers too."""
    known = words()
    read = {squash(name): readings(name, known)[:1] for name in samples}
    return frozenset(
        heading
        for heading, best in read.items()
        if any(each.concept == "organisation.customer_number" and each.confidence > SEGMENT for each in best)
    )


def _any(_: Evidence) -> bool:
    return True


def _is_date(look: Evidence) -> bool:
    return not look.filled or look.share("date") >= 0.8


def _is_number(look: Evidence) -> bool:
    return not look.filled or look.share("number") >= 0.8


def _is_key(look: Evidence) -> bool:
    """Not a name: what names a customer in so many words is read as such."""
    return not look.filled or (look.share("company") < 0.2 and look.share("email") < 0.2)


def _named(samples: Mapping[str, Sequence[Any]], taken: set[str]) -> tuple[dict[str, Any], Proposal] | None:
    """The customer as the row itself names it, by the columns that say nothing of the order."""
    proposal = propose({name: values for name, values in samples.items() if name not in taken}, kind="contact")
    try:
        return mapping_document(proposal), proposal
    except ValueError:
        return None


__all__ = ["CustomersOf", "Orders", "Rows", "is_called_orders", "propose_orders"]
