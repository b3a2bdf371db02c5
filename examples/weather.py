"""A sign with the weather of the world outside, asked by HTTP.

The file of the world must allow it: http = ["wttr.in"], see docs/world.md.
"""

from scripts_api import Script, ScriptError

URL = "https://wttr.in/Lisbon?format=3"
EVERY_S = 900.0


class Weather(Script):
    """Asks now and then, and whenever somebody touches it."""

    def on_start(self):
        self.ask_outside()
        self.every(EVERY_S, self.ask_outside)

    def ask_outside(self):
        try:
            answer = self.http(URL, timeout_s=20)
            self.object.text = answer.text[:100] if answer.ok else f"no weather: {answer.status}"
        except ScriptError as error:  # not allowed, no answer in time, or a border was crossed meanwhile
            self.object.text = "no weather"
            self.log(str(error))

    def on_touch(self, toucher):
        self.ask_outside()
        self.say_to(toucher, self.object.text)
