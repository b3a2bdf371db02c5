"""Links: exactly once and in order over a network that does neither."""

from __future__ import annotations

from random import Random

import pytest

from migrate.limits import ExchangeLimits
from migrate.links import Links
from migrate.messages import FRAME_VERSION, Frame, Prompt, encode_frame
from migrate.rows import ExchangeState, Journal, RowKey

SMALL = ExchangeLimits(link_window_len_max=8, outbox_len_max=4, batch_bytes_max=40)


class End:
    """One region's links with a store."""

    def __init__(self, name: str, limits: ExchangeLimits = SMALL, epoch: int = 1) -> None:
        self.name, self.limits, self.epoch = name, limits, epoch
        self.rows: dict[RowKey, bytes] = {}
        self.got: list[str] = []
        self.start()

    def start(self) -> None:
        self.journal = Journal()
        self.links = Links(
            self.name, self.epoch, self.limits, self.journal, ExchangeState.from_rows(self.rows)
        )

    def restart(self) -> None:
        self.epoch += 1
        self.start()

    def post(self, *texts: str) -> None:
        for text in texts:
            self.links.post("b" if self.name == "a" else "a", Prompt(text, "sender"))

    def commit(self) -> None:
        self.links.seal()
        for key, value in self.journal.seal().items():
            if value is None:
                self.rows.pop(key, None)
            else:
                self.rows[key] = value
        self.links.settle()
        self.journal.settle()

    def send(self, now_us: int = 0) -> list[bytes]:
        return [data for _, data in self.links.outgoing(now_us)]

    def take(self, frames: list[bytes], now_us: int = 0) -> list[str]:
        taken: list[str] = []
        for data in frames:
            due, _ = self.links.receive("a" if self.name == "b" else "b", data, now_us)
            taken += [message.receiver for message in due if isinstance(message, Prompt)]
        self.got += taken
        return taken


@pytest.fixture
def ends() -> tuple[End, End]:
    """Two regions that have not spoken yet."""
    return End("a"), End("b")


def frame(**changes: object) -> bytes:
    """A frame from a to b, as an outsider might make it."""
    fields: dict[str, object] = {
        "version": FRAME_VERSION,
        "src": "a",
        "src_epoch": 1,
        "dst": "b",
        "dst_epoch": 0,
        "upto": 0,
        "credits": 8,
        "first": 1,
        "bodies": (),
        "whispers": (),
    }
    return encode_frame(Frame(**{**fields, **changes}))  # type: ignore[arg-type]  # each test changes one field


def test_messages_arrive_in_order(ends: tuple[End, End]) -> None:
    """What is posted and committed arrives in the order of posting."""
    a, b = ends
    a.post("1", "2", "3")
    a.commit()
    assert b.take(a.send()) == ["1", "2", "3"]


def test_nothing_leaves_before_its_commit(ends: tuple[End, End]) -> None:
    """A message that is not committed is not sent."""
    a, _ = ends
    a.post("1")
    assert a.send() == []


def test_a_repeated_frame_is_taken_once(ends: tuple[End, End]) -> None:
    """A frame that comes twice brings its messages once."""
    a, b = ends
    a.post("1")
    a.commit()
    frames = a.send()
    b.take(frames + frames)
    assert b.got == ["1"]


def test_a_gap_holds_back_what_comes_after_it(ends: tuple[End, End]) -> None:
    """Frames in the wrong order are taken in the right one."""
    a, b = ends
    a.post("1", "2", "3", "4", "5", "6")
    a.commit()
    first, *rest = a.send()
    assert b.take(rest) == []
    assert b.take([first]) == ["1", "2", "3", "4", "5", "6"]
    assert ({}, 0) == (b.links.link("a").inbox.early, b.links.link("a").inbox.early_bytes)


def test_what_was_kept_and_comes_again_is_taken_once(ends: tuple[End, End]) -> None:
    """Messages that fill a gap may be followed by ones that are here already; nothing of them stays."""
    a, b = ends
    a.post("1", "2", "3", "4", "5", "6")
    a.commit()
    first, *rest = a.send()
    b.take(rest[:1])
    assert b.take([first, *rest]) == ["1", "2", "3", "4", "5", "6"]
    assert ({}, 0) == (b.links.link("a").inbox.early, b.links.link("a").inbox.early_bytes)


def test_acknowledgement_waits_for_the_commit(ends: tuple[End, End]) -> None:
    """Messages that are taken but not committed are not acknowledged."""
    a, b = ends
    a.post("1")
    a.commit()
    b.take(a.send())
    assert b.send() == []
    b.commit()
    a.take(b.send())
    assert len(a.links.link("b").outbox.bodies) == 0


def test_lost_messages_are_sent_again(ends: tuple[End, End]) -> None:
    """Without an acknowledgement a batch is sent again after a while."""
    a, b = ends
    a.post("1")
    a.commit()
    a.send(0)
    assert a.send(SMALL.resend_us_first - 1) == []
    assert b.take(a.send(SMALL.resend_us_first)) == ["1"]


def test_a_receiver_that_crashed_gets_uncommitted_messages_again(ends: tuple[End, End]) -> None:
    """What was taken but not committed is lost with the process, and comes again."""
    a, b = ends
    a.post("1", "2")
    a.commit()
    b.take(a.send())
    b.restart()
    a.take(b.send())
    assert b.take(a.send(SMALL.resend_us_first)) == ["1", "2"]


