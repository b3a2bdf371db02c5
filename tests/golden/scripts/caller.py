"""Kept for ever: sends a message to an object that never was."""

from scripts_api import ObjectRef, Script


class Caller(Script):
    def on_start(self):
        self.lost = []
        self.send(ObjectRef("east:9"), {"n": 1})

    def on_undeliverable(self, receiver, payload, reason):
        self.lost.append(receiver.id)
