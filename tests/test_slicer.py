"""Slices by the real clock: the flag goes up while a script runs, and stays down otherwise."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from migrate import PREEMPTED, Microthread
from migrate.control import CONTROL
from simulator.clock import Clock, monotonic_us
from simulator.errors import WorkedTooLong
from simulator.limits import UNINTERRUPTIBLE_US_MAX
from simulator.slicer import LOOK_US, WallSlicer, limited_time
from tests.scripts import module_of

FAR_US = 60_000_000
SHORT_US = 20_000


@pytest.fixture
def slicer() -> Iterator[WallSlicer]:
    """A slicer of one millisecond, and its timer off afterwards."""
    before = signal.getsignal(signal.SIGALRM)
    yield WallSlicer(1_000, UNINTERRUPTIBLE_US_MAX, lambda: False)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    CONTROL.due = False
    gc.enable()


def wait_for_the_flag() -> None:
    """Work until the flag is up; fail when it never is."""
    until_us = monotonic_us() + FAR_US
    while not CONTROL.due:
        assert monotonic_us() < until_us, "the flag has stayed down"


def test_a_script_is_preempted_when_the_slice_is_over(slicer: WallSlicer) -> None:
    """A loop that would take seconds is suspended, and goes on in its next slice where it was."""
    main = module_of("""
        def main():
            n = 0
            for n in range(1_000_000_000):
                pass
            return n
        """).namespace["main"]
    microthread = Microthread(main, ())
    reached = []
    slicer.begin(1)
    for _ in range(2):
        assert microthread.resume() is PREEMPTED
        slicer.turned()
        reached.append(microthread.capture()[-1].locals["n"])
    slicer.end()
    assert 0 < reached[0] < reached[1]


def test_flag_is_down_when_a_slice_begins(slicer: WallSlicer) -> None:
    """What an earlier slice left behind does not cut the next one short."""
    CONTROL.due = True
    slicer.begin(1)
    assert (False, False) == (CONTROL.due, slicer.up)
    wait_for_the_flag()
    assert slicer.up
    slicer.turned()
    assert (False, False) == (CONTROL.due, slicer.up)


def test_a_turn_that_has_just_begun_is_left_its_slice(slicer: WallSlicer) -> None:
    """Short turns make no system call: the timer that comes in one of them is set again for the rest of its slice."""
    slicer.begin(1)
    CONTROL.due = True
    slicer.turned()
    os.kill(os.getpid(), signal.SIGALRM)
    assert (False, False) == (CONTROL.due, slicer.up)
    begun_us = monotonic_us()
    wait_for_the_flag()
    slicer.end()
    assert monotonic_us() - begun_us >= 800


def test_nothing_ticks_after_a_slice(slicer: WallSlicer) -> None:
    """When no script runs the timer is off and the flag down."""
    slicer.begin(1)
    wait_for_the_flag()
    slicer.end()
    assert (signal.getitimer(signal.ITIMER_REAL), CONTROL.due) == ((0.0, 0.0), False)


def test_slice_is_measured(slicer: WallSlicer) -> None:
    """The end of a turn tells how long it was: here until the timer, which may come an eighth too early."""
    slicer.begin(1)
    wait_for_the_flag()
    assert slicer.turned() >= 875


def test_turns_follow_without_a_gap(slicer: WallSlicer) -> None:
    """The end of a turn is the beginning of the next: nothing that is done between them is nobody's.

    Now and then the machine takes the processor away for longer than a slice; that is nobody's.
    """
    gaps_us = []
    for _ in range(100):
        begun_us = monotonic_us()
        slicer.begin(1)
        used_us = sum(slicer.turned() for _ in range(100))
        slicer.end()
        gaps_us.append(slicer.ended_us - begun_us - used_us)
    assert 0 <= min(gaps_us) < 200


def test_nothing_is_collected_in_a_slice(slicer: WallSlicer) -> None:
    """What Python's collector takes is not the script's work; between slices it collects."""
    slicer.begin(1)
    in_slice = gc.isenabled()
    slicer.end()
    assert (False, True) == (in_slice, gc.isenabled())


def test_no_more_slices_without_time(slicer: WallSlicer) -> None:
    """After the time that was allowed there is no further slice."""
    slicer.allow(monotonic_us())
    assert slicer.more() is False


def test_more_slices_while_there_is_time(slicer: WallSlicer) -> None:
    """Before that there is."""
    slicer.allow(monotonic_us() + FAR_US)
    assert slicer.more() is True


def test_message_ends_the_slices(slicer: WallSlicer) -> None:
    """Something that came is not kept waiting until the frame's end."""
    interrupted = WallSlicer(1_000, UNINTERRUPTIBLE_US_MAX, lambda: True)
    interrupted.allow(monotonic_us() + FAR_US)
    interrupted.begin(1)
    interrupted.end()
    assert (False, True) == (interrupted.more(), interrupted.spent)


def test_turns_end_with_the_time_that_was_allowed(slicer: WallSlicer) -> None:
    """However short they are, there is no further one then."""
    slicer.allow(monotonic_us() + SHORT_US)
    slicer.begin(1)
    until_us = monotonic_us() + FAR_US
    while not slicer.spent:
        slicer.turned()
        assert monotonic_us() < until_us, "there is always time for another turn"
    slicer.end()
    assert slicer.more() is False


