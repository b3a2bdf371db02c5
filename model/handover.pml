/* The hand-over of one object between regions, over links that lose and repeat, with crashes: for Spin.

   The one idea: whatever a region has committed to send may arrive at any time, again and again, or not for long;
   so the network needs no queues: who receives looks at what its peer's store holds. A region works on what it has
   in memory (m_), and only its commit makes that durable (d_) and visible. A crash falls back to what is durable.

   Safety, at every commit: exactly one owner or one message under way that carries the object; generations only
   grow; no number of a link has two contents. Liveness: moves and crashes are bounded, no run goes on for ever (no
   cycles: `-l`), and where nothing more can happen everything is acknowledged and the object has an owner.

   It has no offers (they are volatile and decide nothing), no mail, no riders, and one object.

     spin -DMOVES=2 -DCRASHES=1 -run -DSAFETY -O2 -m100000 model/handover.pml
     spin -DREGIONS=2 -run -O2 -l -m100000 model/handover.pml

   Broken variants, each of which must be found: see `tests/test_model.py`.
*/

#ifndef REGIONS
#define REGIONS 3
#endif
#ifndef MOVES
#define MOVES 2
#endif
#ifndef CRASHES
#define CRASHES 1
#endif

#define PAIRS (REGIONS * REGIONS)
#define LEN 4                            /* messages that one region can have for another; asserted */
#define WAY(s, r) ((s) * REGIONS + (r))
#define AT(s, r, n) (WAY(s, r) * LEN + (n) - 1)

#define ABSENT 0
#define OWNED 1
#define OUT 2
#define TOMB 3

#define TRANSFER 16                      /* a message is its kind plus the generation that left */
#define ACCEPT 32
#define REJECT 48
#define KIND(message) ((message) & 48)
#define GEN(message) ((message) & 15)
#define CARRIES(message) (KIND(message) == TRANSFER || KIND(message) == REJECT)

byte m_state[REGIONS], d_state[REGIONS], m_gen[REGIONS], d_gen[REGIONS];
byte m_outbox[PAIRS * LEN], d_outbox[PAIRS * LEN];
byte m_last[PAIRS], d_last[PAIRS];       /* of the way s to r, kept by s: the last number posted */
byte m_acked[PAIRS], d_acked[PAIRS];     /* kept by s: up to where it has forgotten them */
byte m_taken[PAIRS], d_taken[PAIRS];     /* kept by r */
byte newest_gen, moves, crashes;
hidden byte p, k, a, owners;             /* of no meaning between steps */

#ifdef ACK_EARLY
#define ACKNOWLEDGED m_taken
#else
#define ACKNOWLEDGED d_taken
#endif

#define WAY_CHANGED(p) (m_last[WAY(r, p)] != d_last[WAY(r, p)] \
    || m_acked[WAY(r, p)] != d_acked[WAY(r, p)] || m_taken[WAY(p, r)] != d_taken[WAY(p, r)])
#define RESTS(s, r) (m_acked[WAY(s, r)] == m_last[WAY(s, r)] && d_acked[WAY(s, r)] == d_last[WAY(s, r)])
#if REGIONS == 2
#define WAYS_CHANGED (WAY_CHANGED(0) || WAY_CHANGED(1))
#define ALL_REST (RESTS(0, 1) && RESTS(1, 0) && d_state[0] != OUT && d_state[1] != OUT)
#else
#define WAYS_CHANGED (WAY_CHANGED(0) || WAY_CHANGED(1) || WAY_CHANGED(2))
#define ALL_REST (RESTS(0, 1) && RESTS(1, 0) && RESTS(0, 2) && RESTS(2, 0) && RESTS(1, 2) && RESTS(2, 1) \
    && d_state[0] != OUT && d_state[1] != OUT && d_state[2] != OUT)
#endif

