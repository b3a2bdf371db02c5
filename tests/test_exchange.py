"""What an exchange promises its region: one owner, no event lost or doubled, order for each pair."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrate.deliveries import (
    Denied,
    Departed,
    EventArrived,
    Granted,
    Offered,
    ProgramCame,
    ProgramWanted,
    Returned,
    RoomAgain,
    Undeliverable,
    UnitArrived,
)
from migrate.errors import BadRecord, HandoffError
from migrate.limits import ExchangeLimits
from migrate.messages import (
    FRAME_VERSION,
    Frame,
    Gone,
    Member,
    Transfer,
    decode_frame,
    encode_frame,
    encode_message,
)
from migrate.rows import ExchangeState
from tests.exchanges import Regions

SMALL = ExchangeLimits(
    pair_window_len_max=4,
    pairs_sent_len_max=2,
    outbox_len_max=3,
    tombstone_us=100_000,
    pair_idle_us=50_000,
    offer_us_max=100_000,
)


@pytest.fixture
def regions() -> Regions:
    """Three regions; object a:1 is in a, and b:1 in b."""
    return with_objects(Regions("a", "b", "c"))


def with_objects(regions: Regions) -> Regions:
    regions["a"].create("a:1")
    regions["b"].create("b:1")
    regions.settle()
    return regions


def payloads(regions: Regions, name: str) -> list[bytes]:
    return [event.payload for event in regions.taken(name, EventArrived)]


def owners(regions: Regions, object: str) -> list[str]:
    return [name for name, exchange in regions.exchanges.items() if exchange.owns(object)]


# --- Crossing ---


def test_a_granted_unit_has_one_owner_at_every_step(regions: Regions) -> None:
    """The source owns it until it departs, then nobody, then the destination with the next generation."""
    assert owners(regions, "a:1") == ["a"]
    regions.cross("a:1", "a", "b")
    assert owners(regions, "a:1") == []
    regions.settle()
    assert owners(regions, "a:1") == ["b"]
    assert regions["b"].gen("a:1") == 2


def test_both_sides_are_told(regions: Regions) -> None:
    """The destination gets the unit, the source learns that it is gone."""
    regions.cross("a:1", "a", "b")
    regions.settle()
    (arrived,) = regions.taken("b", UnitArrived)
    assert (arrived.unit.object, arrived.unit.payload, arrived.src) == ("a:1", b"state", "a")
    assert regions.taken("a", Departed) == [Departed("a:1", "b", 1)]


def test_a_refused_unit_comes_back_whole(regions: Regions) -> None:
    """A unit that is not admitted is the source's again, with its payload and a later generation."""
    regions["b"].admit = lambda unit: "no room"
    regions.cross("a:1", "a", "b")
    regions.settle()
    (returned,) = regions.taken("a", Returned)
    assert (returned.unit.payload, returned.unit.gen, returned.reason) == (b"state", 3, "no room")
    assert owners(regions, "a:1") == ["a"]


def test_riders_cross_with_their_unit(regions: Regions) -> None:
    """What rides on an object changes hands with it."""
    regions["a"].create("a:2")
    regions.cross("a:1", "a", "b", riders=("a:2",))
    regions.settle()
    assert regions.taken("b", UnitArrived)[0].unit.riders == ("a:2",)
    assert owners(regions, "a:2") == ["b"]


def test_riders_come_back_with_a_refused_unit(regions: Regions) -> None:
    """A refusal returns everybody."""
    regions["a"].create("a:2")
    regions["b"].admit = lambda unit: "no room"
    regions.cross("a:1", "a", "b", riders=("a:2",))
    regions.settle()
    assert (owners(regions, "a:1"), owners(regions, "a:2")) == (["a"], ["a"])


def test_an_object_that_comes_home_before_its_accept_is_taken(regions: Regions) -> None:
    """Its return is an implicit ACCEPT, and the real one, coming later, changes nothing."""
    regions.cross("a:1", "a", "b")
    regions.cut = {("b", "a")}
    regions.rounds(3)
    regions.cross("a:1", "b", "c")
    regions.rounds(3)
    regions.cross("a:1", "c", "a")
    regions.rounds(5)
    assert (owners(regions, "a:1"), regions["a"].gen("a:1")) == (["a"], 4)
    regions.cut = set()
    regions.rounds(50)
    assert (owners(regions, "a:1"), regions["a"].gen("a:1")) == (["a"], 4)


