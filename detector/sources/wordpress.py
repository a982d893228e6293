"""WordPress sites, through their REST API: the posts that wait for an editor, and what is written back to them.

The password is an application password of the site's own user, and goes to the host that was named and to no other:
the API is looked for without it, and from then on no redirect is followed. Every request goes through the guarded
network of `detector.sources.web`, with the same limits of time and size.

A note is never public: an editorial note where the site has them (WordPress 6.9), else a comment that is held for
moderation. Both can be read, and changed, by whoever may edit the post, its author among them while it is pending;
so each note carries a seal over itself and the text it is about, which only the holder of the password can make.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

import httpcore
import httpx

from detector import __version__
from detector.document import Document
from detector.errors import SourceError, UsageError
from detector.patterns import regex
from detector.sources import web
from detector.sources.files import LIMIT

PAGE = 100  # posts in one answer; WordPress gives no more
MOST_POSTS = 100_000  # of one kind and run
FRONT_BYTES = 1_000_000  # of a front page that are looked at for the address of the API
NEVER = frozenset(
    {"publish", "future", "private"}
)  # what a program does not decide: that readers get to see a post

_API = "https://api.w.org/"  # what WordPress calls the relation of a page to its API
_LINK = regex(r"<([^<>]*)>\s*;[^,<]*?\brel\s*=\s*\"?" + re.escape(_API))
_TAG = regex(r"<link\b[^<>]*>", re.IGNORECASE)
_HREF = regex(r"\bhref\s*=\s*[\"']([^\"']*)", re.IGNORECASE)
_SEAL = regex(r"\(detector \S{1,40}, seal ([0-9a-f]{32})\)\s*(?:</p>)?\s*\Z")
_WRONG_PASSWORD = {
    "incorrect_password",
    "invalid_username",
    "invalid_email",
    "rest_not_logged_in",
    "invalid_application_password",
}
_COMMENTS = "wp/v2/comments"
_PASSING = frozenset({429, 502, 503, 504})
_POST_FIELDS = "id,status,modified_gmt,link,author,title.raw,content.raw"


class ForbiddenError(SourceError):
    """The site's user has no right to do that."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of posts: `slug` is its name within WordPress, `base` in the API's addresses.

    has_notes: its posts take editorial notes. capabilities: what a right is called for it.
    """

    slug: str
    base: str
    route: str
    has_notes: bool
    capabilities: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Post:
    """A post as it was read. title: plain text. content: HTML with blocks and shortcodes. author: the user's id.

    modified: when it was last changed, as WordPress writes it.
    """

    kind: Kind
    id: int
    status: str
    modified: str
    link: str
    author: int
    title: str
    content: str

    @property
    def name(self) -> str:
        """How results name it: "posts/12"."""
        return f"{self.kind.base}/{self.id}"

    def document(self, *, author: str, site: str) -> Document:
        """The post as its readers would get it: under its title, with its author where that is a person's name."""
        head = f"<h1>{html.escape(self.title)}</h1>\n" if self.title else ""
        byline = f"By {' '.join(author.split())}" if _is_persons_name(author) else ""
        if byline:
            head += f"<p>{html.escape(byline)}</p>\n"
        document = Document.from_html(head + self.content, url=self.link or None, id=self.name)
        # the byline is the site's, not the author's prose
        blocks = [
            block._replace(kind="furniture")
            if byline and document.text[block.start : block.end] == byline
            else block
            for block in document.blocks
        ]
        return replace(document, blocks=tuple(blocks), title=self.title or None, site=site)


@dataclass(frozen=True, slots=True)
class Note:
    """A note that an earlier run has left on a post.

    is_hidden: readers never see it: an editorial note, or a comment that is still held.
    is_valid: nobody has changed it, and the post is still what it is about. seal: what it ends with.
    """

    id: int
    is_hidden: bool
    is_valid: bool
    seal: str


