"""A doormat that says hello to whoever steps on it: a sensor, which notices and is not noticed."""

from scripts_api import AgentRef, Script, Vector


class Doormat(Script):
    """`steps` counts people only."""

    steps = 0

    def on_start(self):
        self.object.scale = Vector(2, 2, 1)
        self.object.sensor = True

    def on_collision_start(self, others):
        for other in others:
            if isinstance(other, AgentRef):
                self.steps += 1
                self.say(f"Hello, {other.name}")

    def on_touch(self, toucher):
        self.say(f"{self.steps} so far")
