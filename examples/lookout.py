"""A lookout that tells who has come into sight, and who has left it: a sensor that repeats."""

from scripts_api import Script

RADIUS_M = 40.0


class Lookout(Script):
    """Knows what it saw last."""

    seen = ()

    def on_start(self):
        self.sense_every(1.0, RADIUS_M)

    def on_sensor(self, found):
        self.tell({each.ref: each.name for each in found})

    def on_no_sensor(self):
        self.tell({})

    def tell(self, found):
        come = [f"{found[ref]} comes into sight" for ref in found if ref not in self.seen]
        gone = [f"{self.seen[ref]} is out of sight" for ref in self.seen if ref not in found]
        self.seen = found
        for line in come + gone:
            self.say(line)
            self.sleep(0.1)  # nobody reads faster
