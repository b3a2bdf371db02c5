"""A traveller that tells of every border: on_arrive, on_depart and what the world's end feels like."""

from scripts_api import Script, Vector


class Traveller(Script):
    """Walks north-east and back, whatever happens."""

    diary = ()

    def on_start(self):
        self.note(f"set out in {self.region.name}")
        self.object.velocity = Vector(4.0, 1.0, 0.0)

    def on_depart(self, to_region):
        self.note(f"saw {to_region} ahead")

    def on_arrive(self, from_region):
        self.note(f"came from {from_region} to {self.region.name}")

    def on_crossing_denied(self, region, reason):
        self.note(f"turned back: {reason}")

    def note(self, line):
        self.diary = [*self.diary, line][-10:]
        self.say(line)

    def on_touch(self, toucher):
        self.say("; ".join(self.diary))
