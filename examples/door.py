"""A door with states: what a touch does depends on whether it is open, and it closes by itself."""

from scripts_api import Script

STAYS_OPEN_S = 3.0


class Door(Script):
    """The script itself; its states are the classes derived from it."""

    opened = 0

    def on_start(self):
        self.become(Closed)


class Closed(Door):
    """A touch opens it."""

    def on_touch(self, toucher):
        self.opened += 1
        self.say(f"opens for {toucher.name}")
        self.become(Open)


class Open(Door):
    """It closes after a while, or when it is touched."""

    def on_enter(self):
        self.closing = self.after(STAYS_OPEN_S, self.close)

    def on_touch(self, toucher):
        self.close()

    def close(self):
        self.closing.cancel()
        self.become(Closed)

    def on_exit(self):
        self.say("closes")
