"""Who runs next: deficit round robin over owners, their objects, and those objects' scripts.

The one idea: at each of the three levels the runnable members stand in a ring. Whoever comes to the head is
given a quantum; it runs slices until what it used has eaten the quantum up, then goes to the back. So time is
shared first by owner, then by object, then by script; a flood of scripts gains its owner nothing, and a debt
from one long slice is paid off before the next.

Nothing here depends on how many there are: a ring is a chain from each member to the next, of which the last is
kept, so to join, to leave and to go to the back are two assignments, and no ring takes memory of its own. Members that
are not runnable are in no ring and cost nothing.

It does not run anything, and knows no clock: `turns` goes round the rings, gives the quanta and takes off what was
used.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar


class Member:
    """One that shares time: an owner, an object, a script. `after`: who comes next in the ring it is in."""

    __slots__ = ("after", "deficit_us")

    # Any: the next of its own kind, which the class of a link can't say.
    after: Any

    def __init__(self) -> None:
        self.after = None
        self.deficit_us = 0


class Group(Member):
    """One whose members share what it has: an owner, an object. `last`: the one at the back of its ring."""

    __slots__ = ("last",)

    last: Any

    def __init__(self) -> None:
        super().__init__()
        self.last = None


class Body(Group):
    """An object: what it needs to share time."""

    __slots__ = ()

    owner: str


class Task(Member):
    """A script: what it needs to share time."""

    __slots__ = ()

    body: Body

    @property
    def runnable(self) -> bool:
        """Whether there is something to run."""
        raise NotImplementedError


Script = TypeVar("Script", bound=Task)


class Scheduler(Generic[Script]):
    """The three levels of rings. `owners`: the outermost. `queued`: scripts in all of them. `quantum_us`: what each is
    given when its turn comes: the length of a slice.
    """

    def __init__(self, quantum_us: int) -> None:
        self.quantum_us = quantum_us
        self.owners = Group()
        self._owners: dict[str, Group] = {}
        self.queued = 0

    def wake(self, script: Script) -> None:
        """Put a script that has become runnable into the rings. Each level is spelt out: it is done for every event."""
        if script.after is not None:
            return
        self.queued += 1
        body = script.body
        last, body.last = body.last, script
        if last is not None:
            script.after, last.after = last.after, script
            return
        script.after = script
        owner = self._owners.get(body.owner)
        if owner is None:
            owner = self._owners[body.owner] = Group()
        last, owner.last = owner.last, body
        if last is not None:
            body.after, last.after = last.after, body
            return
        body.after = body
        ring = self.owners
        last, ring.last = ring.last, owner
        if last is not None:
            owner.after, last.after = last.after, owner
            return
        owner.after = owner

    def charge(self, body: Body, used_us: int) -> None:
        """Take what was done for an object outside of its scripts' turns off its share and its owner's."""
        body.deficit_us -= used_us
        owner = self._owners.get(body.owner)
        if owner is not None:
            owner.deficit_us -= used_us

    def leave(self, owner: Group, body: Body, script: Script) -> None:
        """Take the script at the head out, and whatever above it has no runnable member left.

        Nobody saves up while idle; a debt stays.
        """
        self.queued -= 1
        after, script.after = script.after, None
        if script.deficit_us > 0:
            script.deficit_us = 0
        if after is not script:
            body.last.after = after
            return
        body.last = None
        after, body.after = body.after, None
        if body.deficit_us > 0:
            body.deficit_us = 0
        if after is not body:
            owner.last.after = after
            return
        owner.last = None
        after, owner.after = owner.after, None
        if owner.deficit_us > 0:
            owner.deficit_us = 0
        if after is not owner:
            self.owners.last.after = after
            return
        self.owners.last = None
