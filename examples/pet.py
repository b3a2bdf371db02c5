"""A pet that follows whoever has touched it last, also over borders, and sits down when nobody is near."""

from scripts_api import Script, Vector

SPEED_M_PER_S = 6.0
NEAR_M = 2.0
SIGHT_M = 90.0


class Pet(Script):
    """`friend` is whom it follows: a reference that means the same in every region."""

    friend = None

    def on_start(self):
        self.spawn(self.follow)

    def on_touch(self, toucher):
        self.friend = toucher
        self.say(f"{self.object.name} likes {toucher.name}")

    def follow(self):
        while True:
            if self.friend is not None:
                self.go_after(self.seen())
            self.sleep(0.3)

    def seen(self):
        found = [each for each in self.sense(SIGHT_M, kind="agent") if each.ref == self.friend]
        return found[0] if found else None

    def go_after(self, friend):
        way = Vector() if friend is None else friend.position - self.object.position
        self.object.velocity = way.unit * SPEED_M_PER_S if way.length > NEAR_M else Vector()
