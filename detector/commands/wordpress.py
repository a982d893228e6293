"""`detector wordpress SITE`: the posts that wait for an editor, scored; and, when asked, notes on them and their moves.

Nothing is written without `--write`; until then every row says what would be.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

from detector.commands import options as shared
from detector.commands.console import destination, say, wants_color, width, writing
from detector.errors import SourceError, UsageError
from detector.report import FORMATS, Report, Run, open_report
from detector.report.ink import BOLD, GREEN, RED, YELLOW, Ink, clean, hang, wrap
from detector.report.words import meaning, percent, why_unscored
from detector.settings import GATES, Settings
from detector.verdict import OUTCOMES

if TYPE_CHECKING:
    from datetime import datetime

    from detector.document import Document
    from detector.score import Detector
    from detector.sources.wordpress import Kind, Note, Post, WordPress
    from detector.verdict import Outcome, Verdict

VARIABLE = "DETECTOR_WORDPRESS_PASSWORD"
MET, FAILED = 1, 2  # exit codes: --fail-on is met; a note or a move that was asked for could not be made
NO_ANSWER = 3  # posts in a row without one, after which the site is left alone
NOTED = 10  # findings in a note
PLACES = 2  # of a finding that a note quotes
LONGEST = 6_000  # characters of a note

_INK = {"publish": GREEN, "review": YELLOW, "reject": RED, "unscored": BOLD}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("address", metavar="SITE", help="the address of the site's front page")
    parser.add_argument("--user", metavar="NAME", required=True, help="whose application password it is")
    parser.add_argument(
        "--password-file",
        metavar="FILE",
        type=Path,
        help=f"the application password stands there; default: {VARIABLE}, or it is asked for",
    )
    parser.add_argument(
        "--insecure", action="store_true", help="send the password over http, in the clear, if need be"
    )
    parser.add_argument(
        "--allow-private", action="store_true", help="the site may be on this machine or a private network"
    )

    which = parser.add_argument_group("which posts")
    which.add_argument(
        "--type",
        action="append",
        metavar="TYPE",
        help="posts, pages, or a type of the site's own; may be repeated, or a list with commas; default: posts",
    )
    which.add_argument("--status", default="pending", help="pending, draft, future, ...; default: pending")
    which.add_argument("--since", metavar="DATE", help="only those changed then or later, as in 2026-03-01")
    which.add_argument("--limit", metavar="N", type=int, help="at most so many, the longest unchanged first")
    which.add_argument(
        "--only-new", action="store_true", help="pass over posts whose note is about the text as it still is"
    )

    out = parser.add_argument_group("what comes out")
    out.add_argument(
        "--format",
        dest="form",
        choices=("table", *(name for name in FORMATS if name != "github")),
        default="table",
        help="default: table",
    )
    out.add_argument(
        "--output", metavar="FILE", type=shared.file, help="write there; default: standard output"
    )
    out.add_argument(
        "--with-text",
        action="store_true",
        default=argparse.SUPPRESS,
        help="json, jsonl: add each post's text",
    )
    shared.add_fail_on(out)
    shared.add_color(out)

    back = parser.add_argument_group("what is written back")
    back.add_argument(
        "--note", action="store_true", help="leave the result on each post, where readers do not see it"
    )
    back.add_argument(
        "--note-as",
        choices=("note", "comment"),
        default="comment",
        help="a held comment, or a note in the editor where the site has them (WordPress 6.9 and later, which mails "
        "them to the post's author); default: comment",
    )
    back.add_argument(
        "--move",
        metavar="OUTCOME=STATUS,...",
        type=_moves,
        default={},
        help="move pending posts, as in review=draft,reject=trash; nothing is published or deleted",
    )
    back.add_argument("--write", action="store_true", help="do it; without this, only say what would be done")

    judging = parser.add_argument_group("how they are judged")
    shared.add_judging(judging)
    shared.add_settings(parser)


def _listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _moves(text: str) -> dict[str, str]:
    """The state for each outcome that has one: "review=draft,reject=trash"."""
    moves: dict[str, str] = {}
    for pair in text.split(","):
        outcome, _, status = (part.strip() for part in pair.partition("="))
        if outcome not in OUTCOMES or not status:
            raise argparse.ArgumentTypeError(f"{pair!r} is no OUTCOME=STATUS; write it as in reject=draft.")
        moves[outcome] = status
    return moves


def wordpress(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from detector.commands.score import chosen_settings

    chosen, _ = chosen_settings(options)
    since = _since(options.since)
    if options.limit is not None and options.limit < 1:
        raise UsageError("--limit must be 1 or more.")
    if not _listed(options.status):
        raise UsageError("--status names no status; write it as in pending,draft.")
    if options.type and not _listed(",".join(options.type)):
        raise UsageError("--type names no type of posts; write it as in posts,pages.")
    if options.write and not (options.note or options.move):
        raise UsageError("--write has nothing to write; say --note or --move with it.")
    password = _password(options)

    from detector.score import Detector
    from detector.sources.wordpress import WordPress

    detector = Detector.load(chosen.model, base_rate=chosen.base_rate, ignore=chosen.ignore)
    with _named(options.address):
        site = WordPress(
            options.address,
            options.user,
            password,
            allow_private=options.allow_private,
            insecure=options.insecure,
            as_comment=options.note_as == "comment",
        )
        run = _Round(site, detector, options, chosen)
        kinds = run.kinds()
    name = str(options.output or "standard output")
    # half a surrogate pair has no UTF-8; as a backslash escape it is valid JSON
    errors = "backslashreplace" if options.form in ("json", "jsonl", "sarif") else "replace"
    with destination(options.output, errors=errors) as out:
        report = _report(options, chosen, out, run)
        for row in run.rows(kinds, since):
            with writing(name):
                report.add(row)
        with writing(name):
            report.close()
            out.flush()
    say(run.summary())
    return run.exit_code


def _since(text: str | None) -> datetime | None:
    from datetime import UTC, datetime

    try:
        when = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--since {text}: no date; write it as in 2026-03-01 or 2026-03-01T12:00+01:00."
        ) from None
    return when if when is None or when.tzinfo else when.replace(tzinfo=UTC)


def _password(options: argparse.Namespace) -> str:
    """The application password, from where no list of processes and no history shows it."""
    file: Path | None = options.password_file
    password = os.environ.get(VARIABLE, "")
    if file is not None:
        try:
            with file.open(encoding="utf-8-sig", errors="surrogateescape") as opened:
                password = opened.readline(1000)
        except OSError as error:
            raise UsageError(f"{file}: cannot be read ({error.strerror}).") from error
    elif not password and sys.stdin is not None and sys.stdin.isatty():
        import getpass

        password = getpass.getpass(f"application password of {options.user}: ")
    if not password.strip():
        raise UsageError(f"there is no password; set {VARIABLE}, or name a file with --password-file.")
    return password.strip()


@contextlib.contextmanager
def _named(address: str) -> Iterator[None]:
    """Errors begin with the site that they are about."""
    from detector.sources import web

    try:
        yield
    except SourceError as error:
        raise SourceError(f"{web.shown(address)}: {error}") from error


# --- the round -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Row:
    """What became of a post. done: what was, or would be, written back, in words."""

    verdict: Verdict
    document: Document | None = None
    author: str = ""
    link: str = ""
    done: tuple[str, ...] = ()


class _Round(Run):
    """One look at the posts of a site, and what came of them."""

    def __init__(
        self, site: WordPress, detector: Detector, options: argparse.Namespace, chosen: Settings
    ) -> None:
        self.source = options.address
        self._site = site
        self._detector = detector
        self._options = options
        self._base_rate = chosen.base_rate
        self._gate = GATES.get(chosen.fail_on or "", frozenset())
        self._statuses = _listed(options.status)
        self._tally: Counter[Outcome] = Counter()
        self._unread = self._known = self._silent = 0
        self._failed = False

    def kinds(self) -> list[Kind]:
        """The types of posts that were asked for. Raises SourceError or UsageError when what is asked cannot be."""
        site, options = self._site, self._options
        found = (site.kind(name) for name in _listed(",".join(options.type or ["posts"])))
        kinds = list({kind.slug: kind for kind in found}.values())
        for kind in kinds:
            if not site.may("edit_posts", kind):
                raise SourceError(f"{site.user} may not edit {kind.base}; use an account that is an Editor.")
            if not site.may("edit_others_posts", kind):
                say(f"{site.user} may only edit {kind.base} of their own; those of others are not listed")
        notes = {site.note_type(kind) for kind in kinds} if options.note else set()
        if "comment" in notes and not site.may("moderate_comments", kinds[0]):
            problem = f"{site.user} may not moderate comments, and a note on this site is a held comment"
            raise SourceError(f"{problem}; use an account that is an Editor.")
        if "note" in notes:
            advice = "unless Settings > Discussion says otherwise; without --note-as note it does not"
            say(f"WordPress mails a note in the editor to the author of the post, {advice}")
        if options.move:
            known = site.destinations() - {"pending"}
            for status in options.move.values():
                if status not in known:
                    raise UsageError(f"no post is moved to {status}; there are {', '.join(sorted(known))}.")
        return kinds

    def rows(self, kinds: list[Kind], since: datetime | None) -> Iterator[_Row]:
        """Every post that was asked for, one after the other, and what is written back to it."""
        left = self._options.limit
        for kind in kinds:
            with _named(self.source):
                waiting = self._site.waiting(kind, self._statuses, since)
            for id in waiting:
                if left == 0:
                    return
                row = self._row(kind, id)
                if row is not None:
                    left = left if left is None else left - 1
                    self._tally[row.verdict.outcome] += 1
                    self._unread += row.verdict.error is not None
                    yield row

    def _row(self, kind: Kind, id: int) -> _Row | None:
        """One post; None when it is not to be scored after all."""
        from detector.document import Unreadable
        from detector.sources import web

        name = f"{kind.base}/{id}"
        options = self._options
        try:
            post = self._site.read(kind, id)
            note = self._site.note(post) if options.note or options.only_new else None
            author = self._site.author(post)
        except SourceError as error:
            self._silent += 1
            if not isinstance(error, web.UnreachableError | web.BrokenAnswerError):
                self._silent = 0
            elif self._silent == NO_ANSWER:
                raise SourceError(
                    f"{web.shown(self.source)}: {NO_ANSWER} posts in a row got no answer; the last: {error}"
                ) from error
            return _Row(self._detector.answer(Unreadable(name, error.kind, str(error))))
        self._silent = 0
        if post.status not in self._statuses and "any" not in self._statuses:
            say(f"{name}: is {post.status} by now; it is passed over")
            return None
        if options.only_new and note is not None and note.is_hidden and note.is_valid:
            self._known += 1
            return None
        verdict, document = self._judge(post, author)
        link = self._site.edit_link(post)
        return _Row(verdict, document, author, link, tuple(self._write_back(post, verdict, document, note)))

    def _judge(self, post: Post, author: str) -> tuple[Verdict, Document | None]:
        """The verdict on a post. A fault of ours costs that verdict, never the round."""
        from detector.document import Unreadable

        try:
            document = post.document(author=author, site=self._site.host)
            return self._detector.answer(document), document
        except Exception as error:
            if self._options.debug:
                raise
            message = f"a fault of detector itself ({type(error).__name__}: {error})"
            say(f"{post.name}: {message}; --debug shows where")
            return self._detector.answer(
                Unreadable(post.name, "internal", message, post.link, post.title)
            ), None

    # --- what is written back ----------------------------------------------------------------------------------

    def _write_back(
        self, post: Post, verdict: Verdict, document: Document | None, note: Note | None
    ) -> Iterator[str]:
        """Write what was asked for, and say so; stops at what cannot be."""
        site, options = self._site, self._options
        if document is None:
            return
        if options.note:
            text = note_text(verdict, document, base_rate=self._base_rate)
            place = "in the editor" if site.note_type(post.kind) == "note" else "as a held comment"
            if note is not None and site.says(note, post, text):
                yield "its note is up to date"
            else:
                verbs = ("update its note", "updated its note") if note else ("leave a note", "left a note")
                done, says = self._do(post, f"{verbs[0]} {place}", f"{verbs[1]} {place}",
                                      lambda: site.write_note(post, text, note))  # fmt: skip
                yield says
                if not done:
                    return
        status = options.move.get(verdict.outcome)
        if status is not None and post.status != "pending":
            yield f"stays {post.status}: only pending posts are moved"
        elif status is not None:
            yield self._do(post, f"move it to {status}", f"moved it to {status}",
                           lambda: site.move(post, status))[1]  # fmt: skip

    def _do(self, post: Post, what: str, was: str, act: Callable[[], None]) -> tuple[bool, str]:
        """Do one thing to a post that is as it was read; whether it is done or would be, and what to say."""
        if not self._options.write:
            return True, f"would {what}"
        try:
            if why := self._site.changed(post):
                return False, f"left alone: it {why}"
            act()
        except SourceError as error:
            self._failed = True
            return False, f"could not {what}: {error}"
        return True, was

    # --- what came of it ---------------------------------------------------------------------------------------

    @property
    def exit_code(self) -> int:
        """See `Run.exit_code`."""
        if self._failed:
            return FAILED
        return MET if any(self._tally[outcome] for outcome in self._gate) else 0

    def summary(self) -> str:
        """See `Run.summary`."""
        total = self._tally.total()
        counts = ", ".join(f"{self._tally[outcome]} {outcome}" for outcome in OUTCOMES)
        parts = [f"{total} post{'s' if total != 1 else ''}: {counts}"]
        if self._unread:
            parts[0] += f" (of these {self._unread} could not be read)"
        if self._known:
            parts.append(f"{self._known} passed over, whose notes still hold")
        if (self._options.note or self._options.move) and not self._options.write:
            parts.append("nothing was written: --write does that")
        return "; ".join(parts)


def note_text(verdict: Verdict, document: Document, *, base_rate: float = 0.5) -> str:
    """A verdict in the few words of a note: the outcome, the strongest reasons, and the words that show them."""
    from detector.report.places import Page, reasons

    if verdict.score is None:
        return f"{verdict.outcome.upper()}. {why_unscored(verdict)}"
    score = percent(verdict.score)
    parts = [f"{verdict.outcome.upper()}, {score}. {meaning(verdict, score, base_rate)}"]
    page = Page(verdict, document, Run())
    for finding in sorted(reasons(verdict), key=lambda finding: -finding.push)[:NOTED]:
        lines = [f"{finding.signal}: {page.says(finding, None, quote=False)}"]
        for span in finding.spans[:PLACES]:
            instead = " or ".join(f"“{clean(form)}”" for form in span.instead)
            says = (page.quote(span.start, span.end), clean(span.says), instead and f"Instead: {instead}.")
            lines.append(" ".join(("-", *filter(None, says))))
        parts.append("\n".join(lines))
    text = "\n\n".join(parts)
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rsplit(None, 1)[0]} …"


# --- the table -------------------------------------------------------------------------------------------------


class _Report(Protocol):
    def add(self, row: _Row) -> None: ...

    def close(self) -> None: ...


def _report(options: argparse.Namespace, chosen: Settings, out: TextIO, run: Run) -> _Report:
    color = wants_color(options.color if options.output is None else bool(options.color))
    if options.form == "table":
        return _Table(out, color=color, width=width())
    return _Verdicts(
        open_report(
            options.form, out, many=True, with_text=chosen.with_text, color=color, width=width(),
            base_rate=chosen.base_rate, run=run,
        )
    )  # fmt: skip


class _Verdicts:
    """Posts in one of the formats of `detector score`; what is written back is said on standard error."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def add(self, row: _Row) -> None:
        self._report.add(row.verdict, row.document)
        if row.done:
            say(f"{row.verdict.id}: {'; '.join(row.done)}")

    def close(self) -> None:
        self._report.close()


