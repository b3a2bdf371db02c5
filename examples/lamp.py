"""A lamp that blinks by a timer and tells who touches it how often it has blinked."""

from scripts_api import Color, Script


class Lamp(Script):
    """On, off, on, off."""

    blinks = 0
    lit = False

    def on_start(self):
        self.every(0.5, self.blink)

    def blink(self):
        self.lit = not self.lit
        self.blinks += 1
        self.object.color = Color(1.0, 0.9, 0.4) if self.lit else Color(0.2, 0.2, 0.2)

    def on_touch(self, toucher):
        self.say(f"{toucher.name}, I have blinked {self.blinks} times")
