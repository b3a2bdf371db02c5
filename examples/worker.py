"""A worker of a computation farm: whoever asks gets an answer, and may move while it waits for it."""

from scripts_api import Script


class Worker(Script):
    """Answers a range of numbers with how many of them are prime."""

    done = 0

    def on_message(self, sender, payload):
        first, behind = payload
        count = sum(1 for number in range(first, behind) if is_prime(number))
        self.done += 1
        return count


def is_prime(number):
    if number < 2:
        return False
    divisor = 2
    while divisor * divisor <= number:
        if number % divisor == 0:
            return False
        divisor += 1
    return True