class _Table:
    """A few lines for each post: outcome, title and author, the strongest reason, what is written back."""

    def __init__(self, out: TextIO, *, color: bool, width: int) -> None:
        self._out = out
        self._ink = Ink(color)
        self._width = width

    def add(self, row: _Row) -> None:
        from detector.report.places import reasons

        verdict = row.verdict
        outcome = verdict.outcome.upper()
        score = "" if verdict.score is None else percent(verdict.score)
        name = " · ".join(filter(None, (verdict.id, clean(verdict.title or ""), clean(row.author))))
        label = f"{outcome:<8}  {score:<9}  "
        first, *others = hang(label, wrap(name, self._width - len(label)))
        lines = [
            self._ink(outcome, BOLD, _INK[verdict.outcome]) + self._ink(first[len(outcome) :], BOLD),
            *others,
        ]
        worst = max(reasons(verdict), key=lambda finding: finding.push, default=None)
        said = why_unscored(verdict) if verdict.score is None else ""
        if worst is not None:
            said = f"{worst.signal}: {clean(worst.says)}"
        for text in (said, "; ".join(row.done), row.link):
            if text:
                lines += [" " * len(label) + line for line in wrap(clean(text), self._width - len(label))]
        self._out.write("\n".join(lines) + "\n")
        self._out.flush()

    def close(self) -> None:
        """Nothing stands at the end."""
