"""What the desk is told when it starts: where it listens, how it judges, whom it lets in, and what it takes."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from detector.errors import UsageError

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
RATE = 120  # requests a minute and client to the routes that score, where strangers could be asking
SHORTEST_TOKEN = 16  # characters; a shorter one can be guessed
LONGEST_WHO = 80  # characters of a person's name


@dataclass(frozen=True)
class DeskConfig:
    """The settings of one desk.

    database: an address or a file (`store.open_store`). model, base_rate, site, ignore, careful: how pages are read
    and judged. workers: processes that read and judge. seconds, megabytes: what one text may cost one of them.
    tokens: name and token of everybody who may come in; empty: everybody who can reach the desk.
    allow_hosts: names under which the desk may be called, besides those of this machine.
    rate: requests a minute and client to the routes that score, 0 for any number; None: RATE, but none on loopback
    without tokens. max_body: bytes of a request. max_text: characters of a text. max_batch: texts in one batch.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    database: str | None = None
    model: str | None = None
    base_rate: float = 0.5
    site: str | None = None
    ignore: tuple[str, ...] = ()
    careful: bool = False
    allow_private: bool = False
    workers: int = os.cpu_count() or 1
    seconds: int = 30
    megabytes: int = 2000
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)
    allow_hosts: tuple[str, ...] = ()
    rate: int | None = None
    max_body: int = 25_000_000
    max_text: int = 1_000_000
    max_batch: int = 1000

    def __post_init__(self) -> None:
        """Raises UsageError for a desk that would be open to everybody on the network."""
        if not self.tokens and not is_loopback(self.host):
            raise UsageError(
                f"{self.host} can be reached from other machines, so everybody must show a token: "
                "give --token-file FILE with a line `NAME TOKEN` for each person, or listen on 127.0.0.1."
            )

    @property
    def hosts(self) -> frozenset[str]:
        """The names by which the desk may be called, in lower case, without port."""
        named = {host_name(name) for name in self.allow_hosts}
        return LOOPBACK_NAMES | named | ({self.host.lower()} - {"0.0.0.0", "::"})  # noqa: S104  taken out, not bound

    @property
    def requests_a_minute(self) -> int:
        """How many a client may send to the routes that score; 0: any number."""
        if self.rate is not None:
            return self.rate
        return RATE if self.tokens or not is_loopback(self.host) else 0


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens on that address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_name(netloc: str) -> str:
    """The name in a Host header or an address's authority, in lower case, without port; "" where there is none."""
    if not netloc.isascii() or "@" in netloc:
        return ""
    try:
        parts = urlsplit(f"//{netloc.strip()}")
        _ = parts.port  # raises for one that is none
        return "" if parts.path or parts.query or parts.fragment else (parts.hostname or "").lower()
    except ValueError:
        return ""


def read_tokens(path: Path) -> dict[str, str]:
    """Name and token of each person, from lines `NAME TOKEN`; a line that begins with # says nothing.

    Raises UsageError with the line and what to do.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{path}: cannot be read ({reason}); check the path and its permissions.") from error
    tokens: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, token = line.strip().rpartition(" ")
        name = name.strip()
        if not name or len(name) > LONGEST_WHO or not name.isprintable():
            raise UsageError(f"{path}:{number}: write a name, a space and the token.")
        if len(token) < SHORTEST_TOKEN or not (token.isascii() and token.isprintable()):
            problem = f"a token has at least {SHORTEST_TOKEN} characters of plain ASCII"
            raise UsageError(f"{path}:{number}: {problem}; `openssl rand -hex 16` makes one.")
        if name in tokens or token in tokens.values():
            raise UsageError(f"{path}:{number}: that name or token stands there already; give everybody one.")
        tokens[name] = token
    if not tokens:
        raise UsageError(f"{path}: holds no token; write a line `NAME TOKEN` for each person.")
    return tokens