class WordPress:
    """A site as one of its users sees it. Every method raises SourceError in one line that says what to do.

    host: the site's. user: the user's name; can: what that user may do.
    """

    def __init__(
        self,
        site: str,
        user: str,
        password: str,
        *,
        allow_private: bool = False,
        insecure: bool = False,
        as_comment: bool = False,
    ) -> None:
        """Find the API and log in.

        insecure: send the password without encryption, also over a network. as_comment: notes are held comments, also
        where the site has editorial notes.
        """
        if not user or ":" in user:
            raise UsageError("a user name is not empty and has no colon; give the one of the login form.")
        secret = password.encode("utf-8", "surrogateescape")
        self.user = user
        self._allow_private = allow_private
        self._as_comment = as_comment
        self._login = base64.b64encode(user.encode("utf-8", "surrogateescape") + b":" + secret).decode()
        self._key = re.sub(rb"[^A-Za-z0-9]", b"", secret)  # WordPress does not mind how it is spaced
        self._names: dict[int, str] = {}
        named = web.address(site if "://" in site else f"https://{site}")
        self._root = self._find(named)
        self.host = self._root.host
        if self._root.scheme == "http" and not insecure and not _is_loopback(self.host):
            problem = "answers over http, and the password would travel in the clear"
            raise SourceError(f"{problem}; give the https:// address, or allow it with --insecure.")
        self._log_in()

    # --- the posts ---------------------------------------------------------------------------------------------

    def kind(self, name: str) -> Kind:
        """The type of posts that is called so: by its slug ("post"), or as in the API's addresses ("posts")."""
        found: dict[str, Kind] = {}
        answer = self._call("GET", "wp/v2/types", {"context": "edit"})
        for row in answer.values() if isinstance(answer, dict) else ():
            if isinstance(row, dict) and isinstance(row.get("slug"), str):
                kind = _kind(row)
                found[kind.slug] = found[kind.base] = kind
        if name not in found:
            known = ", ".join(sorted({kind.base for kind in found.values()}))
            raise SourceError(f"there is no type of posts called {name}; there are {known}.")
        return found[name]

    def may(self, right: str, kind: Kind) -> bool:
        """Whether the user has a right, such as "edit_others_posts", where posts of a kind are concerned."""
        return bool(self.can.get(kind.capabilities.get(right, right)))

    def waiting(self, kind: Kind, statuses: Sequence[str], since: datetime | None = None) -> list[int]:
        """The ids of all posts in one of the `statuses`, the longest unchanged first. since: changed then or later."""
        seen: dict[int, bool] = {}
        while len(seen) < MOST_POSTS:
            rows = _rows(self._call("GET", kind.route, {
                "status": ",".join(statuses), "context": "edit", "per_page": PAGE, "offset": len(seen),
                "orderby": "modified", "order": "asc", "_fields": "id,modified_gmt",
            }))  # fmt: skip
            known = len(seen)
            seen |= {row["id"]: since is None or _changed(row) >= since for row in rows}
            if len(rows) < PAGE or len(seen) == known:
                break
        return [id for id, is_wanted in seen.items() if is_wanted]

    def read(self, kind: Kind, id: int) -> Post:
        """A post as it is stored; as it is shown where the user may read and not edit it."""
        route = f"{kind.route}/{id}"
        try:
            row = self._call("GET", route, {"context": "edit", "_fields": _POST_FIELDS})
        except ForbiddenError:
            row = self._call("GET", route, {"_fields": _POST_FIELDS.replace(".raw", ".rendered")})
        (row,) = _rows([row])
        return Post(
            kind=kind,
            id=id,
            status=str(row.get("status")),
            modified=str(row.get("modified_gmt")),
            link=str(row.get("link") or ""),
            author=row["author"] if isinstance(row.get("author"), int) else 0,
            title=_plain(_text(row.get("title"))),
            content=_text(row.get("content")),
        )

    def author(self, post: Post) -> str:
        """The name that the author of a post goes by; "" where the user may not know."""
        if post.author not in self._names:
            # `who`, because other users without a published post are shown to administrators only
            asked = {"include": post.author, "who": "authors", "_fields": "id,name"}
            try:
                rows = _rows(self._call("GET", "wp/v2/users", asked))
            except web.UnreachableError:
                raise
            except SourceError:  # hidden by a plugin: a name is not worth a failure
                rows = []
            self._names[post.author] = next((_plain(str(row.get("name", ""))) for row in rows), "")
        return self._names[post.author]

    # --- what is written back ----------------------------------------------------------------------------------

    def note_type(self, kind: Kind) -> str:
        """What a note on such a post is: a "note" in the editor, or a "comment" that is held."""
        return "note" if kind.has_notes and not self._as_comment else "comment"

    def note(self, post: Post) -> Note | None:
        """The newest note that this user's earlier runs have left on a post."""
        kind = self.note_type(post.kind)
        rows = _rows(self._call("GET", _COMMENTS, {
            "post": post.id, "type": kind, "status": "all", "context": "edit", "author": self._id,
            "per_page": PAGE, "order": "desc", "_fields": "id,author,status,content",
        }))  # fmt: skip
        for row in rows:
            text = _text(row.get("content"))
            mark = _SEAL.search(text)
            if mark and row.get("author") == self._id:
                is_valid = hmac.compare_digest(mark[1], self._seal(post, text[: mark.start()]))
                return Note(row["id"], kind == "note" or row.get("status") == "hold", is_valid, mark[1])
        return None

    def says(self, note: Note, post: Post, text: str) -> bool:
        """Whether a note that is on a post already is as `write_note` would leave it."""
        return note.is_hidden and note.is_valid and note.seal == self._seal(post, _escaped(text))

    def write_note(self, post: Post, text: str, earlier: Note | None) -> None:
        """Leave a note on a post, or put it in the place of an earlier one. text: plain."""
        escaped = _escaped(text)
        sealed = f"{escaped}\n\n(detector {__version__}, seal {self._seal(post, escaped)})"
        content: dict[str, object] = {"content": sealed, "status": "hold"}
        route = _COMMENTS
        if earlier is not None:
            route += f"/{earlier.id}"
        else:
            content["post"] = post.id
            if (kind := self.note_type(post.kind)) != "comment":
                content["type"] = kind
        row = self._call("POST", route, {"_fields": "id,status"}, content)
        if not isinstance(row, dict) or row.get("status") != "hold":
            raise SourceError("the site does not say that the note is held back; look at it there.")

    def destinations(self) -> frozenset[str]:
        """The states that a post can be moved to: none of them lets readers see it."""
        answer = self._call("GET", "wp/v2/statuses", {"context": "edit"})
        rows = answer.values() if isinstance(answer, dict) else ()
        named = {str(row.get("slug")) for row in rows if isinstance(row, dict) and row.get("public") is False}
        return frozenset(named - NEVER)

    def changed(self, post: Post) -> str:
        """Why a post is not what it was when it was read, in words; "" when it still is."""
        now = self.read(post.kind, post.id)
        if now.status != post.status:
            return f"is {now.status} now"
        same = (now.modified, now.title, now.content) == (post.modified, post.title, post.content)
        return "" if same else "has been changed since it was read"

    def move(self, post: Post, status: str) -> None:
        """Put a post into another state, into the trash too; nothing is ever deleted."""
        route = f"{post.kind.route}/{post.id}"
        asked = {"_fields": "id,status"}
        if status == "trash":
            row = self._call(
                "DELETE", route, asked
            )  # without `force` WordPress refuses or puts it into the trash
        else:
            row = self._call("POST", route, asked, {"status": status})
        if not isinstance(row, dict) or row.get("status") != status:
            raise SourceError(f"the site does not say that the post is {status} now; look at it there.")

    def edit_link(self, post: Post) -> str:
        """Where an editor opens a post."""
        return f"{self._admin}/wp-admin/post.php?post={post.id}&action=edit"

    def _seal(self, post: Post, note: str) -> str:
        # the words alone: WordPress may write a note's entities and spaces differently
        words = " ".join(re.findall(r"\w+", _plain(note)))
        parts = "\0".join((post.name, post.title, post.content, words))
        return hmac.new(self._key, parts.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:32]

    # --- the API -----------------------------------------------------------------------------------------------

    def _find(self, named: httpx.URL) -> httpx.URL:
        """The address of the API, looked for without the password: as the front page says it, else where it may be."""
        front, headers, page = self._look(named)
        if not _same_host(front, named):
            raise SourceError(f"leads to {web.shown(str(front))}; give that address if that is your site.")
        said = _said(headers, page, front)
        if said is not None:
            if not _same_host(said, front):
                raise SourceError(
                    f"has its REST API at {web.shown(str(said))}; give that address if that is your site."
                )
            # behind a proxy a site may take itself for http
            return said.copy_with(scheme=front.scheme, port=front.port)
        folder = front.path.rstrip("/")
        for guess in (front.copy_with(path=f"{folder}/wp-json/", query=None),
                      front.copy_with(path=f"{folder}/", query=b"rest_route=/")):  # fmt: skip
            found, _, body = self._look(guess)
            if found == guess and isinstance(index := _parsed(body), dict) and "namespaces" in index:
                return guess
        problem = "no WordPress REST API is found there"
        raise SourceError(
            f"{problem}; give the address of its front page, and see that no plugin hides the API."
        )

    def _look(self, url: httpx.URL) -> tuple[httpx.URL, httpx.Headers, bytes]:
        """Where redirects end, and what stands there; nobody is told who asks."""
        with (
            web.open_pool(allow_private=self._allow_private) as pool,
            web.follow(url, lambda hop: _request(pool, "GET", hop)) as (final, response),
        ):
            headers = httpx.Headers(response.headers)
            if response.status == 429 or response.status >= 500:
                raise SourceError(web.refusal(response.status, headers))
            if response.status == 401 and "www-authenticate" in headers:
                raise SourceError(_LOCKED)
            return final, headers, _body(response, FRONT_BYTES)

    def _log_in(self) -> None:
        index = self._call("GET", "", {"_fields": "name,url,namespaces,authentication"})
        spaces = index.get("namespaces") if isinstance(index, dict) else None
        if not isinstance(spaces, list) or "wp/v2" not in spaces:
            raise SourceError(
                "its REST API is switched off (there is no wp/v2); a plugin may have done that."
            )
        if "application-passwords" not in (index.get("authentication") or ()):
            problem = "takes no application passwords: WordPress has them from 5.6 on, and over https"
            raise SourceError(f"{problem}; a security plugin may have switched them off.")
        home = _address(index.get("url"))
        same = home is not None and _same_host(home, self._root)
        self._admin = str(home if same else self._root.copy_with(path="", query=None)).rstrip("/")
        me = self._call("GET", "wp/v2/users/me", {"context": "edit", "_fields": "id,capabilities"})
        (me,) = _rows([me])
        self._id: int = me["id"]
        can = me.get("capabilities")
        self.can: Mapping[str, object] = can if isinstance(can, dict) else {}

    def _call(
        self, method: str, route: str, params: Mapping[str, Any], content: Mapping[str, object] | None = None
    ) -> Any:
        """What the API answers, as JSON. Raises SourceError, of which ForbiddenError where the user lacks the right."""
        if "rest_route" in self._root.params:
            url = self._root.copy_set_param("rest_route", f"/{route}")
        else:
            url = self._root.copy_with(path=f"{self._root.path.rstrip('/')}/{route}")
        more = [("Accept", "application/json"), ("Authorization", f"Basic {self._login}")]
        with (
            web.open_pool(allow_private=self._allow_private) as pool,
            _request(pool, method, url.copy_merge_params(params), more, content) as response,
        ):
            headers = httpx.Headers(response.headers)
            body = _body(response, LIMIT)
        if len(body) > LIMIT:
            raise SourceError(f"an answer larger than the limit of {LIMIT // 1_000_000} MB.")
        answer = _parsed(body)
        if 200 <= response.status < 300 and isinstance(answer, dict | list):
            return answer
        raise self._refusal(response.status, headers, answer)

    def _refusal(self, status: int, headers: httpx.Headers, answer: object) -> SourceError:
        """Why there is no answer that can be used, and what to do."""
        row = answer if isinstance(answer, dict) else {}
        data = row.get("data")
        params = data.get("params") if isinstance(data, dict) else None  # what is wrong with each
        said = next(iter(params.values())) if isinstance(params, dict) and params else row.get("message", "")
        code = str(row.get("code", ""))[:60]
        message = " ".join(_plain(str(said)).split()).rstrip(".")[:300]
        if 300 <= status < 400:
            to = web.shown(headers.get("location", "elsewhere"))
            return SourceError(
                f"redirects to {to}, where the password is not sent; give that site's address."
            )
        if code in _WRONG_PASSWORD:
            problem = f"{self.user} and this application password are not accepted ({message})"
            return SourceError(
                f"{problem}; make one under Users > Profile, and see docs/wordpress.md if it is right."
            )
        if code.startswith("application_passwords_disabled"):
            return SourceError(f"takes no application password from {self.user} ({message}).")
        if status in (401, 403) and code:
            return ForbiddenError(f"{self.user} may not do that: {message} ({code}).")
        if code:
            return SourceError(f"WordPress answers: {message} ({code}, status {status}).")
        if status == 401 and "www-authenticate" in headers:
            return SourceError(_LOCKED)
        if status in _PASSING:
            return web.NoAnswerError(web.refusal(status, headers))
        if status >= 500:
            return SourceError(web.refusal(status, headers))
        problem = f"answers with something else than JSON (status {status})"
        return SourceError(
            f"{problem}: a firewall, a plugin, a cache, or PHP's own warnings; see what it shows there."
        )


