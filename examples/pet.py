"""A pet that follows its owner wherever that goes, over borders too, and waits where it has lost sight of it."""

from scripts_api import Script, Vector

SIGHT_M = 90.0
NEAR_M = 2.0
SPEED_M_PER_S = 25.0


class Pet(Script):
    """Looks in one microthread, and lets itself be stroked in another."""

    sees = None

    def on_start(self):
        self.spawn(self.follow)

    def follow(self):
        while True:
            found = self.sense(SIGHT_M, kind="agent", name=self.object.owner)
            self.notice(bool(found))
            self.object.velocity = self.way_to(found[0]) if found else Vector()
            self.sleep(0.2)

    def notice(self, sees):
        if sees != self.sees:
            self.say(f"{self.object.owner}!" if sees else f"Where is {self.object.owner}?")
            self.sees = sees

    def way_to(self, friend):
        """The velocity that leads there: the nearer, the slower."""
        way = friend.position - self.object.position
        if way.length <= NEAR_M:
            return Vector()
        return way.unit * min(SPEED_M_PER_S, 2 * way.length)

    def on_touch(self, toucher):
        self.say("purrs" if toucher.name == self.object.owner else "growls")

    def on_arrive(self, from_region):
        self.log(f"from {from_region} to {self.region.name}, after {self.object.owner}")
