"""A score keeper: "+3 ada" on channel 0 gives ada three points. They outlive resets and restarts in its store."""

import re

from scripts_api import Script

POINTS = re.compile(r"\s*([+-][0-9]{1,3})\s+(\w{1,20})\s*")


class Scores(Script):
    """One key for each player."""

    def on_start(self):
        self.listen()
        self.show()

    def on_listen(self, message):
        found = POINTS.fullmatch(message.text)
        if found is None:
            return
        points, player = int(found[1]), found[2]
        key = f"score/{player}"
        self.object.store[key] = self.object.store.get(key, 0) + points
        self.show()
        self.say(f"{player} has {self.object.store[key]}")

    def table(self):
        keys = self.object.store.keys("score/*")
        return sorted(((self.object.store[key], key.removeprefix("score/")) for key in keys), reverse=True)

    def show(self):
        self.object.text = "\n".join(f"{player}: {points}" for points, player in self.table()[:10])

    def on_touch(self, toucher):
        self.say(self.object.text or "nobody has any points")
