"""A real WordPress on loopback: MariaDB, PHP's own server and Debian's WordPress, all in one temporary folder.

`with running() as site:` sets it up and takes all of it away again; run as a script it does so until ^C, to try things
by hand. Nothing outside the folder is touched, and nothing but loopback listens.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WORDPRESS = Path("/usr/share/wordpress")
PACKAGES = {  # what must be there, and the Debian package that brings it
    "mariadbd": "mariadb-server-core",
    "mariadb-install-db": "mariadb-server-core",
    "php": "php-cli",
}
NOBODY = "nobody"  # a database server must not be root
_PHP = [
    "php",
    "-d",
    "opcache.enable_cli=1",
    "-d",
    "opcache.revalidate_freq=0",
    "-d",
    "memory_limit=256M",
    "-d",
    "error_reporting=0",
]


def missing() -> str:
    """Why no WordPress can be set up here; "" when one can."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    absent = {package for name, package in PACKAGES.items() if shutil.which(name, path=path) is None}
    if not (WORDPRESS / "wp-settings.php").is_file():
        absent.add("wordpress")
    return f"needs the Debian packages {' '.join(sorted(absent))}" if absent else ""


@dataclass
class Site:
    """A running WordPress. users: name to {"id", "password"}, of which the password is an application password."""

    url: str
    folder: Path
    users: dict[str, dict[str, Any]]

    def php(self, code: str) -> Any:
        """What a piece of PHP returns that runs inside this WordPress, by way of JSON."""
        key = (self.folder / "key").read_text("ascii")
        request = urllib.request.Request(f"{self.url}/from-within", code.encode(), {"X-Key": key})
        with urllib.request.urlopen(request, timeout=60) as answer:
            printed, mark, returned = answer.read().decode().partition("\0")
        if not mark:
            raise RuntimeError(printed)
        return json.loads(returned)

    def post(self, title: str, content: str, **more: Any) -> int:
        """Add a pending post by the contributor; more: other fields of wp_insert_post. Its id."""
        fields = {"post_author": self.users["contributor"]["id"], "post_status": "pending",
                  "post_title": title, "post_content": content, **more}  # fmt: skip
        packed = base64.b64encode(json.dumps(fields).encode()).decode()
        return int(
            self.php(
                f"return wp_insert_post( wp_slash( json_decode( base64_decode( '{packed}' ), true ) ) );"
            )
        )

    def switch(self, *modes: str) -> None:
        """Play a certain site; plugin.php says which there are."""
        self.php(f"return update_option( 'test_modes', json_decode( '{json.dumps(modes)}' ) );")

    def mails(self) -> list[str]:
        """The letters that WordPress would have sent: recipient and subject of each."""
        file = self.folder / "mails"
        return file.read_text("utf-8").splitlines() if file.is_file() else []


@contextmanager
def running() -> Iterator[Site]:
    """A WordPress with its users; posts are the caller's to make."""
    with ExitStack() as stack:
        # not pytest's folder: the database's own user may not look into that
        folder = Path(tempfile.mkdtemp(prefix="wordpress-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        folder.chmod(0o755)
        (folder / "key").touch(0o600)
        (folder / "key").write_text(secrets.token_hex(16), "ascii")
        _database(folder, stack)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        root = _files(folder, url)
        users = json.loads(_run([*_PHP, str(HERE / "install.php"), str(root), url]).rpartition("\0")[2])
        server = subprocess.Popen(
            [*_PHP, "-S", f"127.0.0.1:{port}", "-t", str(root), str(HERE / "router.php")],
            stdout=subprocess.DEVNULL,
            stderr=stack.enter_context((folder / "php.log").open("wb")),
            start_new_session=True,
        )
        stack.callback(_end, server)
        _wait(lambda: socket.create_connection(("127.0.0.1", port), 1).close(), server)
        yield Site(url, folder, users)


def _database(folder: Path, stack: ExitStack) -> None:
    data = folder / "data"
    data.mkdir()
    who = []
    if os.geteuid() == 0:
        shutil.chown(data, NOBODY)
        who = [f"--user={NOBODY}"]
    common = ["--no-defaults", *who, f"--datadir={data}", "--innodb-log-file-size=8M"]
    _run(["mariadb-install-db", *common, "--auth-root-authentication-method=normal", "--skip-test-db"])
    socket_file = data / "socket"
    server = subprocess.Popen(
        [
            shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "mariadbd",
            *common,
            f"--socket={socket_file}",
            f"--pid-file={data / 'pid'}",
            "--skip-networking",
            "--skip-log-bin",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=32M",
            "--performance-schema=OFF",
        ],
        stdout=subprocess.DEVNULL,
        stderr=stack.enter_context((folder / "mariadb.log").open("wb")),
        start_new_session=True,
    )
    stack.callback(_end, server)

    def connect() -> None:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(socket_file))

    _wait(connect, server)


def _files(folder: Path, url: str) -> Path:
    """WordPress's files, with a wp-config.php of our own instead of Debian's, which reads /etc."""
    root = folder / "wordpress"
    shutil.copytree(WORDPRESS, root, ignore=shutil.ignore_patterns("wp-config.php", ".htaccess", "akismet"))
    (root / "wp-content" / "mu-plugins").mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "plugin.php", root / "wp-content" / "mu-plugins")
    constants = {
        "DB_NAME": "wordpress",
        "DB_USER": "root",
        "DB_PASSWORD": "",
        "DB_HOST": f"localhost:{folder / 'data' / 'socket'}",
        "DB_CHARSET": "utf8mb4",
        "WP_HOME": url,
        "WP_SITEURL": url,
        "WP_ENVIRONMENT_TYPE": "local",  # application passwords without https
        "TEST_FOLDER": str(folder),
    }
    lines = [f"define( {name!r}, {value!r} );" for name, value in constants.items()]
    for name in ("DISABLE_WP_CRON", "WP_HTTP_BLOCK_EXTERNAL", "AUTOMATIC_UPDATER_DISABLED"):
        lines.append(f"define( {name!r}, true );")
    for number, name in enumerate("AUTH SECURE_AUTH LOGGED_IN NONCE".split()):
        lines += [f"define( '{name}_{kind}', 'a test {number}' );" for kind in ("KEY", "SALT")]
    lines += ["$table_prefix = 'wp_';", "if ( ! defined( 'ABSPATH' ) ) define( 'ABSPATH', __DIR__ . '/' );"]
    lines += ["require_once ABSPATH . 'wp-settings.php';"]
    (root / "wp-config.php").write_text("<?php\n" + "\n".join(lines) + "\n", "utf-8")
    return root


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return done.stdout


def _wait(connect: Callable[[], None], server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            connect()
        except OSError:
            if server.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def _end(server: subprocess.Popen[bytes]) -> None:
    """End a server and its workers at once: what it holds is thrown away."""
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


if __name__ == "__main__":
    if why := missing():
        sys.exit(why)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    with running() as site:
        print(f"{site.url}  ({time.monotonic() - began:.1f} s)  ^C ends it and deletes everything")
        for name, user in site.users.items():
            print(f"{name}: application password {user['password']}, login password {name}", flush=True)
        try:
            time.sleep(86_400)
        except KeyboardInterrupt:
            print()
