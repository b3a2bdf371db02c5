"""Slices by the real clock: the flag goes up while a script runs, and stays down otherwise."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from migrate import PREEMPTED, Microthread
from migrate.control import CONTROL
from simulator.clock import Clock, monotonic_us
from simulator.errors import WorkedTooLong
from simulator.limits import UNINTERRUPTIBLE_US_MAX
from simulator.slicer import LOOK_US, WallSlicer, limited_time
from tests.machines import Machine, machine_of_slicers
from tests.scripts import module_of

FAR_US = 60_000_000
SHORT_US = 20_000
TURN_US = 50


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The machine that `slicer` runs on."""
    return machine_of_slicers(monkeypatch)


@pytest.fixture
def slicer(machine: Machine) -> Iterator[WallSlicer]:
    """A slicer of one millisecond, with time for a minute."""
    made = WallSlicer(1_000, UNINTERRUPTIBLE_US_MAX, lambda: False)
    made.allow(machine.now_us + FAR_US)
    yield made
    made.end()


@pytest.fixture
def real_slicer() -> Iterator[WallSlicer]:
    """The same by the real timer, which is off afterwards."""
    before = signal.getsignal(signal.SIGALRM)
    yield WallSlicer(1_000, UNINTERRUPTIBLE_US_MAX, lambda: False)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)
    CONTROL.due = False
    gc.enable()


def test_a_script_is_preempted_when_the_slice_is_over(real_slicer: WallSlicer) -> None:
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
    real_slicer.begin(1)
    for _ in range(2):
        assert microthread.resume() is PREEMPTED
        real_slicer.turned()
        reached.append(microthread.capture()[-1].locals["n"])
    real_slicer.end()
    assert 0 < reached[0] < reached[1]


def flags(slicer: WallSlicer) -> tuple[bool, bool]:
    """Whether the slice is up, for scripts and for the region."""
    return CONTROL.due, slicer.up


def test_flag_is_down_when_a_slice_begins(machine: Machine, slicer: WallSlicer) -> None:
    """What an earlier slice left behind does not cut the next one short."""
    CONTROL.due = True
    slicer.begin(1)
    at_first = flags(slicer)
    machine.work(1_000)
    when_up = flags(slicer)
    slicer.turned()
    assert [(False, False), (True, True), (False, False)] == [at_first, when_up, flags(slicer)]


def test_a_turn_that_has_just_begun_is_left_its_slice(machine: Machine, slicer: WallSlicer) -> None:
    """Short turns make no system call: the timer that comes in one of them is set again for the rest of its slice."""
    slicer.begin(1)
    machine.work(900)
    slicer.turned()
    seen = []
    for length_us in (100, 799, 1):
        machine.work(length_us)
        seen.append(flags(slicer))
    machine.work(100)
    assert [(False, False)] * 3 == seen
    assert (True, True) == flags(slicer)


@pytest.mark.parametrize(("late_us", "is_up"), [(125, True), (126, False)])
def test_a_timer_may_come_an_eighth_too_early(
    late_us: int, is_up: bool, machine: Machine, slicer: WallSlicer
) -> None:
    """Then the slice ends with it, without a second interrupt."""
    slicer.begin(1)
    machine.work(late_us)
    slicer.turned()
    machine.work(1_000 - late_us)
    assert (is_up, is_up) == flags(slicer)


def test_nothing_ticks_after_a_slice(machine: Machine, slicer: WallSlicer) -> None:
    """When no script runs the timer is off and the flag down."""
    slicer.begin(1)
    machine.work(1_000)
    slicer.end()
    assert (None, False) == (machine.due_us, CONTROL.due)


def test_slice_is_measured(machine: Machine, slicer: WallSlicer) -> None:
    """The end of a turn tells how long it was."""
    slicer.begin(1)
    machine.work(1_200)
    assert 1_200 == slicer.turned()


def test_turns_follow_without_a_gap(machine: Machine, slicer: WallSlicer) -> None:
    """The end of a turn is the beginning of the next: nothing that is done between them is nobody's."""
    machine.look_us = 7
    slicer.begin(1)
    begun_us = machine.now_us
    used_us = sum(slicer.turned() for _ in range(100))
    assert machine.now_us - begun_us == used_us


def test_nothing_is_collected_in_a_slice(slicer: WallSlicer) -> None:
    """What Python's collector takes is not the script's work; between slices it collects."""
    slicer.begin(1)
    in_slice = gc.isenabled()
    slicer.end()
    assert (False, True) == (in_slice, gc.isenabled())


def test_no_more_slices_without_time(machine: Machine, slicer: WallSlicer) -> None:
    """After the time that was allowed there is no further slice; before that there is."""
    before = slicer.more()
    machine.work(FAR_US)
    assert (True, False) == (before, slicer.more())


def test_message_ends_the_slices(machine: Machine) -> None:
    """Something that came is not kept waiting until the frame's end."""
    interrupted = WallSlicer(1_000, UNINTERRUPTIBLE_US_MAX, lambda: True)
    interrupted.allow(machine.now_us + FAR_US)
    interrupted.begin(1)
    interrupted.end()
    assert (False, True) == (interrupted.more(), interrupted.spent)


