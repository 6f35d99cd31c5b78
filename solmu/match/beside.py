"""What resolving works out in a process beside the one that stores: see ``solmu.beside.ahead``.

Mentions are read and given their keys there; and of an entity of which the store knew nothing, they are compared with
one another. Then no pair was stored before, and nothing of what is stored meanwhile has to do with the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from solmu.match.index import Mentions
from solmu.match.known import Page, packed
from solmu.match.model import Model
from solmu.match.pairing import Compared, Pairing
from solmu.model import Entity
from solmu.store import Store


class Beside:
    """Works out the pages that ``resolve`` asks for, one turn after the other."""

    def __init__(
        self, store: Store, mentions: Callable[[Entity], Mentions], models: Callable[[Entity], Model], cap: int
    ) -> None:
        self._store = store
        self._mentions_of = mentions
        self._models = models
        self._cap = cap
        self._turn = 0
        self._open = ExitStack()

    def see(self, page: Page) -> bytes:
        """These mentions as the index needs them, packed."""
        self._come_to(page)
        with self._store.read() as connection:
            seen = self._mentions.see(connection, page.ids)
        self._mentions.keep(seen)
        return packed(seen)

    def compare(self, page: Page) -> Compared:
        """What comparing these mentions comes to. All pages of a turn come here, or none, after all have been seen."""
        self._come_to(page)
        return self._pairing.compare(page.ids)

    def _come_to(self, page: Page) -> None:
        if page.turn == self._turn:
            return
        self._open.close()
        self._turn = page.turn
        self._mentions = self._mentions_of(page.entity)
        self._open.enter_context(self._mentions.shelved())
        model = self._models(page.entity)
        self._pairing = Pairing(self._store, self._mentions, model, _Everybody(), cap=self._cap, crms=(), run_id="")


class _Everybody:
    """Where the store knew nothing of an entity, whoever is in the index is going to be compared."""

    def __contains__(self, _: object) -> bool:
        return True
