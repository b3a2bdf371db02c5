"""Who runs next: deficit round robin over owners, their objects, and those objects' scripts.

The one idea: at each of the three levels the runnable members stand in a ring. Whoever comes to the head is
given a quantum; it runs slices until what it used has eaten the quantum up, then goes to the back. So time is
shared first by owner, then by object, then by script; a flood of scripts gains its owner nothing, and a debt
from one long slice is paid off before the next.

Nothing here depends on how many there are: a ring is a chain from each member to the next, of which the last is
kept, so to join, to leave and to go to the back are two assignments, and no ring takes memory of its own.

It does not run anything, and knows no clock: what a slice took is told to it. Members that are not runnable
are in no ring and cost nothing.
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
    """The three levels of rings. `queued`: scripts in them."""

    def __init__(self, quantum_us: int) -> None:
        """`quantum_us`: what each is given when its turn comes: the length of a slice."""
        self._quantum_us = quantum_us
        self._owners_ring = Group()
        self._owners: dict[str, Group] = {}
        self.queued = 0

    def wake(self, script: Script) -> None:
        """Put a script that has become runnable into the rings."""
        if script.after is not None:
            return
        self.queued += 1
        body = script.body
        if body.last is None:
            owner = self._owners.get(body.owner)
            if owner is None:
                owner = self._owners[body.owner] = Group()
            if owner.last is None:
                _join(self._owners_ring, owner)
            _join(owner, body)
        _join(body, script)

    def next(self) -> Script | None:
        """Return the script whose turn it is, or None if none is runnable. Call `ran` when it has run."""
        quantum_us, ring = self._quantum_us, self._owners_ring
        while ring.last is not None:
            owner = ring.last.after
            if owner.deficit_us <= 0:
                owner.deficit_us += quantum_us
                if owner.deficit_us <= 0:
                    ring.last = owner
                    continue
            body = owner.last.after
            if body.deficit_us <= 0:
                body.deficit_us += quantum_us
                if body.deficit_us <= 0:
                    owner.last = body
                    continue
            script: Script = body.last.after
            if script.deficit_us <= 0:
                script.deficit_us += quantum_us
                if script.deficit_us <= 0:
                    body.last = script
                    continue
            if script.runnable:
                return script
            self._leave(owner, body, script)
        return None

    def ran(self, script: Script, used_us: int) -> None:
        """Take what a slice of the script took off its share, its object's and its owner's."""
        ring, body = self._owners_ring, script.body
        owner = ring.last.after
        assert owner.last.after is body
        assert body.last.after is script
        script.deficit_us -= used_us
        body.deficit_us -= used_us
        owner.deficit_us -= used_us
        if not script.runnable:
            self._leave(owner, body, script)
        elif script.deficit_us <= 0:
            body.last = script
        if body.deficit_us <= 0 and body.after is not None:
            owner.last = body
        if owner.deficit_us <= 0 and owner.after is not None:
            ring.last = owner

    def _leave(self, owner: Group, body: Body, script: Script) -> None:
        """Take the script at the head out, and whatever above it has no runnable member left."""
        self.queued -= 1
        if _left(body, script) and _left(owner, body):
            _left(self._owners_ring, owner)


def _join(ring: Group, member: Member) -> None:
    """Go to the back of a ring."""
    last = ring.last
    if last is None:
        member.after = member
    else:
        member.after, last.after = last.after, member
    ring.last = member


def _left(ring: Group, member: Member) -> bool:
    """Take the one at the head out of its ring; return whether that is empty now."""
    after, member.after = member.after, None
    if member.deficit_us > 0:
        # Nobody saves up while idle; a debt stays.
        member.deficit_us = 0
    if after is member:
        ring.last = None
        return True
    ring.last.after = after
    return False
