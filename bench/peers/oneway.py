"""A message from one process to another over ZeroMQ: milliseconds one way. Arguments: `curve` or `plain`, bytes,
messages, seconds of rest before each.

Half of a round trip, as ZeroMQ's own `local_lat` has it: DEALER to ROUTER and back, the median.
"""

import multiprocessing
import statistics
import sys
import time

import zmq
from answering import serve

SECURE, SIZE, COUNT, PAUSE_S = sys.argv[1] == "curve", int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])


def echo(pipe):
    router = zmq.Context().socket(zmq.ROUTER)
    if SECURE:
        public, secret = zmq.curve_keypair()
        router.curve_server, router.curve_publickey, router.curve_secretkey = True, public, secret
        pipe.send(public)
    router.bind("tcp://127.0.0.1:*")
    pipe.send(router.last_endpoint)
    while True:
        router.send_multipart(router.recv_multipart())


def connected(pipe):
    dealer = zmq.Context().socket(zmq.DEALER)
    if SECURE:
        dealer.curve_serverkey = pipe.recv()
        dealer.curve_publickey, dealer.curve_secretkey = zmq.curve_keypair()
    dealer.connect(pipe.recv())
    return dealer


ours, theirs = multiprocessing.Pipe()
multiprocessing.Process(target=echo, args=(theirs,), daemon=True).start()
dealer = connected(ours)
data = bytes(SIZE)


def once():
    time.sleep(PAUSE_S)
    began = time.perf_counter()
    dealer.send(data)
    dealer.recv()
    return (time.perf_counter() - began) * 500


serve(lambda: statistics.median(once() for _ in range(COUNT)))
