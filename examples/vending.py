"""A vending machine: everything in its contents is for sale. Say a name on channel 5 and it stands before you."""

from scripts_api import LimitReached, Script, Vector


class Vending(Script):
    """`sold` counts by name, in the object's store."""

    def on_start(self):
        self.listen(5)
        self.show()

    def on_changed(self, what):
        self.show()

    def show(self):
        goods = [*self.object.contents.names("object"), *self.object.contents.names("script")]
        self.object.text = "For sale: " + (", ".join(goods) or "nothing")

    def on_listen(self, message):
        if message.text not in self.object.contents:
            self.say(f"There is no {message.text} here")
            return
        try:
            self.rez(message.text, self.object.position + Vector(0, -1, 0), param=message.speaker.name)
        except LimitReached:
            self.say("One after the other, please")
            return
        store = self.object.store
        store[message.text] = store.get(message.text, 0) + 1
        self.say(f"{message.speaker.name}, here is your {message.text}")

    def on_touch(self, toucher):
        sold = {name: self.object.store[name] for name in self.object.store}
        self.say(f"{self.object.text}; sold so far: {sold}")
