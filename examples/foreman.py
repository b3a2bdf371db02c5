"""The foreman of a computation farm: finds workers, hands the work out, and adds up what they answer."""

from scripts_api import NoAnswer, Script

PORTION = 100


class Foreman(Script):
    """Touch it and it counts the primes below 1000, with as many workers as it can see."""

    total = 0
    answered = 0

    def on_touch(self, toucher):
        workers = self.sense(96.0, name="worker")
        if not workers:
            self.say("I see no worker")
            return
        self.total = self.answered = 0
        for index in range(10):
            self.spawn(self.order, workers[index % len(workers)].ref, index * PORTION)

    def order(self, worker, first):
        """One portion of the work, in a microthread of its own; asked again until it is answered."""
        while True:
            try:
                count = self.ask(worker, (first, first + PORTION), timeout_s=60.0)
                break
            except NoAnswer as error:
                self.log(str(error))
        self.total += count
        self.answered += 1
        if self.answered == 10:
            self.say(f"{self.total} primes below 1000")