def test_an_old_accept_does_not_end_a_new_crossing(regions: Regions) -> None:
    """Only the ACCEPT with the generation that left settles a crossing: here the new one is then refused."""
    regions.cross("a:1", "a", "b")
    regions.cut = {("b", "a")}
    regions.rounds(3)
    regions.cross("a:1", "b", "c")
    regions.rounds(3)
    regions.cross("a:1", "c", "a")
    regions.rounds(5)
    regions["c"].admit = lambda unit: "no room"
    regions.cross("a:1", "a", "c")
    regions.cut = {("a", "c")}
    regions.rounds(50)
    regions.cut = set()
    regions.rounds(100)
    assert owners(regions, "a:1") == ["a"]


def test_a_crash_after_departure_loses_nothing(regions: Regions) -> None:
    """The transfer is in the source's store and goes on from there."""
    regions.cross("a:1", "a", "b")
    regions.restart("a")
    regions.settle()
    assert owners(regions, "a:1") == ["b"]


def test_a_crash_of_the_destination_before_its_commit_loses_nothing(regions: Regions) -> None:
    """What was taken but not committed is taken again."""
    regions.cross("a:1", "a", "b")
    for _, data in regions["a"].outgoing(regions.now_us):
        regions["b"].receive("a", data, regions.now_us)
    regions.restart("b")
    regions.settle()
    assert owners(regions, "a:1") == ["b"]


# --- Offers ---


def test_a_denied_object_stays_and_is_told_why(regions: Regions) -> None:
    """A denial comes before anything freezes."""
    regions.ask("a:1", "a", "b")
    regions.round()
    (offered,) = regions.taken("b", Offered)
    regions["b"].deny(offered.number, "a:1", "a", "full", 500)
    regions.settle()
    assert regions.taken("a", Denied) == [Denied("a:1", "b", "full", 500)]
    assert owners(regions, "a:1") == ["a"]


def test_an_offer_without_answer_is_denied_in_time(regions: Regions) -> None:
    """A neighbour that is away denies by its silence."""
    regions.cut = {("b", "a")}
    regions.ask("a:1", "a", "b")
    regions.rounds(510)
    (denied,) = regions.taken("a", Denied)
    assert "no answer" in denied.reason


def test_an_offer_is_repeated_until_it_is_answered(regions: Regions) -> None:
    """A lost offer is made again."""
    regions.cut = {("a", "b")}
    regions.ask("a:1", "a", "b")
    regions.round()
    regions.cut = set()
    regions.rounds(30)
    assert len(regions.taken("b", Offered)) > 0


def test_a_missing_program_travels_before_the_object(regions: Regions) -> None:
    """The grant waits for the source; asked for, it comes, and the offer with it again."""
    regions.ask("a:1", "a", "b")
    regions.round()
    (offered,) = regions.taken("b", Offered)
    regions["b"].grant(offered.number, "a:1", "a", missing=("p",))
    regions.settle()
    assert regions.taken("a", ProgramWanted) == [ProgramWanted("p", "b")]
    assert regions.taken("a", Granted) == []
    regions["a"].give_program("b", "p", "source")
    regions.settle()
    assert regions.taken("b", ProgramCame) == [ProgramCame("p", "source", "a")]
    (offered,) = regions.taken("b", Offered)
    regions["b"].grant(offered.number, "a:1", "a")
    regions.settle()
    assert regions.taken("a", Granted) == [Granted("a:1", "b")]


def test_a_new_offer_voids_the_one_before(regions: Regions) -> None:
    """An object that turns away from a border is not granted there any more."""
    regions.ask("a:1", "a", "b")
    regions.round()
    (offered,) = regions.taken("b", Offered)
    regions.ask("a:1", "a", "c")
    regions["b"].grant(offered.number, "a:1", "a")
    regions.rounds(3)
    assert regions.taken("a", Granted) == []


@pytest.mark.parametrize("answer", ["grant", "deny"])
def test_an_answer_to_an_earlier_offer_is_void(regions: Regions, answer: str) -> None:
    """What a region says of an object as it was says nothing of the object as it is now."""
    regions.ask("a:1", "a", "b")
    regions.round()
    regions.ask("a:1", "a", "b")
    regions.rounds(2)
    first, second = regions.taken("b", Offered)
    if answer == "grant":
        regions["b"].grant(first.number, "a:1", "a")
    else:
        regions["b"].deny(first.number, "a:1", "a", "too large", 1000)
    regions.rounds(3)
    before = regions.taken("a", Granted) + regions.taken("a", Denied)
    regions["b"].grant(second.number, "a:1", "a")
    regions.rounds(3)
    assert ([], [Granted("a:1", "b")]) == (before, regions.taken("a", Granted))


