"""Speed and main text beside peers: `python -m benchmarks --help`."""

import os

# One core, one thread, for every contestant; it must be said before numpy is imported.
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")
for _name in THREADS:
    os.environ.setdefault(_name, "1")
