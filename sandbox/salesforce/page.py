"""The page at `/`: what the org holds, and who asked for what. One file, no script, nothing from elsewhere."""

from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qsl

from sandbox.salesforce import values
from sandbox.salesforce.calls import Entry
from sandbox.salesforce.exchange import Call, Reply
from sandbox.salesforce.org import Org

SHOWN_RECORDS = 50
SHOWN_CALLS = 30
_FIRST = (
    "Id",
    "Name",
    "Subject",
    "Solmu_Id__c",
    "Email",
    "Phone",
    "Industry",
    "Status",
    "AccountId",
    "WhoId",
    "WhatId",
)
_LAST = ("OwnerId", "LastModifiedById", "SystemModstamp", "IsDeleted")
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --quiet: #808080; --accent: #2b6cb0; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { color: var(--quiet); margin: .25rem 0 1rem; } a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; } .wide { overflow-x: auto; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
td.number, th.number { text-align: right; } td { max-width: 22rem; overflow: hidden; text-overflow: ellipsis; }
.bad { color: #c53030; } .gone { opacity: .5; text-decoration: line-through; }
"""


def page(org: Org, call: Call) -> Reply:
    """`/`, or `/?object=Account&from=50`."""
    asked = dict(parse_qsl(call.query))
    chosen = asked.get("object", "Account")
    start = int(asked["from"]) if asked.get("from", "").isdecimal() else 0
    body = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Salesforce sandbox</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><h1>Salesforce sandbox</h1>"
        "<p>A stand-in for tests and the demo. Not Salesforce, and unverified against it.</p>"
        f"{_objects(org)}{_records(org, chosen, start)}{_calls(org.calls.last(SHOWN_CALLS))}</body></html>"
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return Reply(200, body.encode(), "text/html; charset=utf-8", {"Content-Security-Policy": policy})


def _objects(org: Org) -> str:
    db = org.store.reader
    rows = []
    for name in org.objects:
        live, gone = db.execute(f'SELECT COUNT(*) - TOTAL(IsDeleted), TOTAL(IsDeleted) FROM "{name}"').fetchone()
        link = f'<a href="/?object={name}">{name}</a>'
        rows.append(f'<tr><td>{link}</td><td class="number">{int(live)}</td><td class="number">{int(gone)}</td></tr>')
    head = '<tr><th>Object</th><th class="number">Records</th><th class="number">In the recycle bin</th></tr>'
    return f"<h2>Objects</h2><table>{head}{''.join(rows)}</table>"


def _records(org: Org, name: str, start: int) -> str:
    sobject = org.objects.get(name)
    if sobject is None:
        return f"<h2>Records</h2><p>There is no object {escape(name)}.</p>"
    fields = [sobject.fields[each] for each in (*_FIRST, *_LAST) if each in sobject.fields]
    columns = ", ".join(f'"{field.name}"' for field in fields)
    sql = f'SELECT IsDeleted, {columns} FROM "{sobject.name}" ORDER BY SystemModstamp DESC, Id LIMIT ? OFFSET ?'
    found = org.store.reader.execute(sql, (SHOWN_RECORDS + 1, start)).fetchall()
    rows = []
    for row in found[:SHOWN_RECORDS]:
        shown = "".join(
            f"<td>{escape(values.to_csv(field, each))}</td>" for field, each in zip(fields, row[1:], strict=True)
        )
        rows.append(f"<tr{' class=gone' if row[0] else ''}>{shown}</tr>")
    head = "".join(f"<th>{escape(field.name)}</th>" for field in fields)
    more = ""
    if start:
        more += f'<a href="/?object={name}&amp;from={max(0, start - SHOWN_RECORDS)}">newer</a> '
    if len(found) > SHOWN_RECORDS:
        more += f'<a href="/?object={name}&amp;from={start + SHOWN_RECORDS}">older</a>'
    table = f'<div class="wide"><table><tr>{head}</tr>{"".join(rows)}</table></div>'
    return f"<h2>{escape(sobject.plural)}</h2>{table}<p>{more}</p>"


def _calls(entries: list[Entry]) -> str:
    rows = []
    for each in reversed(entries):
        cells: Mapping[str, str] = {
            "Time": each.time[11:23],
            "Call": f"{each.method} {each.path}",
            "Status": str(each.status),
            "Records": str(each.records),
            "In": str(each.bytes_in),
            "Out": str(each.bytes_out),
            "ms": f"{each.seconds * 1000:.1f}",
            "Told to": each.fault or "",
        }
        bad = " class=bad" if each.status >= 400 else ""
        rows.append(f"<tr{bad}>{''.join(f'<td>{escape(cell)}</td>' for cell in cells.values())}</tr>")
    head = "".join(f"<th>{name}</th>" for name in ("Time", "Call", "Status", "Records", "In", "Out", "ms", "Told to"))
    return f'<h2>Last calls</h2><div class="wide"><table><tr>{head}</tr>{"".join(rows)}</table></div>'
