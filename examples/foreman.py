"""The foreman of a computation farm: finds workers, hands the work out, and adds up what they answer."""

from scripts_api import NoAnswer, Script

PORTIONS = 10
PORTION = 100


class Foreman(Script):
    """Touch it and it counts the primes below 1000, with as many workers as it can see."""

    workers = ()
    left = total = 0

    def on_touch(self, toucher):
        if self.left:
            self.say(f"{self.left} portions to go")
            return
        self.workers = [each.ref for each in self.sense(96.0) if each.name.startswith("worker")]
        self.left, self.total = PORTIONS, 0
        for number in range(PORTIONS):
            self.spawn(self.order, number)

    def order(self, number):
        """One portion of the work, in a microthread of its own; whoever does not answer gets no more of it."""
        while self.workers:
            worker = self.workers[number % len(self.workers)]
            try:
                primes = self.ask(worker, (number * PORTION, (number + 1) * PORTION), timeout_s=60.0)
                self.total += primes  # in a line of its own: `self.total` is read when the answer is here
                break
            except NoAnswer:
                self.workers = [each for each in self.workers if each != worker]
        self.left -= 1
        if not self.left:
            self.say(
                f"{self.total} primes below {PORTIONS * PORTION}" if self.workers else "I have no workers"
            )
