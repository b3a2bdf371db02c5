"""A relay race: whoever has the baton runs east until it comes upon the next runner, however many borders away."""

from scripts_api import CrossingDenied, Script, Vector

SPEED_M_PER_S = 40.0
REACH_M = 5.0


class Runner(Script):
    """Put some in a row and touch the westernmost. The baton is a list of all who had it."""

    def on_touch(self, toucher):
        self.run([])

    def on_message(self, sender, baton):
        self.run(baton)

    def run(self, baton):
        baton = [*baton, f"{self.object.name} from {self.region.name}"]
        self.object.name = "tired runner"
        self.object.velocity = Vector(SPEED_M_PER_S, 0, 0)
        while not self.wait(CrossingDenied, timeout_s=0.1):  # until the world ends
            fresh = [each for each in self.sense(REACH_M) if each.name.startswith("runner")]
            if fresh:
                self.object.velocity = Vector()
                self.send(fresh[0].ref, baton)
                return
        self.object.velocity = Vector()
        self.say(f"Home in {self.region.name}: {', '.join(baton)}")