_LOCKED = (
    "its web server asks for a password of its own before WordPress is reached; lift that for /wp-json/."
)


@contextmanager
def _request(
    pool: httpcore.ConnectionPool,
    method: str,
    url: httpx.URL,
    more: Sequence[tuple[str, str]] = (),
    content: Mapping[str, object] | None = None,
) -> Iterator[httpcore.Response]:
    """One request, with `content` as JSON. Whatever fails on the way, also while the body is read, is a SourceError."""
    headers = [("Host", url.netloc.decode()), ("User-Agent", f"{web.PRODUCT}/{__version__}"), *more]
    headers.append(("Accept-Encoding", "identity"))
    data = None
    if content is not None:
        data = json.dumps(content).encode()
        headers.append(("Content-Type", "application/json"))
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    seconds = dict.fromkeys(("connect", "read", "write", "pool"), web.STEP_SECONDS)
    try:
        with pool.stream(
            method, target, headers=headers, content=data, extensions={"timeout": seconds}
        ) as response:
            yield response
    except httpcore.TimeoutException as error:
        raise web.NoAnswerError("no answer in time; try again later.") from error
    except httpcore.ConnectError as error:
        cause = error.args[0] if error.args else None
        why = getattr(cause, "verify_message", None) or getattr(cause, "strerror", None) or error
        raise web.NoAnswerError(f"no connection ({why}); check the address, or try again later.") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        problem = f"the answer is broken or breaks off ({str(error)[:120]})"
        raise web.BrokenAnswerError(f"{problem}; try again later.") from error


