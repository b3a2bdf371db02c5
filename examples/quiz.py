"""A quiz in straight-line code: it asks, waits for an answer or for time to run out, and goes on."""

from scripts_api import Heard, Script

PATIENCE_S = 10.0
QUESTIONS = (
    ("How many regions does the demo have?", "3"),
    ("What does the rocket compute?", "pi"),
)


class Quiz(Script):
    """Touch it to begin; answer on channel 0."""

    points = ()

    def on_start(self):
        self.listen(0)

    def on_touch(self, toucher):
        self.points = {}
        for question, answer in QUESTIONS:
            self.say(question)
            self.say(self.judged(answer))
        self.say(f"Points: {self.points}")

    def judged(self, answer):
        while True:
            heard = self.wait(Heard, timeout_s=PATIENCE_S)
            if heard is None:
                return f"Nobody knew: {answer}"
            if heard.text.strip().lower() == answer:
                name = heard.speaker.name
                self.points[name] = self.points.get(name, 0) + 1
                return f"Right, {name}"
