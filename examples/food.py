"""Food for fish: every bite makes it smaller, until nothing is left of it."""

from scripts_api import Script

BITES = 20


class Food(Script):
    """Whatever sends it a message bites it."""

    bites = 0

    def on_message(self, sender, payload):
        self.bites += 1
        if self.bites == BITES:
            self.die()
        self.object.scale = self.object.scale * 0.9