def test_turns_end_with_the_time_that_was_allowed(machine: Machine, slicer: WallSlicer) -> None:
    """However short they are, there is no further one then."""
    slicer.allow(machine.now_us + SHORT_US)
    slicer.begin(1)
    spent = []
    for _ in range(SHORT_US // TURN_US):
        spent.append(slicer.spent)
        machine.work(TURN_US)
        slicer.turned()
    assert ({False}, True) == (set(spent), slicer.spent)


def test_slices_are_shorter_where_many_wait(machine: Machine, slicer: WallSlicer) -> None:
    """So that each has a turn every second, as long as a turn is worth its interrupt."""
    lengths_us = [slicer.begin(runnable) for runnable in (1, 1_000, 5_000, 10_000, 1_000_000)]
    machine.work(99)
    before = flags(slicer)
    machine.work(1)
    assert [1_000, 1_000, 200, 100, 100] == lengths_us
    assert [(False, False), (True, True)] == [before, flags(slicer)]


def test_no_turn_is_blamed_for_the_processor_time_of_another(machine: Machine, slicer: WallSlicer) -> None:
    """One that seems long is measured by the processor's time, less what turns before it have used."""
    slicer.begin(1)
    machine.work(30_000)
    first_us = slicer.turned()
    machine.stop(50_000)
    assert (30_000, 2_000) == (first_us, slicer.turned())


def test_a_short_slice_is_not_charged_with_a_stop(machine: Machine, slicer: WallSlicer) -> None:
    """Where many wait, who was on when the process lost the processor would pay for hundreds of turns."""
    slicer.begin(10_000)
    machine.work(50)
    machine.stop(50_000)
    assert 200 == slicer.turned()


@pytest.mark.parametrize("held_up_us", [[146_000], [40_000] * 4], ids=["at once", "in four pieces"])
def test_no_turn_is_blamed_for_what_another_machine_takes(
    held_up_us: list[int], machine: Machine, slicer: WallSlicer
) -> None:
    """A hypervisor's theft counts in the processor's time; each late tick stands for two intervals at most."""
    slicer.begin(1)
    for length_us in held_up_us:
        machine.steal(length_us)
    assert 2_000 * len(held_up_us) == slicer.turned()


def test_no_later_turn_is_blamed_for_what_another_machine_took(machine: Machine, slicer: WallSlicer) -> None:
    """What nobody was charged with is not in the next account."""
    slicer.begin(1)
    machine.steal(50_000)
    slicer.turned()
    machine.call(60_000, cpu_us=30_000)
    assert 30_000 == slicer.turned()


def test_ticks_of_turns_before_account_for_nothing(machine: Machine, slicer: WallSlicer) -> None:
    """Neither those of a long turn, nor those for which the timer was only set again."""
    slicer.begin(1)
    machine.work(50_000)
    slicer.turned()
    for _ in range(50):
        machine.work(800)
        slicer.turned()
    machine.steal(146_000)
    assert 2_000 == slicer.turned()


def test_a_long_call_of_a_built_in_is_charged_whole(machine: Machine, slicer: WallSlicer) -> None:
    """Its ticks come while it runs, though Python tells of them only behind it."""
    slicer.begin(1)
    machine.call(150_000, cpu_us=150_000)
    assert 150_000 == slicer.turned()


@pytest.mark.usefixtures("real_slicer")
def test_who_was_told_of_signals_before_is_told_again() -> None:
    """A limit for a module's top level takes them from no event loop."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing)
    with limited_time(UNINTERRUPTIBLE_US_MAX):
        within = signal.set_wakeup_fd(-1)
    after = signal.set_wakeup_fd(-1)
    os.close(reading)
    os.close(writing)
    assert writing == after != within


def test_a_real_built_in_is_charged() -> None:
    """The system's own timer comes through to a call that is written in C."""
    process = subprocess.run([sys.executable, "-c", BUILT_IN], capture_output=True, text=True, check=True)
    assert "True\n" == process.stdout


BUILT_IN = """
from simulator.clock import monotonic_us
from simulator.slicer import WallSlicer

slicer = WallSlicer(1_000, 100_000, lambda: False)
slicer.allow(monotonic_us() + 60_000_000)
slicer.begin(1)
sum(range(20_000_000))
print(slicer.turned() > 50_000)
slicer.end()
"""


def test_laps_measure_what_is_done_outside_of_turns(machine: Machine, slicer: WallSlicer) -> None:
    """From one asking to the next, in time of the processor."""
    slicer.lap()
    machine.work(3_000)
    machine.wait(2_000)
    assert (3_000, 0) == (slicer.lap(), slicer.lap())


def test_sockets_are_looked_at_now_and_then(machine: Machine) -> None:
    """Not behind every short turn, and not never."""
    looks: list[int] = []
    slicer = WallSlicer(1_000, UNINTERRUPTIBLE_US_MAX, lambda: bool(looks.append(machine.now_us)))
    slicer.allow(machine.now_us + FAR_US)
    slicer.begin(1)
    for _ in range(SHORT_US // TURN_US):
        machine.work(TURN_US)
        slicer.turned()
    slicer.end()
    assert 1 + SHORT_US // LOOK_US == len(looks)


def test_waiting_for_something_outside_counts_as_work(machine: Machine, slicer: WallSlicer) -> None:
    """A script that sleeps by the machine's clock holds up its region although it uses no processor."""
    slicer.begin(1)
    machine.wait(2 * UNINTERRUPTIBLE_US_MAX)
    assert 2 * UNINTERRUPTIBLE_US_MAX == slicer.turned()


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


@pytest.mark.usefixtures("real_slicer")
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
