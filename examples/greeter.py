"""A greeter that knows whom it has met: its object's store outlives every reset and restart."""

from scripts_api import Script

NEAR_M = 8.0


class Greeter(Script):
    """Greets whoever comes near, once for each visit. Touch it, and it counts."""

    present = ()

    def on_start(self):
        self.every(0.5, self.look_around)

    def look_around(self):
        near = [each.ref for each in self.sense(NEAR_M, kind="agent")]
        for visitor in near:
            if visitor not in self.present:
                self.greet(visitor)
        self.present = near

    def greet(self, visitor):
        visits = self.object.store.get(visitor.id, 0) + 1
        self.object.store[visitor.id] = visits
        if visits == 1:
            self.say_to(visitor, f"Hello {visitor.name}, nice to meet you")
        else:
            self.say_to(visitor, f"Welcome back {visitor.name}, this is visit {visits}")

    def on_touch(self, toucher):
        self.say(f"I have met {len(self.object.store)} people")
