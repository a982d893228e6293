"""A made-up crawl with known plants, and what an audit finds of them: `python -m benchmarks.crawl --help`."""