@pytest.mark.parametrize(
    "message", [Transfer((Member("a:1", 1, None),), b"copy", ()), Gone("a:1", 1)], ids=["transfer", "gone"]
)
def test_only_a_later_generation_ends_a_crossing(regions: Regions, message: Transfer | Gone) -> None:
    """A word of the generation that is under way, which no honest region can have heard of, is ignored and counted."""
    regions.cross("a:1", "a", "b")
    frame = Frame(FRAME_VERSION, "c", 1, "a", 0, 0, 8, 1, (encode_message(message),), ())
    assert [] == regions["a"].receive("c", encode_frame(frame), regions.now_us)
    assert (True, 1) == (regions["a"].is_out("a:1"), regions["a"].statistics().stale)
    regions.settle()
    assert ["b"] == owners(regions, "a:1")


def test_departing_without_a_grant_is_an_error(regions: Regions) -> None:
    """A kernel that hands over what nobody asked for is told so."""
    with pytest.raises(HandoffError, match="offer it first"):
        regions["a"].depart("a:1", "b", b"state")


def test_departing_with_more_than_a_message_holds_is_an_error() -> None:
    """A unit that can't travel is refused before it is frozen for ever."""
    regions = with_objects(Regions("a", "b", limits=ExchangeLimits(unit_bytes_max=4)))
    with pytest.raises(HandoffError, match="5 bytes"):
        regions.cross("a:1", "a", "b")


def test_departing_before_its_events_are_taken_is_an_error(regions: Regions) -> None:
    """Events that were delivered belong into the payload."""
    regions["a"].create("a:2")
    regions.ask("a:1", "a", "b")
    regions.round()
    (offered,) = regions.taken("b", Offered)
    regions["b"].grant(offered.number, "a:1", "a")
    regions.round()
    regions.round()
    regions["a"].send("a:2", "a:1", b"x")
    with pytest.raises(HandoffError, match="local"):
        regions["a"].depart("a:1", "b", b"state")


# --- Mail ---


def test_events_arrive_once_and_in_order(regions: Regions) -> None:
    """From one region to another."""
    for n in range(5):
        regions["b"].send("b:1", "a:1", b"%d" % n)
    regions.settle()
    assert payloads(regions, "a") == [b"0", b"1", b"2", b"3", b"4"]


def test_events_inside_a_region_are_there_at_once(regions: Regions) -> None:
    """A local receiver gets its event in the same tick, without a row in the store."""
    regions["a"].create("a:2")
    regions["a"].send("a:2", "a:1", b"x")
    assert regions["a"].local() == [EventArrived("a:2", "a:1", b"x")]


def test_events_for_an_object_on_its_way_follow_it(regions: Regions) -> None:
    """They are held while it is out, also through a crash, and sent on behind it."""
    regions.cut = {("a", "c")}
    regions.cross("a:1", "a", "b")
    regions.cut = {("b", "a"), ("a", "b")}
    regions["b"].send("b:1", "a:1", b"late")
    regions.cut = {("a", "b")}
    regions.round()
    regions.round()
    assert regions["a"].statistics().held_len == 1
    regions.restart("a")
    regions.cut = set()
    regions.rounds(30)
    assert payloads(regions, "b") == [b"late"]


def test_a_tombstone_forwards_and_tells_the_sender(regions: Regions) -> None:
    """The first event takes the detour, the next one does not."""
    regions.cross("a:1", "a", "c")
    regions.settle()
    regions["b"].send("b:1", "a:1", b"1")
    regions.settle()
    assert regions["b"].where("a:1") == "c"
    regions["b"].send("b:1", "a:1", b"2")
    regions.settle()
    assert payloads(regions, "c") == [b"1", b"2"]
    assert regions["a"].statistics().events_forwarded == 1


def test_a_local_event_does_not_overtake_one_under_way(regions: Regions) -> None:
    """When sender and receiver meet, what was sent before still comes first."""
    regions.cut = {("b", "a")}
    regions["b"].send("b:1", "a:1", b"1")
    regions.round()
    regions.cut = set()
    regions["a"].offer("a:1", "b", bytes=1, scripts=1, memory=1, programs=(), now_us=regions.now_us)
    for _, data in regions["a"].outgoing(regions.now_us):
        for offered in regions["b"].receive("a", data, regions.now_us):
            assert isinstance(offered, Offered)
            regions["b"].grant(offered.number, "a:1", "a")
    regions.cut = {("b", "a")}
    for dst, data in regions["b"].outgoing(regions.now_us):
        regions[dst].receive("b", data, regions.now_us)
    regions["a"].tick(regions.now_us)
    regions["a"].depart("a:1", "b", b"state")
    regions.rounds(3)
    regions["b"].send("b:1", "a:1", b"2")
    assert payloads(regions, "b") == []
    regions.cut = set()
    regions.rounds(50)
    assert payloads(regions, "b") == [b"1", b"2"]


