"""Handles to objects and agents: what a script keeps of others, valid on the whole grid.

The one idea: a ref is an id that never changes and is never used again, with the name as it was when the ref
was made. Two refs are equal when they mean the same object, whatever its name was. Holding one keeps nothing
alive.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """An object, wherever it is.

    Second Life: the key of an object.
    """

    id: str
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class AgentRef:
    """Someone who is in the world: a person's client, or a program.

    Second Life: the key of an avatar.
    """

    id: str
    name: str = field(default="", compare=False)