inline post(from, to, message)
{
    m_last[WAY(from, to)]++;
    assert(m_last[WAY(from, to)] <= LEN);
    m_outbox[AT(from, to, m_last[WAY(from, to)])] = message
}

/* A unit has come to r and is news: it is admitted, or goes back whole. */
inline decide(src, dst, gen)
{
    if
    :: m_state[dst] = OWNED; m_gen[dst] = gen + 1; post(dst, src, ACCEPT + gen)
#ifdef REJECT_LOST
    :: skip
#else
    :: post(dst, src, REJECT + gen)
#endif
    fi
}

inline take_transfer(src, dst, gen)
{
    if
    :: m_state[dst] == OWNED || gen < m_gen[dst] + (m_state[dst] == OUT -> 1 : 0) -> skip    /* late */
    :: m_state[dst] == OUT && gen > m_gen[dst] ->
#ifndef NO_IMPLICIT_ACCEPT
        m_gen[dst] = m_gen[dst] + 1;                 /* SEEN: the earlier crossing got through */
        m_state[dst] = TOMB;
        decide(src, dst, gen)
#else
        skip
#endif
    :: (m_state[dst] == ABSENT || m_state[dst] == TOMB) && gen >= m_gen[dst] -> decide(src, dst, gen)
    fi
}

#ifdef ANY_GEN
#define MATCHES(message) true
#else
#define MATCHES(message) (m_gen[dst] == GEN(message))
#endif

/* What region r makes of a message of s. */
inline take(src, dst, message)
{
    if
    :: KIND(message) == TRANSFER -> take_transfer(src, dst, GEN(message))
    :: KIND(message) == ACCEPT && m_state[dst] == OUT && MATCHES(message) ->
        m_state[dst] = TOMB;
        m_gen[dst] = m_gen[dst] + 1
    :: KIND(message) == REJECT && m_state[dst] == OUT && m_gen[dst] == GEN(message) ->
        m_state[dst] = OWNED;
#ifdef SAME_GEN
        skip
#else
        m_gen[dst] = m_gen[dst] + 2
#endif
    :: else -> skip
    fi
}

/* The next message of s comes to r, if s has not forgotten it. */
active [PAIRS] proctype Deliver()
{
    byte s = _pid / REGIONS, r = _pid % REGIONS;
end:
    do
    :: atomic {
#ifdef SEND_EARLY
        m_taken[WAY(s, r)] < m_last[WAY(s, r)] && m_taken[WAY(s, r)] >= d_acked[WAY(s, r)] ->
        m_taken[WAY(s, r)]++;
        take(s, r, m_outbox[AT(s, r, m_taken[WAY(s, r)])])
#else
        m_taken[WAY(s, r)] < d_last[WAY(s, r)] && m_taken[WAY(s, r)] >= d_acked[WAY(s, r)] ->
        m_taken[WAY(s, r)]++;
        take(s, r, d_outbox[AT(s, r, m_taken[WAY(s, r)])])
#endif
    }
#ifdef NO_DEDUPE
    :: atomic { m_taken[WAY(s, r)] > 0 -> take(s, r, d_outbox[AT(s, r, m_taken[WAY(s, r)])]) }
#endif
    od
}

/* An acknowledgement of r comes to s. */
active [PAIRS] proctype Acknowledge()
{
    byte s = (_pid - PAIRS) / REGIONS, r = (_pid - PAIRS) % REGIONS;
end:
    do
    :: d_step {
        m_acked[WAY(s, r)] < ACKNOWLEDGED[WAY(s, r)] && m_acked[WAY(s, r)] < d_last[WAY(s, r)] ->
        m_acked[WAY(s, r)] = ACKNOWLEDGED[WAY(s, r)]
    }
    od
}

