"""A rocket that computes the digits of pi while it flies, and never stops for anything.

Nothing here cooperates: no `yield` that gives up time, no `await`, no sleep in the loop. It is preempted
wherever it happens to be, often deep inside `burn`, crosses borders there, and goes on where it was.
"""

from scripts_api import Script


def digits_of_pi():
    """All digits of pi, one by one: Gibbons' spigot, 2006."""
    q, r, t, k, n, m = 1, 0, 1, 1, 3, 3
    while True:
        if 4 * q + r - t < n * t:
            yield n
            q, r, n = 10 * q, 10 * (r - n * t), 10 * (3 * q + r) // t - 10 * n
        else:
            q, r, t, k, n, m = (
                q * k,
                (2 * q + r) * m,
                t * m,
                k + 1,
                (q * (7 * k + 2) + r * m) // (t * m),
                m + 2,
            )


class Rocket(Script):
    """Computes in one microthread, answers in another."""

    digits = ""
    answered = ()
    crossings = 0

    def on_start(self):
        self.answered = []
        self.spawn(self.compute)

    def compute(self):
        thrust = 0
        for digit in digits_of_pi():
            thrust = self.burn(digit, thrust)
            self.digits += str(digit)

    def burn(self, digit, thrust):
        """Honest work for every digit, and more of it the further the flight."""
        for step in range(40 * len(self.digits) * (digit + 1)):
            thrust = (31 * thrust + step + digit) % 1_000_003
        return thrust

    def on_touch(self, toucher):
        self.answered.append(toucher.name)
        self.say(f"{toucher.name}, I am at digit {len(self.digits)}")

    def on_arrive(self, from_region):
        self.crossings += 1
