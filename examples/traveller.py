"""A traveller that keeps a diary of every border: on_arrive, on_depart and what the world's end feels like."""

from scripts_api import Script, Vector


class Traveller(Script):
    """Walks north-east and back, whatever happens."""

    diary = ()

    def on_start(self):
        self.diary = [f"set out in {self.region.name}"]
        self.object.velocity = Vector(4.0, 1.0, 0.0)

    def on_depart(self, to_region):
        self.diary.append(f"saw {to_region} ahead")

    def on_arrive(self, from_region):
        self.diary.append(f"came from {from_region} to {self.region.name}")

    def on_crossing_denied(self, region, reason):
        self.diary.append(f"turned back: {reason}")

    def on_touch(self, toucher):
        self.say("; ".join(self.diary))
