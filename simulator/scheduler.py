"""Who runs next: deficit round robin over owners, their objects, and those objects' scripts.

The one idea: at each of the three levels the runnable members stand in a ring. Whoever comes to the head is
given a quantum; it runs slices until what it used has eaten the quantum up, then goes to the back. So time is
shared first by owner, then by object, then by script; a flood of scripts gains its owner nothing, and a debt
from one long slice is paid off before the next.

It does not run anything, and knows no clock: what a slice took is told to it. Members that are not runnable
are in no ring and cost nothing.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar


class Member:
    """One that shares time: an owner, an object, a script. `ring`: its runnable members, None for a script."""

    __slots__ = ("deficit_us", "queued", "ring")

    deficit_us: int
    queued: bool
    ring: deque[Member] | None

    def __init__(self) -> None:
        self.deficit_us = 0
        self.queued = False
        self.ring = None

    @property
    def above(self) -> Member:
        """What it is a member of."""
        raise NotImplementedError

    @property
    def runnable(self) -> bool:
        """Whether there is something to run."""
        raise NotImplementedError


class Owner(Member):
    """Somebody who has objects here."""

    __slots__ = ("root",)

    def __init__(self, root: Member) -> None:
        super().__init__()
        self.root = root

    @property
    def above(self) -> Member:
        """The top ring, whose members are the owners."""
        return self.root


Script = TypeVar("Script", bound=Member)


class Scheduler(Generic[Script]):
    """The three levels of rings."""

    def __init__(self, quantum_us: int) -> None:
        """`quantum_us`: what each is given when its turn comes: the length of a slice."""
        self._quantum_us = quantum_us
        self._root = Member()
        self._root.ring = deque()
        self._owners: dict[str, Owner] = {}
        self.queued = 0

    def owner(self, name: str) -> Owner:
        """Return the owner of that name."""
        owner = self._owners.get(name)
        if owner is None:
            owner = self._owners[name] = Owner(self._root)
        return owner

    def wake(self, script: Script) -> None:
        """Put a script that has become runnable into the rings."""
        if script.queued:
            return
        self.queued += 1
        member: Member = script
        while member is not self._root and not member.queued:
            above = member.above
            if above.ring is None:
                above.ring = deque()
            above.ring.append(member)
            member.queued = True
            member = above

    def next(self) -> Script | None:
        """Return the script whose turn it is, or None if none is runnable. Call `ran` when it has run."""
        while self._root.ring:
            script = self._head()
            if script.runnable:
                return script
            self._drop(script)
        return None

    def ran(self, script: Script, used_us: int) -> None:
        """Take what a slice of the script took off its share, its object's and its owner's."""
        if not script.runnable:
            self._drop(script)
        member: Member = script
        while member is not self._root:
            above = member.above
            member.deficit_us -= used_us
            if member.deficit_us <= 0 and member.queued:
                assert above.ring is not None
                assert above.ring[0] is member
                above.ring.rotate(-1)
            elif not member.queued:
                # Nobody saves up while idle; a debt stays.
                member.deficit_us = min(0, member.deficit_us)
            member = above

    def _head(self) -> Script:
        member = self._root
        while member.ring is not None:
            ring = member.ring
            while ring[0].deficit_us <= 0:
                ring[0].deficit_us += self._quantum_us
                if ring[0].deficit_us <= 0:
                    ring.rotate(-1)
            member = ring[0]
        return member  # type: ignore[return-value]  # a member without a ring is a script

    def _drop(self, script: Script) -> None:
        """Take the script at the head out, and whatever above it has no runnable member left."""
        self.queued -= 1
        member: Member = script
        while member is not self._root:
            above = member.above
            assert above.ring is not None
            assert above.ring[0] is member
            above.ring.popleft()
            member.queued = False
            if above.ring:
                return
            if above is not self._root:
                above.ring = None
            member = above