def test_slices_are_shorter_where_many_wait(slicer: WallSlicer) -> None:
    """So that each has a turn every second, as long as a turn is worth its interrupt."""
    lengths = [slicer.begin(runnable) for runnable in (1, 1_000, 5_000, 10_000, 1_000_000)]
    wait_for_the_flag()
    used_us = slicer.turned()
    slicer.end()
    assert [1_000, 1_000, 200, 100, 100] == lengths
    assert used_us < 1_000


def test_no_turn_is_blamed_for_the_processor_time_of_another(slicer: WallSlicer) -> None:
    """One that seems long is measured by the processor's time, less what turns before it have used."""
    slicer.begin(1)
    until_ns = time.thread_time_ns() + 30_000_000
    while time.thread_time_ns() < until_ns:
        pass
    first_us = slicer.turned()
    # Without the timer's ticks this is a process that does not get the processor.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    signal.sigtimedwait((), 0.05)
    second_us = slicer.turned()
    slicer.end()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
    assert second_us < 20_000 < first_us


def test_laps_measure_what_is_done_outside_of_turns(slicer: WallSlicer) -> None:
    """From one asking to the next, in time of the processor."""
    slicer.lap()
    until_ns = time.thread_time_ns() + 3_000_000
    while time.thread_time_ns() < until_ns:
        pass
    lap_us = slicer.lap()
    assert 3_000 <= lap_us
    assert slicer.lap() < 3_000


def test_sockets_are_looked_at_now_and_then() -> None:
    """Not behind every short turn, and not never."""
    looks = []
    slicer = WallSlicer(1_000, UNINTERRUPTIBLE_US_MAX, lambda: bool(looks.append(None)))
    slicer.allow(monotonic_us() + FAR_US)
    slicer.begin(1)
    until_us, turns = monotonic_us() + SHORT_US, 0
    while monotonic_us() < until_us:
        slicer.turned()
        turns += 1
    slicer.end()
    assert 1 < len(looks) <= SHORT_US / LOOK_US + 2 < turns


def test_clock_goes_on_from_the_last_time_seen() -> None:
    """A machine's clock that was set back does not turn a region's time back."""
    future_us = Clock().now_us() + FAR_US
    assert Clock(future_us).now_us() >= future_us


ENDLESS = {
    "a special method": """
        class Stubborn:
            def __len__(self):
                while True:
                    try:
                        while True:
                            pass
                    except BaseException:
                        pass
                    finally:
                        pass

        def main():
            return len(Stubborn())
        """,
    "a module's top level": """
        while True:
            try:
                while True:
                    pass
            except:
                pass
        """,
}


@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS.keys())
def test_a_script_cannot_catch_the_end_of_its_work(source: str) -> None:
    """Neither `except BaseException` nor `finally` keeps it going."""
    with pytest.raises(WorkedTooLong), limited_time(UNINTERRUPTIBLE_US_MAX):
        module_of(source).namespace["main"]()
    assert not CONTROL.discarding


@pytest.mark.usefixtures("slicer")
def test_work_is_ended_after_the_time_that_was_chosen() -> None:
    """A world's own limit holds for slices and for what modules do at their top level."""
    slicer, main = WallSlicer(1_000, SHORT_US, lambda: False), ENDLESS["a special method"]
    slow = module_of(main).namespace["main"]
    slicer.begin(1)
    with pytest.raises(WorkedTooLong, match="more than 20 ms"):
        slow()
    slicer.end()
    with pytest.raises(WorkedTooLong, match="more than 20 ms"), limited_time(SHORT_US):
        slow()


STOPPED = """
import os, signal
from simulator.clock import monotonic_us
from simulator.slicer import WallSlicer

slicer = WallSlicer(1_000, 100_000, lambda: False)
slicer.allow(monotonic_us() + 60_000_000)
slicer.begin(1)
begun_us = monotonic_us()
print("begun", flush=True)
os.kill(os.getpid(), signal.SIGSTOP)
print(slicer.turned() < 100_000, monotonic_us() - begun_us >= 150_000)
slicer.end()
"""


def test_a_stopped_process_works_on_nothing() -> None:
    """No script is blamed for the time in which its simulator was stopped."""
    process = subprocess.Popen([sys.executable, "-c", STOPPED], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert "begun\n" == process.stdout.readline()
    os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
    wait_us(200_000)
    process.send_signal(signal.SIGCONT)
    assert ("True True\n", None) == process.communicate()


def wait_us(length_us: int) -> None:
    until_us = monotonic_us() + length_us
    while monotonic_us() < until_us:
        pass


def test_waiting_for_something_outside_counts_as_work(slicer: WallSlicer) -> None:
    """A script that sleeps by the machine's clock holds up its region although it uses no processor."""
    slicer.allow(monotonic_us() + FAR_US)
    slicer.begin(1)
    signal.sigtimedwait((), 2 * UNINTERRUPTIBLE_US_MAX / 1e6)
    assert slicer.turned() >= UNINTERRUPTIBLE_US_MAX
    slicer.end()
