"""The host's own objects in an object's heap: its scripts' hosts, and their views of the object and the region.

The one idea: they are written as a name, and a reader puts its own in their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simulator.world.objects import WorldObject


class HostObjects(Mapping[str, object]):
    """The host's own objects that scripts refer to, found by name when they are asked for: most scripts hold
    none.
    """

    def __init__(self, body: WorldObject) -> None:
        self._scripts = body.scripts

    def __getitem__(self, name: str) -> object:
        kind, _, index = name.partition(" ")
        if (
            kind not in ("script", "object", "region")
            or not index.isdigit()
            or int(index) >= len(self._scripts)
        ):
            raise KeyError(name)
        script = self._scripts[int(index)]
        return script if kind == "script" else getattr(script, kind)

    def __iter__(self) -> Iterator[str]:
        return (f"{kind} {i}" for i in range(len(self._scripts)) for kind in ("script", "object", "region"))

    def __len__(self) -> int:
        return 3 * len(self._scripts)


def names_of_hosts(body: WorldObject) -> dict[int, str]:
    """Return the names of those host objects that there are, by `id`."""
    named: dict[int, str] = {}
    for index, script in enumerate(body.scripts):
        named[id(script)] = f"script {index}"
        if script.own is not None:
            named[id(script.own)] = f"object {index}"
        if script.own_region is not None:
            named[id(script.own_region)] = f"region {index}"
    return named
