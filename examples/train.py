"""A train on a line of keyframes through as many regions as you like: sit down on it and cross every border.

A notecard named "line" in its contents has a station on each line, as "Harbour, 384, 60": name, metres east and north.
"""

from scripts_api import Rotation, Script, Vector

SPEED_M_PER_S = 60.0
STOP_S = 2.0


class Train(Script):
    """Runs from where it is made to the last station and back, for ever, and stops at each."""

    borders = 0

    def on_start(self):
        if "line" in self.object.contents:
            stations = [self.place(line) for line in self.object.contents["line"].lines()]
            self.object.follow(self.keyframes([self.object.position, *stations]), loop=True)
        else:
            self.say('Put a notecard named "line" into me')

    def on_changed(self, what):
        if what == "contents":
            self.on_start()

    def place(self, line):
        _name, east, north = line.split(",")
        return Vector(float(east), float(north), self.object.position.z)

    def keyframes(self, places):
        """At each station a stop, in which it turns to the next, and on at its speed; and back the same way."""
        path = []
        here = places[0]
        for place in (*places[1:], *places[-2::-1]):
            ahead = Rotation.between(Vector(1, 0, 0), place - here)
            path += [(here, STOP_S, ahead), (place, here.distance(place) / SPEED_M_PER_S, ahead)]
            here = place
        return path

    def on_sit(self, agent):
        self.say_to(agent, f"Welcome aboard, {agent.name}")

    def on_arrive(self, from_region):
        self.borders += 1
        for agent in self.object.seated:
            self.say_to(agent, f"Now in {self.region.name}")

    def on_touch(self, toucher):
        self.say(f"{self.borders} borders so far")