def test_an_event_for_what_never_was_comes_back(regions: Regions) -> None:
    """The birth region in the id is asked, and knows nothing."""
    regions["b"].send("b:1", "a:77", b"x")
    regions.settle()
    (back,) = regions.taken("b", Undeliverable)
    assert (back.sender, back.receiver, back.payload) == ("b:1", "a:77", b"x")


def test_an_event_for_a_removed_object_comes_back(regions: Regions) -> None:
    """Removed far from home: the birth region has been told."""
    regions.cross("a:1", "a", "c")
    regions.settle()
    regions["c"].remove("a:1")
    regions.settle()
    regions["b"].send("b:1", "a:1", b"x")
    regions.settle()
    assert [back.payload for back in regions.taken("b", Undeliverable)] == [b"x"]


def test_nothing_remembers_a_removed_object() -> None:
    """After its end, and some time, there is no row of it or of its pairs anywhere."""
    regions = with_objects(Regions("a", "b", "c", limits=SMALL))
    regions["b"].send("b:1", "a:1", b"x")
    regions.settle()
    regions.cross("a:1", "a", "c")
    regions.settle()
    regions["c"].send("a:1", "b:1", b"x")
    regions["c"].remove("a:1")
    regions.rounds(60)
    kinds = {kind for rows in regions.rows.values() for kind, key in rows if "a:1" in key}
    assert kinds == set()
    assert sum(exchange.statistics().pairs for exchange in regions.exchanges.values()) == 0


def test_a_faded_tombstone_leaves_a_way_over_the_birth_region() -> None:
    """After a tombstone away from home has ended, mail that follows an old hint still arrives."""
    regions = with_objects(Regions("a", "b", "c", limits=SMALL))
    regions.cross("a:1", "a", "b")
    regions.settle()
    regions["c"].create("c:1")
    regions["c"].hint("a:1", "b", 2)
    regions.cross("a:1", "b", "a")
    regions.settle()
    regions.cross("a:1", "a", "c")
    regions.rounds(30)
    assert [regions[name].statistics().tombstones for name in "abc"] == [1, 0, 0]
    regions["b"].send("b:1", "a:1", b"x")
    regions.settle()
    assert payloads(regions, "c") == [b"x"]


def test_a_wrong_hint_costs_a_detour_only(regions: Regions) -> None:
    """An event sent to where its receiver never was finds it all the same."""
    regions["b"].hint("a:1", "c", 1)
    regions["b"].send("b:1", "a:1", b"x")
    regions.settle()
    assert payloads(regions, "a") == [b"x"]


# --- Bounds ---


def test_too_many_unconfirmed_events_make_their_sender_wait() -> None:
    """The window between two objects is bounded; when it opens, the sender is told."""
    regions = with_objects(Regions("a", "b", limits=SMALL))
    regions.cut = {("b", "a"), ("a", "b")}
    sent = [regions["b"].send("b:1", "a:1", b"x") for _ in range(5)]
    assert sent == [True, True, True, False, False]
    regions.cut = set()
    regions.rounds(30)
    assert RoomAgain("b:1") in regions.taken("b", RoomAgain)
    assert regions["b"].send("b:1", "a:1", b"x")


def test_as_many_are_woken_as_there_is_room_for() -> None:
    """Not all for each message that is taken; and nobody is forgotten where the woken do not use their room."""
    regions = Regions("a", "b", limits=replace(SMALL, outbox_len_max=2, link_window_len_max=1))
    ids = [f"b:{number}" for number in range(6)]
    for id in ids:
        regions["b"].create(id)
    regions["a"].create("a:1")
    regions.settle()
    regions.cut = {("b", "a"), ("a", "b")}
    assert [True, True, False, False, False, False] == [regions["b"].send(id, "a:1", b"x") for id in ids]
    regions.rounds(1)
    regions.cut = set()
    woken: list[list[str]] = []
    for _ in range(60):
        regions.came["b"].clear()
        regions.rounds(1)
        woken.append([delivery.sender for delivery in regions.taken("b", RoomAgain)])
    assert ids[2:] == [id for each in woken for id in each]
    assert max(map(len, woken)) <= 2


