"""Kept for ever: the script of the golden region from its second version on. It is in the middle of everything that a script can be in."""

from scripts_api import Heard, ObjectRef, Script, Vector


class Keeper(Script):
    count = 0

    def on_start(self):
        self.object.velocity = Vector(0.5, 0, 0)
        self.object.store["kept"] = [1, 2.5, "three"]
        self.every(0.5, self.tick)
        self.after(2.0)
        self.ear = self.listen(5, name="friend")
        self.diary = []
        self.spawn(self.work, [1, 2, 3])
        self.spawn(self.wait_for_news)
        self.spawn(self.ask_around)
        self.sleep(1.0)
        self.diary.append("slept")

    def ask_around(self):
        self.sleep(0.1)
        answer = self.ask(ObjectRef("west:3"), "how far?", timeout_s=5.0)
        self.diary.append(f"answered {answer}")

    def work(self, items):
        for item in items:
            while self.count < item * 400:
                self.count += 1
            self.diary.append(f"done {item}")

    def wait_for_news(self):
        news = self.wait(Heard, timeout_s=1.5)
        self.diary.append(f"news {news}")

    def tick(self):
        self.ticks = getattr(self, "ticks", 0) + 1

    def on_timer(self, timer):
        self.diary.append(f"alarm {timer.active}")

    def on_message(self, sender, payload):
        return f"{payload} {sender.name}"

    def on_touch(self, toucher):
        self.diary.append(f"touched by {toucher.name}")
