"""The desk under load, and killed while posts come in: `python -m benchmarks.desk load | kill`."""
