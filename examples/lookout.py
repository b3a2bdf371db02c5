"""A lookout that tells who has come into sight, and who has left it: sensing, every second."""

from scripts_api import Script

RADIUS_M = 40.0


class Lookout(Script):
    """Knows what it saw last."""

    seen = ()

    def on_start(self):
        while True:
            found = {each.ref: each.name for each in self.sense(RADIUS_M)}
            for ref in found:
                if ref not in self.seen:
                    self.say(f"{found[ref]} comes into sight")
            for ref in self.seen:
                if ref not in found:
                    self.say(f"{self.seen[ref]} is out of sight")
            self.seen = found
            self.sleep(1.0)
