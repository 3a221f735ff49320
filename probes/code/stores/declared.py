"""A team's own class as a store, as its configuration declares it."""

from __future__ import annotations

from typing import NamedTuple

from assay.probes.code.stores.base import Act, Gives, Library, row


class DeclaredStore(NamedTuple):
    """A class that is a store: its dotted name, and which of its methods read and which write, each write at once."""

    name: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


def library(store: DeclaredStore) -> Library:
    """The store as a library of its own, with one kind of handle that has the name of the class."""
    return Library(
        name=store.name,
        makes={store.name: store.name},
        types={store.name: store.name},
        rows=(
            row(store.name, " ".join(store.reads), Act.READ),
            row(store.name, " ".join(store.writes), Act.WRITE, gives=Gives.WRITTEN, data=None),
        ),
        declared=True,
    )
