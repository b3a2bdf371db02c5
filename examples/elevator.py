"""An elevator: say a floor's number on channel 1 beside it. Calls of the meantime queue by themselves."""

from scripts_api import MovingEnd, Script, Vector

FLOORS = tuple("0123456789")
FLOOR_M = 4.0
SPEED_M_PER_S = 8.0


class Elevator(Script):
    """`floor` is where it is; the ground floor is where it was made."""

    floor = 0

    def on_start(self):
        self.listen(1)

    def on_listen(self, message):
        if message.text in FLOORS:
            self.go_to(int(message.text))
        else:
            self.say("I go to the floors 0 to 9")

    def go_to(self, floor):
        up = (floor - self.floor) * FLOOR_M
        if up:
            self.object.move_to(self.object.position + Vector(0, 0, up), abs(up) / SPEED_M_PER_S)
            self.wait(MovingEnd)
        self.floor = floor
        self.say(f"floor {floor}")

    def on_touch(self, toucher):
        self.say(f"{toucher.name}, say a number on channel 1")