/* Whoever owns the object sends it on, to any other region. */
active [REGIONS] proctype Move()
{
    byte r = _pid - 2 * PAIRS;
end:
    do
    :: atomic { r != 0 && m_state[r] == OWNED && moves < MOVES ->
        moves++; m_state[r] = OUT; post(r, 0, TRANSFER + m_gen[r]) }
    :: atomic { r != 1 && m_state[r] == OWNED && moves < MOVES ->
        moves++; m_state[r] = OUT; post(r, 1, TRANSFER + m_gen[r]) }
#if REGIONS > 2
    :: atomic { r != 2 && m_state[r] == OWNED && moves < MOVES ->
        moves++; m_state[r] = OUT; post(r, 2, TRANSFER + m_gen[r]) }
#endif
#ifdef TIMEOUT
    :: atomic { m_state[r] == OUT && m_gen[r] < 8 -> m_state[r] = OWNED; m_gen[r] = m_gen[r] + 2 }
#endif
    od
}

/* One owner, or one message under way that carries the object. */
inline check_owners()
{
    owners = 0;
    for (a : 0 .. REGIONS - 1) {
        if
        :: d_state[a] == OWNED -> owners++
        :: else -> skip
        fi;
        for (p : 0 .. REGIONS - 1) {
            for (k : 1 .. LEN) {
                if
                :: k <= d_last[WAY(a, p)] && k > d_taken[WAY(a, p)] && k > d_acked[WAY(a, p)] && CARRIES(d_outbox[AT(a, p, k)]) ->
                    owners++
                :: else -> skip
                fi
            }
        }
    }
    assert(owners == 1)
}

inline check_gen(r)
{
    if
    :: m_state[r] == OWNED && (d_state[r] != OWNED || d_gen[r] != m_gen[r]) ->
        assert(m_gen[r] > newest_gen);
        newest_gen = m_gen[r]
    :: else -> skip
    fi
}

/* A region's transaction: all it has in memory becomes durable. */
active [REGIONS] proctype Commit()
{
    byte r = _pid - 2 * PAIRS - REGIONS;
end:
    do
    :: d_step {
        m_state[r] != d_state[r] || m_gen[r] != d_gen[r] || WAYS_CHANGED ->
        check_gen(r);
        d_state[r] = m_state[r];
        d_gen[r] = m_gen[r];
        for (p : 0 .. REGIONS - 1) {
            for (k : 1 .. LEN) {
                assert(k > d_last[WAY(r, p)] || d_outbox[AT(r, p, k)] == m_outbox[AT(r, p, k)]);
                d_outbox[AT(r, p, k)] = m_outbox[AT(r, p, k)]
            }
            d_last[WAY(r, p)] = m_last[WAY(r, p)];
            d_acked[WAY(r, p)] = m_acked[WAY(r, p)];
            d_taken[WAY(p, r)] = m_taken[WAY(p, r)]
        }
        check_owners()
    }
    od
}

/* A process dies, and the next one begins with what is durable. */
active [REGIONS] proctype Crash()
{
    byte r = _pid - 2 * PAIRS - 2 * REGIONS;
end:
    do
    :: d_step {
        crashes < CRASHES && (m_state[r] != d_state[r] || m_gen[r] != d_gen[r] || WAYS_CHANGED) ->
        crashes++;
        m_state[r] = d_state[r];
        m_gen[r] = d_gen[r];
        for (p : 0 .. REGIONS - 1) {
            for (k : 1 .. LEN) { m_outbox[AT(r, p, k)] = d_outbox[AT(r, p, k)] }
            m_last[WAY(r, p)] = d_last[WAY(r, p)];
            m_acked[WAY(r, p)] = d_acked[WAY(r, p)];
            m_taken[WAY(p, r)] = d_taken[WAY(p, r)]
        }
    }
    od
}

/* The object is born in region 0. Where nothing more can happen, everything must be at rest. */
active proctype Life()
{
    d_step { m_state[0] = OWNED; d_state[0] = OWNED; m_gen[0] = 1; d_gen[0] = 1; newest_gen = 1 }
    timeout -> assert(ALL_REST)
}
