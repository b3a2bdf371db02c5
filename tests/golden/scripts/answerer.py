"""Kept for ever: answers after a while."""

from scripts_api import Script


class Answerer(Script):
    def on_message(self, sender, payload):
        self.sleep(1.0)
        return f"{payload} {sender.name}"