def _body(response: httpcore.Response, limit: int) -> bytes:
    """The body, cut off soon after `limit` bytes."""
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > limit:
            break
    return bytes(body)


# --- what answers hold -----------------------------------------------------------------------------------------


def _parsed(body: bytes) -> object:
    """What the JSON says; None where it is none."""
    try:
        return json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None


def _rows(answer: object) -> list[dict[str, Any]]:
    """The objects of a list, each with its `id`. Raises SourceError when the answer is no such list."""
    if isinstance(answer, list) and all(
        isinstance(row, dict) and type(row.get("id")) is int for row in answer
    ):
        return answer
    raise SourceError("answers otherwise than WordPress does; a plugin may have changed its REST API.")


def _text(value: object) -> str:
    """A field that comes raw, or as it is shown."""
    if isinstance(value, dict):
        value = value.get("raw", value.get("rendered"))
    return value if isinstance(value, str) else ""


def _escaped(text: str) -> str:
    """Text as a note holds it. WordPress drops carriage returns: as ends of lines they are written as all others."""
    return html.escape(text.replace("\r\n", "\n").replace("\r", "\n"), quote=False)


def _plain(text: str) -> str:
    """HTML of one line as its reader sees it."""
    return html.unescape(re.sub(r"<[^<>]*>", "", text)).strip()


