"""The desk is killed in the middle: nothing is lost, nothing doubled, and what waited is answered after the restart."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

CLIENTS = 8


def settled(url: str, total: int) -> list[dict[str, Any]]:
    """All submissions, once none of them waits any more."""
    end = time.monotonic() + 120
    with httpx.Client(base_url=url, timeout=60) as client:
        while client.get("/v1/submissions/counts").json()["waiting"]:
            assert time.monotonic() < end
            time.sleep(0.1)
        rows: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            page = client.get("/v1/submissions", params={"limit": 200, **after}).json()
            rows += page["items"]
            if page["next"] is None:
                assert page["total"] == total == len(rows)
                return rows
            after = {"after": page["next"]}


def test_a_killed_desk_loses_nothing_and_doubles_nothing(
    start_desk: Callable[..., Any], database_url: str, plain_text: str
) -> None:
    """Every client sends its texts with keys, and sends again what it has no answer for, as clients do."""
    count = 60
    desk = start_desk(database=database_url)
    urls = [desk.url]
    answered: dict[int, str] = {}
    back = threading.Event()

    def send(n: int) -> None:
        body = {"text": f"{plain_text}\n\nThis is number {n}.", "name": f"post {n}"}
        for _ in range(50):
            try:
                answer = httpx.post(
                    f"{urls[-1]}/v1/submissions",
                    json=body,
                    params={"wait": n % 2},
                    headers={"Idempotency-Key": f"key {n}"},
                    timeout=60,
                )
                if answer.is_success:
                    answered[n] = answer.json()["id"]
                    return
            except httpx.TransportError:
                pass
            back.wait(60)
        raise AssertionError(n)

    with ThreadPoolExecutor(CLIENTS) as clients:
        sent = [clients.submit(send, n) for n in range(count)]
        end = time.monotonic() + 60
        while len(answered) < count // 3:
            assert time.monotonic() < end
            time.sleep(0.005)
        desk.kill()
        urls.append(start_desk(database=database_url).url)
        back.set()
        for work in sent:
            work.result()
    rows = settled(urls[-1], count)
    assert Counter(row["name"] for row in rows) == Counter(f"post {n}" for n in range(count))
    assert {row["id"] for row in rows} == set(answered.values())
    assert {row["outcome"] for row in rows} == {"publish"}


def test_what_waited_is_answered_after_a_restart(
    start_desk: Callable[..., Any], database_url: str, plain_text: str
) -> None:
    from detector.desk.store import open_store

    with open_store(database_url) as store:  # as if the desk had been killed right after it took them in
        ids = [store.add(f"{plain_text} {n}".encode(), form="text", name="").id for n in range(30)]
        ids.append(store.add(b"", form="url", name="", url="http://127.0.0.1:9/").id)
    rows = settled(start_desk(database=database_url).url, 31)
    assert {row["id"] for row in rows} == set(ids)
    assert Counter(row["outcome"] for row in rows) == {"publish": 30, "unscored": 1}


def test_a_batch_goes_on_after_a_restart(
    start_desk: Callable[..., Any], database_url: str, plain_text: str
) -> None:
    desk = start_desk(database=database_url)
    documents = [{"text": f"{plain_text} {n}", "id": str(n)} for n in range(60)]
    where = httpx.post(f"{desk.url}/v1/batch", json={"documents": documents}).headers["Location"]
    while not httpx.get(desk.url + where, params={"limit": 1}).json()["done"]:
        time.sleep(0.01)
    desk.kill()
    desk = start_desk(database=database_url)
    end = time.monotonic() + 120
    while (batch := httpx.get(desk.url + where, params={"limit": 1000}).json())["state"] == "running":
        assert time.monotonic() < end
        time.sleep(0.1)
    assert [verdict["id"] for verdict in batch["results"]] == [str(n) for n in range(60)]


def test_the_desk_stays_usable_while_a_batch_runs(start_desk: Callable[..., Any], plain_text: str) -> None:
    desk = start_desk()
    documents = [{"text": f"{plain_text * 3} {n}"} for n in range(200)]
    with httpx.Client(base_url=desk.url, timeout=60) as client:
        where = client.post("/v1/batch", json={"documents": documents}).headers["Location"]
        shown, running = 0, True
        while running:
            assert client.get("/").status_code == client.get("/v1/submissions").status_code == 200
            submission = client.post("/v1/submissions", json={"text": plain_text}, params={"wait": 30}).json()
            running = client.get(where, params={"limit": 1}).json()["state"] == "running"
            if running:
                assert submission["outcome"] == "publish"
                shown += 1
        assert shown  # people were answered before the batch was done
