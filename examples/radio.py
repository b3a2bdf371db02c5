"""A radio: what is said beside one is heard beside all others, wherever in the world they are. Touch it to tune it."""

from scripts_api import ObjectRef, Script


class Radio(Script):
    """`others` are the radios that it knows; a new one is told by somebody who touches it with its id."""

    others = ()

    def on_start(self):
        self.listen()

    def on_touch(self, toucher):
        if ":" in toucher.name:
            self.know([ObjectRef(toucher.name)])
        self.say(f"on the air with {len(self.others)} others")

    def know(self, refs):
        known = set(self.others) | set(refs) - {self.object.ref}
        if known != set(self.others):
            self.others = tuple(sorted(known, key=lambda ref: ref.id))
            for other in self.others:
                self.send(other, ("know", [self.object.ref, *self.others]))

    def on_message(self, sender, payload):
        what, told = payload
        if what == "know":
            self.know(told)
        else:
            self.say(f"[radio] {told}")

    def on_listen(self, message):
        if isinstance(message.speaker, ObjectRef):
            return  # another radio's words would go round for ever
        for other in self.others:
            self.send(other, ("say", f"{message.speaker.name}: {message.text}"))

    def on_undeliverable(self, receiver, payload, reason):
        self.others = tuple(each for each in self.others if each != receiver)
