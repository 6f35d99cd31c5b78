"""Ids by anchor: a cluster carries the id that one of its mentions was born with.

The anchor is the pinned mention, else the one born first. So ids need no memory of their own: after a split each part
carries its own anchor's id, and when the parts come together again, so does the id.
"""

from __future__ import annotations

from collections.abc import Collection


def anchor(cluster: Collection[int], pinned: Collection[int] = ()) -> int:
    """The mention whose id the cluster's golden record carries. Mention ids grow in the order of birth.

    Of several pinned mentions in one cluster the one born first is taken; a pin outside the cluster says nothing.
    """
    return min((mention for mention in cluster if mention in pinned), default=None) or min(cluster)
