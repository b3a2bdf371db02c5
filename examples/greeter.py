"""A greeter that knows whom it has met: its object's store outlives every reset and restart."""

from scripts_api import Script


class Greeter(Script):
    """Touch it."""

    def on_touch(self, toucher):
        visits = self.object.store.get(toucher.id, 0) + 1
        self.object.store[toucher.id] = visits
        if visits == 1:
            self.say(f"Hello {toucher.name}, nice to meet you")
        else:
            self.say(f"Welcome back {toucher.name}, this is visit {visits}")
