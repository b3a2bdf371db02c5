"""A lookout that tells who has come into sight, and who has left it: sensing, every second."""

from scripts_api import Script

RADIUS_M = 40.0


class Lookout(Script):
    """Knows what it saw last."""

    seen = ()

    def on_start(self):
        while True:
            found = {each.ref: each.name for each in self.sense(RADIUS_M)}
            come = [f"{found[ref]} comes into sight" for ref in found if ref not in self.seen]
            gone = [f"{self.seen[ref]} is out of sight" for ref in self.seen if ref not in found]
            self.seen = found
            for line in come + gone:
                self.say(line)
                self.sleep(0.1)  # nobody reads faster
            self.sleep(1.0)
