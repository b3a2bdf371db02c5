"""A librarian: gives whoever touches it a copy of each notecard in its contents, and tells how each begins."""

from textwrap import shorten

from scripts_api import Script, ScriptError


class Librarian(Script):
    """People in the region get notecards; everybody gets a line."""

    given = 0

    def on_touch(self, toucher):
        names = self.object.contents.names("notecard")
        if not names:
            self.say("My shelves are empty")
        for name in names:
            self.say(f"{name}: {shorten(self.object.contents[name].text, 60)}")
            self.hand_over(toucher, name)

    def hand_over(self, reader, name):
        try:
            self.give(reader, name)
        except ScriptError as error:
            self.log(str(error))
        else:
            self.given += 1
