"""A desk's worker in which texts can do their worst: one that begins with one of these words does it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time

import detector.audit.worker
from detector.desk import worker

read = worker.read


def poisoned(task, reading):  # type: ignore[no-untyped-def]
    word = task.content[:5]
    if word == b"CRASH":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif word == b"LEAVE":
        os._exit(0)
    elif word == b"HANG1":  # in Python, which an alarm can end
        while True:
            pass
    elif word == b"HANG2":  # in C, with the lock that Python needs to run anything else
        while True:
            ctypes.PyDLL(None).sleep(3_600)
    elif word == b"EATS1":
        eaten = bytearray()
        while True:
            eaten += bytes(20_000_000)
    elif word == b"FAULT":
        raise ValueError("a fault")
    elif word == b"PRINT":
        os.write(1, b"a library prints\n")
    elif word == b"SLOWS":
        time.sleep(0.3)
    return read(task, reading)


if __name__ == "__main__":
    worker.read = poisoned
    detector.audit.worker.GRACE = 1
    sys.exit(worker.main())
