"""A worker in which pages can do their worst: a body that begins with one of these words does it."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from detector.audit import page, worker

answer = page.answer
kept: list[bytearray] = []  # memory that a page leaves occupied


def poisoned(row, record, detector, reading):  # type: ignore[no-untyped-def]
    word = record.body[:5]
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
    elif word == b"KEEPS":
        kept.append(bytearray(200_000_000))
    elif word == b"FAULT":
        raise ValueError("a fault")
    elif word == b"PRINT":
        os.write(1, b"a library prints\n")
    return answer(row, record, detector, reading)


if __name__ == "__main__":
    page.answer = poisoned
    worker.GRACE = 1
    sys.exit(worker.main())
