"""Many clients at once, and people beside a batch: latency and memory of a desk."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.desk.server import MemoryWatch, Server, quantiles, texts

ALONE = 100  # requests of the single client that the others are compared with


def run(options: argparse.Namespace) -> None:
    """Prints the figures as JSON."""
    posts = texts(options.texts)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(options.database or str(Path(folder) / "desk.db"))
        try:
            figures = asyncio.run(_measure(server, posts, options))
        finally:
            server.stop()
    print(json.dumps(figures, indent=1))


async def _measure(server: Server, posts: list[str], options: argparse.Namespace) -> dict[str, Any]:
    httpx = import_module("httpx")
    limits = httpx.Limits(max_connections=options.clients + 4, max_keepalive_connections=options.clients + 4)
    async with httpx.AsyncClient(base_url=server.url, timeout=60, limits=limits, trust_env=False) as client:
        rng = random.Random(0)
        words = sum(len(post.split()) for post in posts) / len(posts)
        figures: dict[str, Any] = {"texts": len(posts), "words_a_text": round(words)}
        for post in posts[:20]:  # caches of a process that has just started
            await client.post("/v1/score", json={"markdown": post})
        alone = [await _timed(client, "/v1/score", {"markdown": rng.choice(posts)}) for _ in range(ALONE)]
        figures["one client"] = quantiles([seconds for seconds, _ in alone])

        watch = MemoryWatch(server)
        watch.start()
        end = time.monotonic() + options.seconds
        found = await asyncio.gather(*(_client(client, posts, end, seed) for seed in range(options.clients)))
        answers = [answer for one in found for answer in one]
        memory = watch.stop()
        third = max(1, len(memory) // 3)
        figures[f"{options.clients} clients, {options.seconds} s"] = {
            **quantiles([seconds for seconds, _ in answers]),
            "scores_a_second": round(len(answers) / options.seconds, 1),
            "errors": sum(status != 200 for _, status in answers),
            "memory_mb_first_third": round(sum(mb for _, mb in memory[:third]) / third),
            "memory_mb_last_third": round(sum(mb for _, mb in memory[-third:]) / third),
            "memory_mb_most": round(max(mb for _, mb in memory)),
        }
        figures[f"people while a batch of {options.batch} runs"] = await _beside_a_batch(
            client, posts, options.batch
        )
    return figures


async def _client(client: Any, posts: list[str], end: float, seed: int) -> list[tuple[float, int]]:
    rng, answers = random.Random(seed), []
    while time.monotonic() < end:
        answers.append(await _timed(client, "/v1/score", {"markdown": rng.choice(posts)}))
    return answers


async def _timed(client: Any, path: str, body: dict[str, Any] | None = None) -> tuple[float, int]:
    start = time.monotonic()
    try:
        answer = await (client.get(path) if body is None else client.post(path, json=body))
        status = answer.status_code
    except import_module("httpx").HTTPError:  # a connection that breaks is an error as well
        status = 0
    return time.monotonic() - start, status


async def _beside_a_batch(client: Any, posts: list[str], size: int) -> dict[str, Any]:
    sent = (await client.post("/v1/submissions?wait=30", json={"markdown": posts[0], "author": "Ann"})).json()
    rng = random.Random(1)
    documents = [{"markdown": rng.choice(posts), "id": str(k)} for k in range(size)]
    start = time.monotonic()
    batch = (await client.post("/v1/batch", json={"documents": documents})).json()
    paths = ("/", f"/submissions/{sent['id']}/read", "/v1/submissions", f"/v1/submissions/{sent['id']}")
    seen: dict[str, list[float]] = {"open a submission": [], "score a post": []}
    errors = 0
    while True:
        for path in paths:
            seconds, status = await _timed(client, path)
            seen["open a submission"].append(seconds)
            errors += status != 200
        seconds, status = await _timed(client, "/v1/score", {"markdown": rng.choice(posts)})
        seen["score a post"].append(seconds)
        errors += status != 200
        if (await client.get(f"/v1/batch/{batch['id']}?limit=1")).json()["state"] != "running":
            break
    took = time.monotonic() - start
    return {"batch_seconds": round(took, 1), "errors": errors, **{k: quantiles(v) for k, v in seen.items()}}
