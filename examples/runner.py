"""A runner of a relay race: it takes the baton, runs to where the next one waits, over borders too, and hands it on."""

from scripts_api import MovingEnd, ObjectRef, Script, Vector

SPEED_M_PER_S = 40.0


class Runner(Script):
    """A touch tells it who is next: an id, and a place as x,y. The baton is a list of all who had it."""

    next = None
    goal = None

    def on_touch(self, toucher):
        id, _, place = toucher.name.partition(" ")
        self.next, self.goal = ObjectRef(id), Vector(*(float(each) for each in place.split(",")))

    def on_message(self, sender, baton):
        baton = [*baton, f"{self.object.name} in {self.region.name}"]
        if self.next is None:
            self.say(f"Home after {len(baton)}: " + ", ".join(baton))
            return
        self.object.move_to(self.goal, self.object.position.distance(self.goal) / SPEED_M_PER_S)
        self.wait(MovingEnd)
        self.send(self.next, baton)
