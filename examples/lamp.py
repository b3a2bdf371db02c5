"""A street lamp that follows the time: lit from dusk to dawn. A touch switches it by hand, till the next of the two."""

from datetime import UTC, datetime

from scripts_api import Color, Script

DAWN, DUSK = 6, 18  # hours of the day, UTC
LIT, DARK = Color(1.0, 0.9, 0.4), Color(0.2, 0.2, 0.2)


class Lamp(Script):
    """Looks at the clock once a minute."""

    lit = night = None

    def on_start(self):
        self.look_at_the_clock()
        self.every(60.0, self.look_at_the_clock)

    def look_at_the_clock(self):
        hour = datetime.fromtimestamp(self.region.now, UTC).hour
        night = not DAWN <= hour < DUSK
        if night != self.night:
            self.night = night
            self.switch(night)

    def switch(self, lit):
        self.lit = lit
        self.object.color = LIT if lit else DARK

    def on_touch(self, toucher):
        self.switch(not self.lit)
        self.say(f"{toucher.name} switches me {'on' if self.lit else 'off'}")
