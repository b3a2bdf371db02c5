"""A vending machine: everything in its contents is for sale. Say a name on channel 5 and it stands before you."""

from scripts_api import LimitReached, Script, Vector


class Vending(Script):
    """What it has sold is counted by name, in the object's store."""

    def on_start(self):
        self.listen(5)
        self.show()

    def on_changed(self, what):
        self.show()

    def goods(self):
        contents = self.object.contents
        return [*contents.names("object"), *contents.names("script")]

    def show(self):
        self.object.text = "For sale: " + (", ".join(self.goods()[:10]) or "nothing")

    def on_listen(self, message):
        name, buyer = message.text, message.speaker.name
        if name not in self.goods():
            self.say("I don't have that")
            return
        try:
            self.rez(name, self.object.position + Vector(0, -1, 0), param=buyer)
        except LimitReached:
            self.say("One after the other, please")
        else:
            self.object.store[name] = self.object.store.get(name, 0) + 1
            self.say(f"{buyer}, here is your {name}")

    def on_touch(self, toucher):
        store = self.object.store
        self.say(f"{self.object.text}; sold so far: {sum(store[name] for name in store)}")
