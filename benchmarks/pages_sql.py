"""The SQL that somebody would write who knows the tables, for all that a page's function reads; ``pages.py`` sends it.

A customer's page shows a dozen kinds of things, so its peer is a dozen statements, as whoever writes them by hand would
not join orders with mentions: the golden record, who speaks of it with their claims and aliases, pins, comparisons,
records in CRMs and what waits there, people and organisations around it, and the newest of what happened with any of
them. Conditions are worded so that the indexes serve them.

With named parameters. Of a search, the kinds of evidence are asked for one after the other, as nobody says which kind
it is that was typed: the first that finds somebody answers, and the last statement reads whom it found.
"""

from __future__ import annotations

_LIVE = "JOIN link l ON l.mention_id = {0}.mention_id AND l.until IS NULL"
_NUMBER = "SELECT DISTINCT l.golden_id FROM {0} n " + _LIVE.format("n") + " WHERE n.number = :text LIMIT 20"

EVIDENCE = (
    "SELECT DISTINCT l.golden_id FROM remote r " + _LIVE.format("r") + " WHERE r.remote_id = :text LIMIT 20",
    "SELECT id FROM golden WHERE state <> 'merged' AND id IN (SELECT id FROM golden WHERE email = :text UNION ALL "
    "SELECT l.golden_id FROM block_key b "
    + _LIVE.format("b")
    + " WHERE b.key IN (:person_key, :organisation_key)) LIMIT 20",
    _NUMBER.format('"order"'),
    _NUMBER.format("deal"),
    _NUMBER.format("lead"),
    "SELECT DISTINCT l.golden_id FROM cursor c JOIN source_record s ON s.connection = c.connection "
    "AND s.stream = c.stream AND s.key = :text JOIN mention m ON m.record_id = s.id JOIN link l ON l.mention_id = m.id "
    "AND l.until IS NULL LIMIT 20",
    "SELECT id FROM golden WHERE business_id = :text AND state <> 'merged' LIMIT 20",
    "SELECT id FROM golden WHERE entity IN ('organisation', 'person') AND search_name = :low AND state <> 'merged' "
    "LIMIT 20",
    "SELECT DISTINCT l.golden_id FROM block_key b " + _LIVE.format("b") + " WHERE b.key = :name_key LIMIT 20",
    "SELECT id FROM golden WHERE entity IN ('organisation', 'person') AND search_name LIKE :begins "
    "AND state <> 'merged' LIMIT 20",
)
WHOM = "SELECT * FROM golden WHERE id = :found ORDER BY entity, search_name, id"

_THEIRS = "SELECT l.mention_id FROM link l WHERE l.golden_id = :id AND l.until IS NULL"
_PEOPLE = (
    "SELECT l.golden_id FROM link o JOIN affiliation a ON a.other_mention_id = o.mention_id AND a.state = 'live' "
    + _LIVE.format("a")
    + " WHERE o.golden_id = :id AND o.until IS NULL"
)
_OF_THEM = (
    'SELECT t.document, t."on", g.public_id, g.name, s.connection, s.stream, s.key FROM {0} t '
    + _LIVE.format("t")
    + " JOIN golden g ON g.id = l.golden_id JOIN source_record s ON s.id = t.record_id "
    "WHERE t.mention_id IN (SELECT k.mention_id FROM link k WHERE k.until IS NULL AND k.golden_id IN (SELECT :id UNION "
    + _PEOPLE
    + ")) AND t.state = 'live' ORDER BY t.\"on\" DESC LIMIT 31"
)
_AROUND = (
    "SELECT g.id, g.public_id, g.entity, g.name, t.document FROM {0} t JOIN link l ON l.mention_id = t.{1} "
    "AND l.until IS NULL JOIN golden g ON g.id = l.golden_id WHERE t.{2} IN ("
    + _THEIRS
    + ") AND t.state = 'live' LIMIT 500"
)
CUSTOMER = (
    "SELECT * FROM golden WHERE public_id = :public_id AND state <> 'merged'",
    "SELECT m.*, s.connection, s.stream, s.key, l.since, l.why FROM link l JOIN mention m ON m.id = l.mention_id "
    "JOIN source_record s ON s.id = m.record_id WHERE l.golden_id = :id AND l.until IS NULL ORDER BY m.id",
    f"SELECT * FROM pin WHERE mention_id IN ({_THEIRS}) AND withdrawn_at IS NULL",
    f"SELECT * FROM pair WHERE left_id IN ({_THEIRS}) AND right_id IN ({_THEIRS})",
    f"SELECT * FROM remote WHERE mention_id IN ({_THEIRS})",
    "SELECT c.* FROM conflict c JOIN remote r ON r.id = c.remote_pk "
    f"WHERE r.mention_id IN ({_THEIRS}) AND c.state = 'open'",
    _AROUND.format("affiliation", "mention_id", "other_mention_id"),
    _AROUND.format("relation", "mention_id", "other_mention_id"),
    _AROUND.format("relation", "other_mention_id", "mention_id"),
    *(_OF_THEM.format(table) for table in ('"order"', "lead", "deal", "activity")),
)  # fmt: skip

_SHOWN = "SELECT id, public_id, name, city, country, email, phone, mentions, updated_at FROM golden "
_COUNTED = "SELECT count(*) FROM (SELECT 1 FROM {0} LIMIT 10001) c"
_ALL = "golden WHERE entity = 'organisation' AND state = 'live'"
_COLUMNS = "golden_id, public_id, name, country, tier, owner, contacted_on, next_on, filled"
_LISTS = {
    # In the order of the index, by name of both of its columns: PostgreSQL would sort all of them otherwise.
    "no-owner": ("owner IS NULL", "owner, name"),
    "no-next-step": ("next_on IS NULL", "next_on, name"),
    "unreachable": ("reachable = false", "reachable, name"),
    "long-ago": ("tier IN ('', 'dealer', 'maker', 'workshop') AND contacted_on < :since", "contacted_on"),
    "completeness": ("filled < 1", "filled"),
}
BY_HAND: dict[str, tuple[str, ...]] = {
    "a customer": CUSTOMER,
    "all customers": (
        _SHOWN + "WHERE entity = 'organisation' AND state = 'live' ORDER BY search_name, id LIMIT 51",
        _COUNTED.format(_ALL),
    ),
    "all customers, page 200": (
        _SHOWN + "WHERE entity = 'organisation' AND state = 'live' ORDER BY search_name, id LIMIT 51 OFFSET 9950",
        _COUNTED.format(_ALL),
    ),
    "customers of a country": (
        _SHOWN + "WHERE entity = 'organisation' AND state = 'live' AND country = 'FI' AND mentions > 0 "
        "ORDER BY search_name, id LIMIT 51",
        _COUNTED.format(f"{_ALL} AND country = 'FI' AND mentions > 0"),
    ),
    **{
        f"list {name}": (
            "SELECT value FROM meta WHERE name = 'follow-up'",  # when it was counted, and which tiers there are
            f"SELECT {_COLUMNS} FROM follow_up WHERE {where} ORDER BY {order}, golden_id LIMIT 51",
            _COUNTED.format(f"follow_up WHERE {where}"),
        )
        for name, (where, order) in _LISTS.items()
    },
}  # fmt: skip
