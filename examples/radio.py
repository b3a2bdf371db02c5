"""A radio: what is said beside one is heard beside all others, wherever in the world they are.

Put two side by side and they know each other for ever, and each other's friends. Then carry them where you like.
"""

from textwrap import shorten

from scripts_api import ObjectRef, Script

NEAR_M = 5.0


class Radio(Script):
    """`others` are the radios that it knows."""

    others = ()

    def on_start(self):
        self.listen()
        near = [each.ref for each in self.sense(NEAR_M, kind="object") if each.name.startswith("radio")]
        self.know(near)

    def know(self, refs):
        """Learn of other radios, and tell all if any was new."""
        known = {*self.others, *refs} - {self.object.ref}
        if len(known) > len(self.others):
            self.others = tuple(sorted(known, key=lambda ref: ref.id))
            self.tell("know", (self.object.ref, *self.others))

    def tell(self, what, payload):
        for other in self.others:
            self.send(other, (what, payload))

    def on_message(self, sender, message):
        match message:
            case "know", refs:
                self.know(refs)
            case "say", line:
                self.say(f"[radio] {line}")

    def on_listen(self, message):
        if not isinstance(message.speaker, ObjectRef):  # another radio's words would go round for ever
            self.tell("say", f"{message.speaker.name}: {shorten(message.text, 200)}")

    def on_undeliverable(self, receiver, payload, reason):
        self.others = tuple(each for each in self.others if each != receiver)

    def on_touch(self, toucher):
        self.say(f"on the air with {len(self.others)} others")
