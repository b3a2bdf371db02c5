"""A train that follows a line through the world: sit down on it and cross every border. A touch asks how many."""

from scripts_api import Script, ScriptError, Vector

SPEED_M_PER_S = 25.0
STOP_S = 1.0
STATION_M = 60.0
STATIONS_MAX = 3  # a longer line needs more regions


class Train(Script):
    """Runs to the last station to the east and back, for ever, and rests at each."""

    passed = 0

    def on_start(self):
        for stations in range(STATIONS_MAX, 1, -1):
            try:
                self.object.follow(self.line(stations), loop=True)
                return
            except ScriptError:
                continue  # the world ends before its last station
        self.say("There is no room for a line here")

    def line(self, stations):
        start = self.object.position
        places = [start + Vector(STATION_M * number, 0, 0) for number in range(stations)]
        path = []
        for place in (*places[1:], *reversed(places[:-1])):
            path += [(place, STATION_M / SPEED_M_PER_S), (place, STOP_S)]
        return path

    def on_sit(self, agent):
        self.say_to(agent, f"Welcome aboard, {agent.name}")

    def on_arrive(self, from_region):
        self.passed += 1
        names = " and ".join(agent.name for agent in self.object.seated) or "nobody"
        self.say(f"{self.region.name}, with {names} aboard")

    def on_touch(self, toucher):
        self.say(f"{self.passed} borders so far")