def test_a_sender_that_crashed_goes_on_from_its_outbox(ends: tuple[End, End]) -> None:
    """Committed messages outlive the process that posted them, and numbers go on."""
    a, b = ends
    a.post("1")
    a.commit()
    a.restart()
    a.post("2")
    a.commit()
    b.take(a.send())
    assert b.got == ["1", "2"]


def test_a_new_epoch_brings_lost_messages_at_once(ends: tuple[End, End]) -> None:
    """A peer that announces a new epoch is sent everything unacknowledged without waiting."""
    a, b = ends
    a.take(b.send())
    a.post("1")
    a.commit()
    b.take(a.send())
    b.commit()
    a.take(b.send())
    a.post("2")
    a.commit()
    a.send()
    b.restart()
    a.take(b.send())
    assert b.take(a.send()) == ["2"]


def test_a_full_outbox_says_so(ends: tuple[End, End]) -> None:
    """Scripts must wait once the limit is reached, and only then."""
    a, _ = ends
    a.post("1", "2", "3")
    assert not a.links.full("b")
    a.post("4")
    assert a.links.full("b")


def test_no_more_is_under_way_than_credits_allow(ends: tuple[End, End]) -> None:
    """A sender stops at the receiver's window."""
    a, b = ends
    a.post(*map(str, range(20)))
    a.commit()
    assert len(b.take(a.send())) == SMALL.link_window_len_max


def test_a_paused_region_takes_nothing_and_gets_everything_later(ends: tuple[End, End]) -> None:
    """Without credits the neighbour keeps its messages; with new ones it goes on."""
    a, b = ends
    b.take([frame()])
    b.links.pause()
    a.take(b.send())
    a.post("1")
    a.commit()
    assert a.send() == []
    b.links.resume()
    a.take(b.send())
    assert b.take(a.send()) == ["1"]


def test_a_sender_asks_again_for_credits_it_missed(ends: tuple[End, End]) -> None:
    """When the frame with new credits is lost, the sender finds out by trying."""
    a, b = ends
    b.take([frame()])
    b.links.pause()
    a.take(b.send())
    b.links.resume()
    b.send()
    a.post("1")
    a.commit()
    a.send(0)
    assert b.take(a.send(SMALL.resend_us_first)) == ["1"]


@pytest.mark.parametrize(
    "changes",
    [{"dst": "c"}, {"src": "c"}, {"dst_epoch": 7}, {"version": 2}, {"upto": 5}],
    ids=["for another region", "from another region", "for another epoch", "other version", "false ack"],
)
def test_a_wrong_frame_is_refused_and_counted(changes: dict[str, object]) -> None:
    """Frames that can't be right are refused, each counted."""
    b = End("b")
    b.take([frame(**changes)])
    assert b.links.refused == 1


def test_a_frame_from_an_epoch_that_is_over_is_refused() -> None:
    """Once a successor has spoken its predecessor is not heard."""
    b = End("b")
    b.take([frame(src_epoch=3), frame(src_epoch=2)])
    assert b.links.refused == 1


def test_an_owner_that_went_back_learns_of_it() -> None:
    """So does an acknowledgement of what it never sent."""
    b = End("b")
    b.take([frame(upto=3)])
    assert b.links.superseded


def test_an_owner_that_was_succeeded_learns_of_it() -> None:
    """A frame for a later epoch tells a zombie what it is."""
    b = End("b")
    b.take([frame(dst_epoch=2)])
    assert b.links.superseded


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x90", b"\xdd\xff\xff\xff\xff", b"\x01", b"\x91\x01"])
def test_bytes_that_are_no_frame_are_refused(data: bytes) -> None:
    """Damaged or hostile bytes change nothing but a counter."""
    b = End("b")
    assert b.take([data]) == []
    assert b.links.refused == 1


def test_a_message_that_cannot_be_read_is_not_skipped() -> None:
    """The link stops before it, so that an upgrade can still read it."""
    b = End("b")
    b.take([frame(bodies=(b"\xc1",))])
    assert b.links.link("a").inbox.taken == 0
    assert b.links.link("a").inbox.unreadable == 1


def test_any_mutated_frame_is_harmless() -> None:
    """Thousands of altered frames are taken or refused, and never raise."""
    random = Random(1)
    a = End("a")
    a.post("1", "2")
    a.commit()
    good = a.send()[0]
    for _ in range(3_000):
        altered = bytearray(good)
        for _ in range(random.randint(1, 4)):
            altered[random.randrange(len(altered))] = random.randrange(256)
        End("b").take([bytes(altered)])


def test_early_messages_are_bounded(ends: tuple[End, End]) -> None:
    """A peer that sends far ahead of its turn fills no memory."""
    b = End("b", ExchangeLimits(link_window_len_max=100, link_early_bytes_max=50))
    b.take([frame(first=5, bodies=tuple(b"x" * 20 for _ in range(10)))])
    assert b.links.link("a").inbox.early_bytes == 40


def test_batches_keep_to_their_size(ends: tuple[End, End]) -> None:
    """Bodies are spread over frames of limited size; one that is larger travels alone."""
    a, _ = ends
    a.post("1", "x" * 100, "2", "3")
    a.commit()
    assert [first for first, _ in a.links.link("b").outbox.batches(0)] == [1, 2, 3]
