"""Fish that school and look for food: each heeds only what it sees, and the school comes of itself. Make some of them.

After Craig Reynolds, "Flocks, herds and schools", 1987: swim as the others do, stay with them, keep your distance.
"""

from scripts_api import Script, Vector

SIGHT_M = 12.0
CLOSE_M = 1.5
POND_M = 20.0
SPEED_M_PER_S = 2.0


class Fish(Script):
    """A life in `sleep`. What it eats is called food, and is told so."""

    eaten = 0

    def on_start(self):
        self.home = self.object.position
        course = Vector(self.random() - 0.5, self.random() - 0.5, 0)
        while True:
            self.object.velocity = course.unit * SPEED_M_PER_S
            self.sleep(0.3 + 0.2 * self.random())
            seen = self.sense(SIGHT_M, kind="object")
            fish = [each for each in seen if each.name.startswith("fish")]
            food = [each for each in seen if each.name.startswith("food")]
            course = self.object.velocity.unit + self.school(fish) + self.hunger(food) + self.homesickness()

    def school(self, fish):
        course = Vector()
        for other in fish:
            way = other.position - self.object.position
            course += other.velocity.unit * 0.2 + way * (0.05 if other.distance > CLOSE_M else -0.3)
        return course

    def hunger(self, food):
        if not food:
            return Vector()
        if food[0].distance < CLOSE_M:
            self.eaten += 1
            self.send(food[0].ref, "bite")
        return (food[0].position - self.object.position).unit * 3

    def homesickness(self):
        way = self.home - self.object.position
        return way.unit if way.length > POND_M else Vector()