def test_a_sender_with_many_receivers_ends_its_oldest_pair() -> None:
    """What an object remembers of others is bounded."""
    regions = with_objects(Regions("a", "b", limits=SMALL))
    for number in range(2, 6):
        regions["a"].create(f"a:{number}")
    regions.settle()
    for number in range(1, 6):
        while not regions["b"].send("b:1", f"a:{number}", b"x"):
            regions.round()
        regions.settle()
    assert len(payloads(regions, "a")) == 5
    assert regions["b"].statistics().pairs <= SMALL.pairs_sent_len_max


def test_room_that_comes_at_once_is_used_at_once() -> None:
    """A pair whose confirmation needs no journey makes room within the same call."""
    regions = with_objects(Regions("a", "b", limits=SMALL))
    for number in (77, 78, 79):
        assert regions["a"].send("a:1", f"a:{number}", b"x")
    assert len([each for each in regions["a"].local() if isinstance(each, Undeliverable)]) == 3


def test_a_chain_that_is_to_end_with_a_full_window_ends() -> None:
    """The confirmation that an end waits for is asked for even when the window is full."""
    regions = with_objects(
        Regions("a", "b", limits=ExchangeLimits(pair_window_len_max=3, pair_idle_us=50_000))
    )
    regions.cut = {("b", "a")}
    while regions["b"].send("b:1", "a:1", b"x"):
        pass
    regions.rounds(20)
    regions.cut = set()
    regions.rounds(100)
    assert regions["b"].statistics().pairs == 0


def test_a_neighbour_that_is_away_for_an_hour_fills_no_memory() -> None:
    """Its outbox grows to the limit, and drains when it is back."""
    regions = with_objects(Regions("a", "b", limits=SMALL))
    for number in range(2, 9):
        regions["b"].create(f"b:{number}")
    regions.cut = {("b", "a"), ("a", "b")}
    for _ in range(300):
        regions.now_us += 12_000_000
        for number in range(1, 9):
            regions["b"].send(f"b:{number}", "a:1", b"x")
        regions.round()
    assert regions["b"].statistics().outbox_len <= SMALL.outbox_len_max + 8
    regions.cut = set()
    regions.now_us += 3_000_000
    regions.rounds(60)
    assert regions["b"].statistics().outbox_len == 0


# --- Books ---


def test_a_failed_commit_is_made_up_for_by_the_next(regions: Regions) -> None:
    """Until `committed` is called, everything is in the delta again."""
    regions["a"].create("a:2")
    first = dict(regions["a"].delta())
    regions["a"].create("a:3")
    second = dict(regions["a"].delta())
    assert first.items() <= second.items()
    assert len(second) == 2


def test_a_restart_restores_everything(regions: Regions) -> None:
    """Objects, tombstones, outbox and counters come back from the rows."""
    regions["a"].create("a:2")
    regions.cross("a:1", "a", "b")
    regions["a"].send("a:2", "b:1", b"x")
    regions.commit("a")
    before = regions["a"].statistics()
    regions.restart("a")
    after = regions["a"].statistics()
    assert (before.objects_owned, before.objects_out, before.outbox_len, before.pairs) == (1, 1, 2, 1)
    assert (after.objects_owned, after.objects_out, after.outbox_len, after.pairs) == (1, 1, 2, 1)


def test_a_damaged_row_is_named() -> None:
    """A row that can't be read says which one it is."""
    with pytest.raises(BadRecord, match="hand/a:1"):
        ExchangeState.from_rows({("hand", "a:1"): b"\xc1"})


def test_rows_of_others_are_left_alone() -> None:
    """The store holds more than an exchange's rows."""
    assert ExchangeState.from_rows({("object", "a:1"): b"\xc1"}).hands == {}


def test_what_waits_for_a_commit_is_known(regions: Regions) -> None:
    """A host can commit early when something wants to leave."""
    assert not regions["a"].waits_to_leave()
    regions["a"].send("a:1", "b:1", b"x")
    assert regions["a"].waits_to_leave()
    regions.settle()
    assert not regions["a"].waits_to_leave()


# --- Regions that do not exist ---


def regions_that_know_each_other() -> Regions:
    regions = Regions("a", "b", knows={"a", "b"}.__contains__)
    return with_objects(regions)


