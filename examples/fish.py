"""A fish that swims to and fro and rests in between: it spends its life in `sleep`."""

from scripts_api import Script, Vector


class Fish(Script):
    """Turns every few seconds."""

    def on_start(self):
        while True:
            self.sleep(2.0 + 3.0 * self.random())
            velocity = self.object.velocity
            self.object.velocity = Vector(-velocity.x, velocity.y, velocity.z)
