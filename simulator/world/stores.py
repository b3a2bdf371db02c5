"""The key-value stores of objects: copies in, copies out.

The one idea: a value lies there as the bytes that it would travel as, so it can't change behind anybody's
back, its size is known, and saving an object costs nothing more for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scripts_api import LimitReached, StoreChanged
from simulator.world.copies import copied, value_of
from simulator.world.objects import WorldObject

if TYPE_CHECKING:
    from simulator.world.calls import ScriptCalls
    from simulator.world.world import World


class Stores:
    """Reading and writing the stores of a region's objects."""

    def __init__(self, world: World) -> None:
        self._world = world

    def get(self, body: WorldObject, key: str) -> Any:
        """Return a copy of what an object keeps under a key. Raises `KeyError`."""
        return value_of((body.store or {})[key])

    def put(self, script: ScriptCalls, key: str, value: object) -> None:
        """Keep a copy, and tell the object's other scripts. Raises `ScriptError`, `LimitReached`."""
        body = script.body
        data = copied(f"object.store[{key!r}]", value)
        store = body.store if body.store is not None else {}
        size = (
            sum(len(each) + len(held) for each, held in store.items() if each != key) + len(key) + len(data)
        )
        if size > self._world.limits.store_bytes_max:
            raise LimitReached(
                f"object.store: with {key!r} it would hold {size} bytes; at most"
                f" {self._world.limits.store_bytes_max} fit. Delete keys that are not needed."
            )
        store[key] = data
        body.store = store
        self._changed(script, key, value_of(data))

    def delete(self, script: ScriptCalls, key: str) -> None:
        """Forget a key, and tell the object's other scripts. Raises `KeyError`."""
        body = script.body
        if body.store is None or key not in body.store:
            raise KeyError(key)
        del body.store[key]
        body.store = body.store or None
        self._changed(script, key, None)

    def _changed(self, script: ScriptCalls, key: str, value: object) -> None:
        self._world.touched(script.body)
        for other in script.body.scripts:
            if other is not script:
                other.deliver(StoreChanged(key, value))