def _changed(row: Mapping[str, Any]) -> datetime:
    """When a post was last changed; in the far future where nobody can say."""
    try:
        return datetime.fromisoformat(str(row.get("modified_gmt"))).replace(tzinfo=UTC)
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)


def _kind(row: Mapping[str, Any]) -> Kind:
    slug = row["slug"]
    base = str(row.get("rest_base") or slug)
    supports = row.get("supports")
    editor = supports.get("editor") if isinstance(supports, dict) else None
    notes = isinstance(editor, list) and any(isinstance(said, dict) and said.get("notes") for said in editor)
    rights = row.get("capabilities")
    return Kind(
        slug,
        base,
        f"{row.get('rest_namespace') or 'wp/v2'}/{base}",
        notes,
        {k: v for k, v in rights.items() if isinstance(v, str)} if isinstance(rights, dict) else {},
    )


def _is_persons_name(name: str) -> bool:
    words = name.split()
    return len(words) > 1 and words[0][0].isupper() and words[-1][0].isupper()


# --- addresses -------------------------------------------------------------------------------------------------


def _said(headers: httpx.Headers, page: bytes, base: httpx.URL) -> httpx.URL | None:
    """The address of the API that a page names, in its header or in a <link>."""
    if found := _LINK.search(headers.get("link", "")):
        return _address(found[1], base)
    for tag in _TAG.findall(page.decode("utf-8", "replace")):
        if _API in tag and (found := _HREF.search(tag)):
            return _address(html.unescape(found[1]), base)
    return None


def _address(text: object, base: httpx.URL | None = None) -> httpx.URL | None:
    try:
        return web.address(str(text), base)
    except SourceError:
        return None


def _same_host(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether two addresses are of one site: with or without "www.", with or without encryption."""
    return (one.host.removeprefix("www."), one.port) == (other.host.removeprefix("www."), other.port)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
