"""The columns of an audit's Parquet files: what goes into a worker, what comes out, and what is found across pages."""

from __future__ import annotations

import pyarrow as pa

# What a worker is given: `row` orders the crawl (place of the file << 32 | number in the file) and names an input for
# good; the others are `detector.sources.crawls.record.Record`.
RECORDS = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),
        pa.field("id", pa.string(), nullable=False),
        pa.field("place", pa.string(), nullable=False),
        pa.field("body", pa.binary()),
        pa.field("form", pa.string()),
        pa.field("url", pa.string()),
        pa.field("time", pa.string()),
        pa.field("title", pa.string()),
        pa.field("charset", pa.string()),
        pa.field("problem", pa.string()),
        pa.field("fault", pa.string()),
    ]
)

PARTNER = pa.struct([("id", pa.string()), ("url", pa.string()), ("start", pa.int32()), ("end", pa.int32())])
SPAN = pa.struct(
    [
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("text", pa.string()),
        ("says", pa.string()),
        ("instead", pa.list_(pa.string())),
        ("partner", PARTNER),
    ]
)
FINDING = pa.struct(
    [
        ("signal", pa.string()),
        ("value", pa.float64()),
        ("push", pa.float64()),
        ("says", pa.string()),
        ("spans", pa.list_(SPAN)),
    ]
)
ERROR = pa.struct([("kind", pa.string()), ("message", pa.string())])

# One verdict as the contract has it, flat where SQL and tables want it flat.
VERDICT = [
    pa.field("row", pa.int64(), nullable=False),
    pa.field("id", pa.string(), nullable=False),
    pa.field("url", pa.string()),
    pa.field("host", pa.string()),  # of the url, without "www."; "" where there is none
    pa.field("place", pa.string(), nullable=False),
    pa.field("time", pa.string()),
    pa.field("title", pa.string()),
    pa.field("outcome", pa.string(), nullable=False),
    pa.field("score", pa.float64()),
    pa.field("bias", pa.float64()),
    pa.field("words", pa.int32(), nullable=False),
    pa.field("language", pa.string()),
    pa.field("reason", pa.string()),
    pa.field("findings", pa.list_(FINDING), nullable=False),
    pa.field("error", ERROR),
]

SENTENCE = pa.struct(
    [
        ("begins", pa.int32()),
        ("ends", pa.int32()),
        ("words", pa.int32()),
        ("exact", pa.int64()),  # hash of its words
        ("masked", pa.int64()),  # the same with names, figures and words of the title left open
    ]
)
ANCHOR = pa.struct(
    [
        ("begins", pa.int32()),
        ("ends", pa.int32()),
        ("phrase", pa.string()),
        ("target", pa.string()),
        ("address", pa.string()),
        ("fits", pa.float64()),
        ("named", pa.bool_()),
    ]
)
# What the map stage leaves of a page: its verdict by itself, its text, and its sketch (see `detector.audit.sketch`).
PAGES = pa.schema(
    [
        *VERDICT,
        pa.field("address", pa.string(), nullable=False),  # the url in its plainest form, else the id
        pa.field("text", pa.string()),
        pa.field("sentences", pa.list_(SENTENCE), nullable=False),
        pa.field("shingles", pa.list_(pa.int64()), nullable=False),
        pa.field("marks", pa.list_(pa.int64()), nullable=False),
        pa.field("anchors", pa.list_(ANCHOR), nullable=False),
    ]
)
# The answer for a page when all of the crawl is known; page_outcome, page_score: what the page alone got.
VERDICTS = pa.schema(
    [*VERDICT, pa.field("page_outcome", pa.string(), nullable=False), pa.field("page_score", pa.float64())]
)

SLOT = pa.struct([("at", pa.int32()), ("there", pa.string()), ("here", pa.string())])
SLOTS = pa.list_(pa.list_(pa.string()))  # per slot the values seen, the most frequent first
# Pages that belong together, and why.
GROUPS = pa.schema(
    [
        pa.field("group", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("pages", pa.int32(), nullable=False),
        pa.field("hosts", pa.int32(), nullable=False),
        pa.field("slots", SLOTS, nullable=False),
    ]
)
DIFFERENCE = pa.struct([("left", pa.string()), ("right", pa.string()), ("same", pa.bool_())])
MEMBERS = pa.schema(
    [
        pa.field("group", pa.int64(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("partner", pa.int64()),
        pa.field("likeness", pa.float64()),
        pa.field("differences", pa.list_(DIFFERENCE), nullable=False),
    ]
)
# A page of a group with what the comparison with its partner shows; `number` is the group.
DETAILS = pa.schema(
    [
        pa.field("number", pa.int64(), nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("partner", pa.int64()),
        pa.field("likeness", pa.float64()),
        pa.field("spans", pa.list_(SPAN), nullable=False),
        pa.field("differences", pa.list_(DIFFERENCE), nullable=False),
        pa.field("slots", pa.list_(SLOT), nullable=False),
    ]
)
RECURRING = pa.schema(
    [
        pa.field("host", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # "furniture" or "template"
        pa.field("text", pa.string(), nullable=False),
        pa.field("pages", pa.int32(), nullable=False),
        pa.field("slots", SLOTS, nullable=False),
    ]
)