def test_mail_to_an_invented_region_comes_back_at_once() -> None:
    """A script may write any name into a reference: nothing is kept for a region that the world has not."""
    regions = regions_that_know_each_other()
    assert regions["a"].send("a:1", "r7:1", b"x")
    (back,) = (each for each in regions["a"].local() if isinstance(each, Undeliverable))
    regions.settle()
    assert ("r7:1", "object r7:1 does not exist: there is no region 'r7'") == (back.receiver, back.reason)
    assert [] == [key for key in regions.rows["a"] if key[0] in ("link", "outbox")]


def test_a_thousand_invented_regions_leave_nothing() -> None:
    """Neither in memory nor in the store."""
    regions = regions_that_know_each_other()
    for number in range(1000):
        assert regions["a"].send("a:1", f"r{number}:1", b"x")
    regions["a"].local()
    regions.settle()
    now = regions["a"].statistics()
    assert (0, 0, {"a:1"}) == (now.outbox_len, now.pairs, {key for _, key in regions.rows["a"]})


def test_a_hint_to_an_invented_region_is_not_believed() -> None:
    """A lying neighbour can't lead mail to where nobody is."""
    regions = regions_that_know_each_other()
    regions["a"].hint("b:1", "r7", 9)
    assert regions["a"].send("a:1", "b:1", b"x")
    regions.settle()
    assert [b"x"] == payloads(regions, "b")


def test_an_offer_to_an_invented_region_is_the_callers_mistake() -> None:
    """No neighbour lies there."""
    with pytest.raises(HandoffError, match="there is no such region"):
        regions_that_know_each_other().ask("a:1", "a", "r7")


def test_an_object_of_a_region_that_is_no_more_can_end() -> None:
    """Its birth region was taken out of the world; nobody needs to be told."""
    regions = Regions("a", "b", "old")
    regions["old"].create("old:1")
    regions.settle()
    regions.cross("old:1", "old", "a")
    regions.settle()
    regions.knows = {"a", "b"}.__contains__
    regions.restart("a")
    regions["a"].remove("old:1")
    regions.settle()
    assert 0 == regions["a"].statistics().outbox_len


# --- Other versions ---


def hears_version(regions: Regions, name: str, peer: str, version: int) -> None:
    """Let a region get a frame of another version from its peer."""
    frame = bytes([0x9B, version]) + b"whatever a later version holds"
    regions.came[name] += regions[name].receive(peer, frame, regions.now_us)


def test_a_peer_of_another_version_is_refused_on_both_sides(regions: Regions) -> None:
    """Nothing is offered to it, with the versions as the reason; and it gets a frame that shows it ours."""
    hears_version(regions, "a", "b", 2)
    (answer,) = [data for dst, data in regions["a"].outgoing(regions.now_us) if dst == "b"]
    regions.ask("a:1", "a", "b")
    (denied,) = (each for each in regions["a"].local() if isinstance(each, Denied))
    reason = "region b speaks version 2 of frames, this one 1: the older side must be upgraded"
    assert (reason, 1) == (denied.reason, decode_frame(answer).version)
    assert regions["a"].owns("a:1")
    assert 1 == regions["a"].statistics().peers_not_understood


def test_two_versions_do_not_keep_telling_each_other(regions: Regions) -> None:
    """One answer to the first frame that can't be read; then silence, but for what is sent again."""
    for _ in range(3):
        hears_version(regions, "a", "b", 2)
    regions["a"].outgoing(regions.now_us)
    hears_version(regions, "a", "b", 2)
    assert [] == regions["a"].outgoing(regions.now_us)


def test_an_offer_to_a_peer_of_another_version_says_so_in_the_end(regions: Regions) -> None:
    """Asked before it was known, the object stays where it is, and its script is told why."""
    regions.cut = {("b", "a"), ("a", "b")}
    regions.ask("a:1", "a", "b")
    hears_version(regions, "a", "b", 2)
    regions.rounds(510)
    (denied,) = regions.taken("a", Denied)
    assert "speaks version 2" in denied.reason


def test_a_peer_that_was_upgraded_is_understood_again(regions: Regions) -> None:
    """The first frame that can be read ends it."""
    hears_version(regions, "a", "b", 2)
    regions.settle()
    assert regions["b"].send("b:1", "a:1", b"x")
    regions.settle()
    assert 0 == regions["a"].statistics().peers_not_understood
    regions.cross("a:1", "a", "b")
    regions.settle()
    assert ["b"] == owners(regions, "a:1")
