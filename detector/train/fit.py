"""Trains a model from corpus/ and, where given, public data: everything learned twice, once without each fold.

examples -> spoiled copies -> learned signals without each fold -> values of all signals, out of fold
         -> additive model, calibration, thresholds -> models/<name>/
"""

from __future__ import annotations

import random
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from detector import __version__, model, signals
from detector.document import Document
from detector.model import Curve, Model
from detector.score import as_read
from detector.signals import hollow_prose, spun_phrase
from detector.signals._reading import read
from detector.tables import SPECIAL, Array, Ids, Tables
from detector.train import additive, data, fetch, learn, senses, spoil, thesaurus
from detector.train import english as english_
from detector.train.additive import Additive
from detector.train.data import FOLDS, OWN, Example
from detector.verdict import ModelId, Thresholds

# Sources of plain English that hold no page of the training data: what is learned from them leaks nothing.
FREE = frozenset(
    {
        "jayded/evidence-inference",
        "elifesciences/elife-articles",
        "GSA/digitalgov.gov",
        "openstax/osbooks-nursing-external-bundle",
        "philschatz/biology-book",
        "openstax/osbooks-introduction-anthropology",
        "openstax/osbooks-college-success-bundle",
        "nhsuk/nhsuk-service-manual",
    }
)
SPOILED_PER_FOLD = 252
# Pasted phrases wrongly seen in 1,000 words of honest pages: where strength begins to count.
FALSE_SPANS = 0.17
# The project's matched pairs say more about hollow and good than pages of one site do, and pages that a user's editors
# decided on more about what they want; copies spoiled on purpose are as many as we like to make, and must not drown the
# real ones.
READ_WEIGHT, SPOILED_WEIGHT = 3.0, 0.5
READ = frozenset({"corpus", OWN})
# No editor has a name for the learned wording. Held down, it leaves a page to the faults that he would name, where
# there are any: on 40 pages the strongest finding was then one that the reader had named, 31 times instead of 20, and
# recall was the same.
HELD_DOWN = {"wording_spam": 100.0}
ENOUGH_WORDS = 3_000_000  # of plain English, from which on rare words need no place in the vocabulary
LEARN_FROM = 300  # honest pages of a fold that are damaged for the learned signals; clean they see all
LONGEST = 18_000  # characters of a page that they see


def say(message: str) -> None:
    """Progress for people, on standard error."""
    print(f"[{time.strftime('%H:%M:%S')}] {message}", file=sys.stderr, flush=True)  # noqa: T201


@dataclass(frozen=True)
class Material:
    """What a training run starts from: pages, plain English, the word lists of corpus/."""

    examples: list[Example]
    english: english_.English
    shared: dict[str, Array]
    phrases: dict[str, list[str]]
    synonyms: dict[str, list[str]]
    phrase_table: dict[str, list[str]]
    related: dict[str, dict[int, Ids]]
    stand_ins: dict[str, Array]
    fold_of: dict[str, int]
    seen_phrases: dict[int, list[str]]

    @cached_property
    def words(self) -> list[str]:
        """Vocabulary by id."""
        return [""] * SPECIAL + list(self.english.vocabulary)

    def spinner(self, kind: str) -> spoil.Substitute:
        """What one of the unlike spinners puts for a word."""
        if kind in ("thesaurus", "phrase_table"):
            return spoil.dictionary_spinner(self.synonyms)
        return _by_id(self.english.vocabulary, self.words, self.related[DICTIONARY[kind]])

    @property
    def spinners(self) -> tuple[str, ...]:
        """The kinds of spinner there are: two of dictionaries written for this, others where there is a thesaurus."""
        return ("thesaurus", "phrase_table", *(k for k, name in DICTIONARY.items() if self.related.get(name)))

    def spin(self, text: str, kind: str, rate: float, rng: random.Random) -> spoil.Spoiled:
        """Spin a text with one kind of spinner."""
        if kind == "translation":
            return spoil.translate(text, self.spinner(kind), rate, rng, "spin_translation")
        table = self.phrase_table if kind == "phrase_table" else None
        return spoil.spin(text, self.spinner(kind), rate, rng, f"spin_{kind}", table)

    def in_world(self, tables: Tables, world: str) -> Tables:
        """The tables with the stand-ins that are known where `world` is closed."""
        own = senses.stand_ins(tables.word_counts, self.stand_ins.get(world, self.stand_ins[""]))
        return Tables(tables.vocabulary, {**tables.arrays, **own})

    @property
    def worlds(self) -> dict[str, tuple[str, ...]]:
        """What the models of a fold may not know: a resource, and the spinners that draw on it.

        Without a thesaurus nothing would be left to learn from: then each spinner is held out in turn.
        """
        found = {}
        for name, kinds in HELD_OUT.items():
            if there := tuple(k for k in kinds if k in self.spinners):
                found[name] = there
        return found if len(found) > 1 else {kind: (kind,) for kind in self.spinners}

    def world(self, fold: int | None) -> str:
        """Which of `worlds` is closed to the models of a fold; "" for the final model."""
        return "" if fold is None else list(self.worlds)[fold % len(self.worlds)]

    def phrases_of(self, fold: int) -> list[str]:
        """The phrases of a fold: pages of a fold are damaged with phrases of sellers that its model never saw."""
        lists = [name for k, name in enumerate(sorted(self.phrases)) if k % FOLDS == fold]
        return [p for name in lists for p in self.phrases[name]]


# The thesaurus that a spinner draws on; and, for each that can be held out, the spinners that go with it. Models of a
# fold know neither these spinners nor, where they look for stand-ins, the words of their thesaurus.
DICTIONARY = {"wordnet": "synonyms", "moby": "listed", "translation": "listed"}
HELD_OUT = {"hand": ("thesaurus", "phrase_table"), "wordnet": ("wordnet",), "moby": ("moby", "translation")}
RESOURCE = {"hand": (), "wordnet": ("synonyms", "kin"), "moby": ("listed",), "": ()}
USUAL = 30_000  # ids of words that a dictionary would offer


def _by_id(vocabulary: dict[str, int], words: list[str], related: dict[int, Ids]) -> spoil.Substitute:
    @cache
    def usual(word: str) -> list[str]:
        id = vocabulary.get(word, 0)
        found = related.get(id, ()) if id >= spun_phrase.COMMON else ()
        return [words[other] for other in found if other < USUAL]

    def substitute(word: str, rng: random.Random) -> str | None:
        found = usual(word)
        return rng.choice(found) if found else None

    return substitute


def gather(corpus: Path, public: Path | None, own: Sequence[Path] = (), moby: Path | None = None) -> Material:
    """Read everything a run needs. Without public data the English is that of the good pages alone.

    moby: the file of the Moby Thesaurus, see `thesaurus.read`.
    """
    thesauri = thesaurus.read(moby)
    for name, found, hint in (
        ("WordNet", "wordnet", "Debian: wordnet-base"),
        ("the Moby Thesaurus", "moby", "--thesaurus"),
    ):
        if found not in thesauri.resources:
            say(f"without {name} ({hint}): fewer words are known that may stand in for others")
    examples = data.read_corpus(corpus)
    for path in own:
        examples += data.read_own(path)
    if public is not None:
        say(f"reading public pages from {public}")
        examples += data.read_public(public)
    if lacking := fetch.missing(corpus, public):
        say(f"without the public pages of {', '.join(lacking)} (detector corpus fetch gets them)")
    if public is not None and (public / english_.FILE).exists():
        say("counting plain English")
        english = english_.read(public, listed=thesauri)
    else:
        texts: dict[str, list[str]] = {}
        for e in examples:
            if e.label == 0:
                texts.setdefault(e.source, []).append(data.plain_text(e.document))
        words = sum(len(t.split()) for parts in texts.values() for t in parts)
        say(
            f"no {english_.FILE}: plain English is counted from the {words:,} words of the honest pages, which is"
        )
        say("little for swapped words and pasted phrases (corpus/README.md says what a better one holds)")
        floor = 1.0 if words < ENOUGH_WORDS else english_.WORD_FLOOR
        english = english_.count(texts, floor=floor, listed=thesauri)
    free = [s for s in english.sources if s.name in FREE] or list(english.sources)
    say("word vectors, classes and stand-ins")
    factors = senses.factors(free, min(senses.WORDS, SPECIAL + len(english.vocabulary)))
    wide = factors.vectors
    near, _ = senses.neighbours(wide, senses.NEIGHBOURS)
    related = thesauri.related(english.vocabulary)
    counts = english.counts()
    stand_ins = {
        world: thesaurus.nearest(
            {k: v for k, v in related.items() if k not in lacking}, near, wide, counts, senses.STAND_INS
        )
        for world, lacking in RESOURCE.items()
    }
    shared: dict[str, Array] = {
        "topics": senses.topics(free, len(wide)),
        "capital_share": english.capital_share,
        "wording_mask": learn.wording_mask(english),
        **factors.tables(),
        **senses.classes(wide, english, free),
    }
    fold_of = data.folds(examples, corpus / "folds.json")
    return Material(
        examples=examples,
        english=english,
        shared=shared,
        phrases=spoil.read_phrases(corpus / "phrases"),
        synonyms=spoil.read_table(corpus / "synonyms.tsv"),
        phrase_table=spoil.read_table(corpus / "phrasetable.tsv"),
        related=related,
        stand_ins=stand_ins,
        fold_of=fold_of,
        seen_phrases=data.seen_phrases(examples, fold_of),
    )


def spoiled(material: Material, fold: int) -> list[Example]:
    """Damaged copies of honest pages of one fold, in every way, each way by families the fold's model never saw."""
    rng = random.Random(1000 + fold)
    honest = [
        e
        for e in material.examples
        if e.label == 0 and material.fold_of[e.source] == fold and 120 <= len(e.document.tokens) <= 2500
    ]
    rng.shuffle(honest)
    by_group: dict[str, list[Example]] = {}
    for e in honest:
        by_group.setdefault(e.group, []).append(e)
    phrases = material.phrases_of(fold)
    reword = material.spinner("thesaurus")
    ways = (
        *("spin", "paste", "paste", "spin", "repeat", "paste", "spin", "stitch", "title", "plug"),
        *("link", "hide"),
    )
    found: list[Example] = []
    for number in range(SPOILED_PER_FOLD if by_group else 0):  # the corpus alone leaves a fold empty
        groups = sorted(by_group)
        group = by_group[groups[number % len(groups)]]
        origin = group[(number // len(groups)) % len(group)]
        text = data.plain_text(origin.document)
        title = origin.document.title or text.split("\n", 1)[0][:90]
        way = ways[number % len(ways)]
        if way == "spin":
            kinds = material.worlds[material.world(fold)]
            done = material.spin(text, kinds[number % len(kinds)], rng.choice((0.08, 0.15, 0.25)), rng)
        elif way == "paste":
            style = spoil.STYLES[(number // len(ways)) % len(spoil.STYLES)]
            done = spoil.paste(text, phrases, style, rng, rng.choice((1, 1, 2, 3)))
        elif way == "repeat":
            done = spoil.repeat(text, reword, rng)
        elif way == "stitch":
            others = [
                text,
                *(
                    data.plain_text(e.document)
                    for e in rng.sample(group, min(len(group), rng.choice((1, 2))))
                ),
            ]
            done = spoil.stitch(others, title, rng)
        elif way == "plug":
            done = spoil.plug(text, title, material.phrases["brand_names"], rng)
        elif way == "link":
            style = spoil.STYLES[(number // len(ways)) % len(spoil.STYLES)]
            done = spoil.link(text, phrases, style, rng, rng.choice((1, 2, 3)))
        elif way == "hide":
            done = spoil.hide(text, phrases, rng) if rng.random() < 0.6 else spoil.disguise(text, rng)
        else:
            done = spoil.print_title_again(text, title, rng)
        if done.marks:
            found.append(data.spoiled_example(origin, done, number))
    return found


@dataclass(frozen=True)
class LearnedRows:
    """What the learned signals are fitted on, of one fold. spun: clean and spun pages as each of `Material.worlds`
    would measure them, and "", the final model. joins: clean pages and stitched ones.
    """

    spun: dict[str, list[learn.SpunPage]]
    anchor: tuple[Array, Array, Array]
    clean: list[Document]
    joins: list[learn.JoinPage]


def learned_rows(material: Material, fold: int, tables: Tables) -> LearnedRows:
    """Rows of one fold's honest pages, clean and damaged by every family, measured with the fold's own tables."""
    rng, chance = random.Random(2000 + fold), np.random.default_rng(3000 + fold)
    honest = [
        e
        for e in material.examples
        if (e.label == 0 or e.group == "unspoiled")
        and material.fold_of[e.source] == fold
        and len(e.document.tokens) >= 80
    ]
    rng.shuffle(honest)
    # every group alike, so that clinics and learners of English count as much as news
    by_group: dict[str, list[Example]] = {}
    for e in honest:
        by_group.setdefault(e.group, []).append(e)
    per_group = max(1, LEARN_FROM // max(1, len(by_group)))
    chosen = [e for group in sorted(by_group) for e in by_group[group][:per_group]]
    worlds = {world: material.in_world(tables, world) for world in (*material.worlds, "")}
    spun: dict[str, list[learn.SpunPage]] = {world: [] for world in worlds}

    def measure(document: Document, marks: Sequence[spoil.Mark], kind: str) -> None:
        for world, own in worlds.items():
            if kind not in material.worlds.get(world, ()) and (
                page := learn.spun_page(document, own, marks, kind)
            ):
                spun[world].append(page)

    # what is rare among honest pages shows only when all of them are seen
    clean_pages = [Document.from_text(data.plain_text(e.document)[:LONGEST]) for e in honest]
    for clean in clean_pages:
        measure(clean, (), "")
    rows: list[tuple[Array, Array, Array]] = []
    phrases = material.phrases_of(fold)
    for number, example in enumerate(chosen):
        whole = data.plain_text(example.document)[:LONGEST]
        text = whole[: LONGEST // 2]
        clean = Document.from_text(text)
        for more in range(3):
            kind = material.spinners[(number + more) % len(material.spinners)]
            done = material.spin(whole, kind, rng.choice((0.05, 0.12, 0.25, 0.35)), rng)
            if done.marks:
                measure(Document.from_text(done.text), done.marks, kind)
        rows.append(learn.anchor_rows(clean, tables, (), chance))
        for again in range(4):
            style = spoil.STYLES[(number + 2 * again) % len(spoil.STYLES)]
            pasted = spoil.paste(text, phrases, style, rng, rng.choice((1, 2, 3)))
            rows.append(
                learn.anchor_rows(Document.from_text(pasted.text), tables, pasted.marks, chance, keep=60)
            )
    for e in material.examples:
        if e.group == OWN and material.fold_of[e.source] == fold:
            for paragraph, marks in data.judged_paragraphs(e, "injected_anchor"):
                rows.append(learn.anchor_rows(paragraph, tables, marks, chance, keep=60))
            for paragraph, marks in data.judged_paragraphs(e, "spun_phrase"):
                measure(paragraph, marks, "judged" if marks else "")
    rows = [r for r in rows if r[0].size]
    anchor = tuple(np.concatenate(part) for part in zip(*rows, strict=True))
    return LearnedRows(spun, anchor, clean_pages, join_pages(chosen, tables, rng))  # type: ignore[arg-type]


def join_pages(honest: Sequence[Example], tables: Tables, rng: random.Random) -> list[learn.JoinPage]:
    """Honest pages as they are, and two to four of them one after the other: every second time on like topics."""
    pages: list[learn.JoinPage | None] = []
    topics = np.zeros((len(honest), tables.arrays["topics"].shape[1]))
    for number, e in enumerate(honest):
        document = replace(e.document)  # a copy, so that nothing stays with the page
        pages.append(learn.join_page(document, tables, (), e.source))
        topics[number] = read(document, tables).topic_sums[-1]
    topics /= np.linalg.norm(topics, axis=1, keepdims=True) + 1e-9
    for number, e in enumerate(honest):
        likest = np.argsort(-(topics @ topics[number]))[1:7].tolist()
        among = likest if number % 2 else range(len(honest))
        others = rng.sample(among, min(len(among), rng.choice((1, 1, 2, 3))))
        texts = [data.plain_text(honest[k].document)[:9000] for k in (number, *others)]
        titles = [honest[k].document.title or "" for k in (number, *others)]
        if rng.random() < 0.5:  # whoever copies a page takes its title along
            texts = [
                t if t.startswith(title) else f"{title}\n\n{t}"
                for title, t in zip(titles, texts, strict=True)
            ]
        done = spoil.stitch(texts, titles[0] or texts[0].split("\n", 1)[0][:60], rng)
        pages.append(learn.join_page(Document.from_text(done.text), tables, done.marks, e.source))
    return [page for page in pages if page is not None]


def base_tables(material: Material, fold: int | None) -> Tables:
    """The tables before learning: counts without the sources of a fold, and phrase shapes without its lists."""
    left_out = {s for s, f in material.fold_of.items() if f == fold} if fold is not None else set()
    counts = material.english.without(left_out, material.fold_of)
    others = [f for f in range(FOLDS) if f != fold]
    phrases = [p for f in others for p in material.phrases_of(f) + material.seen_phrases.get(f, [])]
    shapes = learn.anchor_shapes(phrases, material.english, counts["word_counts"], material.shared)
    arrays = {**material.shared, **counts, **shapes}
    return material.in_world(Tables(material.english.vocabulary, arrays), material.world(fold))


def hardest(rows: LearnedRows, tables: Tables, scout: dict[str, Array]) -> list[tuple[int, Array]]:
    """Of each clean page its number of words and the stretches that look most pasted to a first network."""
    scouting = Tables(tables.vocabulary, {**tables.arrays, **scout})
    found = [(len(d.tokens), learn.hard_rows(d, scouting)) for d in rows.clean]
    return [(words, x) for words, x in found if x.size]


def anchor_floors(
    learned: dict[int, Tables], hard: dict[int, list[tuple[int, Array]]]
) -> dict[int | None, float]:
    """The log-odds that honest pages reach FALSE_SPANS times in 1,000 words; for each fold, from the others.

    Every page is judged by the network that did not see its fold.
    """
    reached = {
        f: [np.sort(learn.strength(x, learned[f]))[::-1] for _, x in pages] for f, pages in hard.items()
    }
    floors: dict[int | None, float] = {}
    for fold in (*hard, None):
        used = [f for f in hard if f != fold]
        words = sum(n for f in used for n, _ in hard[f])
        # stretches of one place overlap: the best of each page stand for its places, at most one in 40 words
        tops = np.concatenate(
            [
                page[: max(1, n // 40) : 4]
                for f in used
                for page, (n, _) in zip(reached[f], hard[f], strict=True)
            ]
        )
        allowed = max(1, int(FALSE_SPANS * words / 1000))
        floors[fold] = float(np.sort(tops)[::-1][min(allowed, len(tops) - 1)])
    return floors


def learn_signals(
    material: Material,
    fold: int | None,
    tables: Tables,
    rows: dict[int, LearnedRows],
    hard: dict[int, list[tuple[int, Array]]],
    wording: list[Array],
    hollow: list[hollow_prose.Words],
) -> Tables:
    """The tables with the learned arrays: fitted on all folds but one (None: on all)."""
    used = [f for f in rows if f != fold]
    arrays = learn.fit_spun([page for f in used for page in rows[f].spun[material.world(fold)]])
    worst = np.concatenate([x for f in used for _, x in hard[f]])
    x, y, w = (
        np.concatenate(parts) for parts in zip(*(rows[f].anchor for f in used if rows[f].anchor), strict=True)
    )
    x, y, w = (
        np.concatenate([x, worst]),
        np.concatenate([y, np.zeros(len(worst), dtype=y.dtype)]),
        np.concatenate([w, np.full(len(worst), 2.0, dtype=w.dtype)]),
    )
    arrays |= learn.fit_anchor(x, y, w)
    arrays |= learn.fit_joins([page for f in used for page in rows[f].joins])
    fitted = Tables(tables.vocabulary, {**tables.arrays, **arrays})
    chosen = [
        (columns, e)
        for columns, e in zip(wording, material.examples, strict=True)
        if e.label is not None and len(columns) >= 60 and (fold is None or material.fold_of[e.source] != fold)
    ]
    weights = source_weights([e for _, e in chosen])
    learned = learn.fit_wording([c for c, _ in chosen], [e.label or 0 for _, e in chosen], weights)
    # only pages of ours or the user in which a label quotes it: with farms beside them the weights learned their sites
    told = [
        (words, e)
        for words, e in zip(hollow, material.examples, strict=True)
        if len(words.ids) >= 60
        and (fold is None or material.fold_of[e.source] != fold)
        and (e.label == 0 or _marked_hollow(e))
    ]
    if any(e.label for _, e in told):
        weights = source_weights([e for _, e in told])
        learned |= learn.fit_hollow([w for w, _ in told], [e.label or 0 for _, e in told], weights, tables)
    return Tables(fitted.vocabulary, {**fitted.arrays, **learned})


def _marked_hollow(example: Example) -> bool:
    """Whether it is a page of ours, or of the user, whose label quotes what is hollow in it."""
    own = example.group in READ and example.label == 1
    return own and not learn.MARKED_HOLLOW.isdisjoint(m.signal for m in example.marks)


def source_weights(examples: Sequence[Example]) -> list[float]:
    """Weights that make both labels equal in sum, groups of a label nearly so, and no single site decisive."""
    per_source: dict[tuple[int, str], float] = {}
    per_group: dict[tuple[int, str], float] = {}
    for e in examples:
        key = (e.label or 0, e.source)
        per_source[key] = per_source.get(key, 0.0) + 1
    raw = [e.weight * min(1.0, 40 / per_source[e.label or 0, e.source]) ** 0.5 for e in examples]
    for e, r in zip(examples, raw, strict=True):
        per_group[e.label or 0, e.group] = per_group.get((e.label or 0, e.group), 0.0) + r
    tempered = [r / per_group[e.label or 0, e.group] ** 0.4 for e, r in zip(examples, raw, strict=True)]
    tempered = [
        t * (SPOILED_WEIGHT if e.family else READ_WEIGHT if e.group in READ else 1.0)
        for e, t in zip(examples, tempered, strict=True)
    ]
    sums = {
        label: sum(t for e, t in zip(examples, tempered, strict=True) if (e.label or 0) == label)
        for label in (0, 1)
    }
    scale = len(examples) / 2
    return [scale * t / sums[e.label or 0] for e, t in zip(examples, tempered, strict=True)]


class Measured(NamedTuple):
    """Values of every signal for every example, as columns, and whether it would be given a score."""

    values: dict[str, NDArray[np.float64]]
    scored: NDArray[np.bool_]


def measured(examples: Sequence[Example], tables: Tables) -> Measured:
    """Every example measured as the detector measures it."""
    registry = signals.registry()
    pages = [as_read(e.document, tables) for e in examples]
    rows = [[found.value for found in page.measured(registry, tables).values()] for page in pages]
    table = np.array(rows, dtype=np.float64).reshape(len(rows), len(registry))
    scored = np.array([page.unscored is None for page in pages], dtype=bool)
    return Measured({name: table[:, k] for k, name in enumerate(registry)}, scored)


@dataclass(frozen=True)
class CrossFit:
    """Everything learned, and the values of every example as its own fold's model sees it."""

    material: Material
    examples: list[Example]
    fold: NDArray[np.int64]
    values: dict[str, NDArray[np.float64]]
    scored: NDArray[np.bool_]
    fold_tables: dict[int, Tables]
    tables: Tables

    @cached_property
    def label(self) -> NDArray[np.int64]:
        """1 reject, 0 publish, -1 not judged."""
        return np.array([-1 if e.label is None else e.label for e in self.examples])


def cross_fit(
    corpus: Path,
    public: Path | None,
    own: Sequence[Path] = (),
    moby: Path | None = None,
    *,
    jobs: int = 2,
) -> CrossFit:
    """Learn everything without each fold; measure every page, real and spoiled, with what was learned without it."""
    material = gather(corpus, public, own, moby)
    run = Parallel(n_jobs=jobs, max_nbytes=None)
    say("count tables without each fold")
    tables = {f: base_tables(material, f) for f in range(FOLDS)}
    say("rows for the learned signals")
    rows = dict(enumerate(run(delayed(learned_rows)(_slim(material, f), f, tables[f]) for f in range(FOLDS))))
    everything = base_tables(material, None)
    wording = [learn.wording_columns(e.document, everything) for e in material.examples]
    hollow = [hollow_prose.words(e.document, everything) for e in material.examples]
    say("finding the honest stretches that look most pasted")
    x, y, w = (
        np.concatenate(parts) for parts in zip(*(r.anchor for r in rows.values() if r.anchor), strict=True)
    )
    scout = learn.network(x, y, w, "anchor")
    hard = dict(enumerate(run(delayed(hardest)(rows[f], tables[f], scout) for f in range(FOLDS))))
    say("learning the text signals without each fold, and with all")
    learned = run(
        delayed(learn_signals)(
            _light(material), f, everything if f is None else tables[f], rows, hard, wording, hollow
        )
        for f in (*range(FOLDS), None)
    )
    floors = anchor_floors(dict(enumerate(learned[:FOLDS])), hard)
    fitted = [
        Tables(t.vocabulary, {**t.arrays, "anchor_floor": np.array([floors[f]], dtype=np.float32)})
        for f, t in zip((*range(FOLDS), None), learned, strict=True)
    ]
    fold_tables, full = dict(enumerate(fitted[:FOLDS])), fitted[FOLDS]
    say("spoiling pages, measuring all")
    parts = run(delayed(_measure_fold)(_slim(material, f), f, fold_tables[f]) for f in range(FOLDS))
    examples = [e for part, _ in parts for e in part]
    values = {name: np.concatenate([m.values[name] for _, m in parts]) for name in signals.registry()}
    scored = np.concatenate([m.scored for _, m in parts])
    fold = np.concatenate([np.full(len(part), f) for f, (part, _) in enumerate(parts)])
    return CrossFit(material, examples, fold, values, scored, fold_tables, full)


def _slim(material: Material, fold: int) -> Material:
    """The material with the pages of one fold only: what a worker needs is all that is sent to it."""
    kept = [e for e in material.examples if material.fold_of[e.source] == fold]
    return replace(material, examples=kept, english=replace(material.english, sources=()), shared={})


def _light(material: Material) -> Material:
    empty = [replace(e, document=Document(e.id, "", ())) for e in material.examples]
    return replace(material, examples=empty, english=replace(material.english, sources=()), shared={})


def _measure_fold(material: Material, fold: int, tables: Tables) -> tuple[list[Example], Measured]:
    examples = [*material.examples, *spoiled(material, fold)]
    return examples, measured(examples, tables)


# --- from values to a model ------------------------------------------------------------------------------------------


def honest(cross: CrossFit) -> NDArray[np.bool_]:
    """Real honest pages that the false-alarm contract is about: dated, from before machine-written text was common.

    Without public data there are none, and the good pages of the corpus stand for them.
    """
    groups = HONEST_GROUPS & {e.group for e in cross.examples} or {"corpus"}
    kind = np.array([e.label == 0 and not e.family and e.group in groups for e in cross.examples], dtype=bool)
    return kind & cross.scored


HONEST_GROUPS = frozenset(group for group, _ in data.HONEST.values()) | {OWN}


def page_weights(examples: Sequence[Example]) -> NDArray[np.float64]:
    """Weights for the additive model: every way of spoiling counts as a group of its own."""
    grouped = [
        replace(e, group=f"spoiled/{e.family}", source=f"spoiled/{e.family}/{e.source}") if e.family else e
        for e in examples
    ]
    return np.array(source_weights(grouped))


@dataclass(frozen=True)
class Judged:
    """What models that never saw its fold say of every example, calibrated; these models, the final one, thresholds."""

    account: additive.Account
    of_fold: list[Additive]
    additive: Additive
    review: float
    reject: float

    @cached_property
    def logits(self) -> NDArray[np.float64]:
        """The log-odds of every example as a verdict would give them."""
        return self.account.logits(self.review)

    def model(self, fitted: Additive) -> Model:
        """The final model, or that of a fold, as it scores pages."""
        thresholds = Thresholds(model.sigmoid(self.review), model.sigmoid(self.reject))
        return Model(ModelId("", __version__, ""), fitted.bias, fitted.curves, CERTAIN, thresholds)


def judge(cross: CrossFit, names: Sequence[str] | None = None) -> Judged:
    """Fit the additive model without each fold, calibrate on what that gives, choose thresholds, fit the final one.

    names: use only these signals (for ablations).
    """
    kinds = {n: s.KIND for n, s in signals.registry().items() if names is None or n in names}
    values = {n: cross.values[n] for n in kinds}
    reasons = {n: v * ~_no_reason(cross, n) for n, v in values.items()}
    usable = (cross.label >= 0) & cross.scored
    of_fold = []
    for f in range(FOLDS):
        seen = np.flatnonzero(usable & (cross.fold != f))
        of_fold.append(
            additive.fit(
                {n: v[seen] for n, v in reasons.items()},
                kinds,
                cross.label[seen],
                page_weights([cross.examples[i] for i in seen]),
                HELD_DOWN,
            )
        )
    raw = _account(cross, of_fold).full
    every = np.flatnonzero(usable)
    weight = page_weights([cross.examples[i] for i in every])
    slope, shift = additive.calibration(raw[every], cross.label[every], weight)
    columns = {n: v[every] for n, v in reasons.items()}
    models = [
        m.scaled(slope, shift)
        for m in (*of_fold, additive.fit(columns, kinds, cross.label[every], weight, HELD_DOWN))
    ]
    pages = honest(cross)
    groups = [cross.examples[i].group for i in np.flatnonzero(pages)]
    _, review = thresholds(_account(cross, models[:FOLDS]).of(pages), groups)
    *of_fold, final = (m.reaching(review, CERTAIN) for m in models)
    account = _account(cross, of_fold)
    reject, _ = thresholds(account.of(pages), groups)
    # `review` stays where the certain faults reach it, though that may flag an honest page more
    return Judged(account, of_fold, final, review, max(reject, review))


def _account(cross: CrossFit, of_fold: Sequence[Additive]) -> additive.Account:
    """What the models say of every example, each of its own fold."""
    parts = np.zeros((3, len(cross.examples)))
    for f, fitted in enumerate(of_fold):
        held = np.flatnonzero(cross.fold == f)
        parts[:, held] = fitted.account({n: v[held] for n, v in cross.values.items()}, CERTAIN)
    return additive.Account(*parts)


def _no_reason(cross: CrossFit, signal: str) -> NDArray[np.bool_]:
    """Pages that an editor turned away though he found no fault in all that the signal marks: it was not the reason.

    A page that he published keeps its value, from which the model learns to push less.
    """
    return np.array(
        [
            e.label == 1 and any(m.signal == signal and m.start == m.end for m in e.fine)
            for e in cross.examples
        ],
        dtype=bool,
    )


def thresholds(account: additive.Account, groups: Sequence[str]) -> tuple[float, float]:
    """Log-odds from which a page is rejected, and reviewed, by the false-alarm contract.

    account: of honest pages; groups: of each the group.
    """
    room = additive.ROOM
    review = additive.threshold(account.highest, groups, additive.REVIEW_ALL, additive.REVIEW_GROUP)
    reject = additive.threshold(
        account.logits(review), groups, room * additive.REJECT_ALL, room * additive.REJECT_GROUP
    )
    return max(reject, review), review


class OwnPage(NamedTuple):
    """A page of the user's own, with the log-odds that models gave it which never saw its site."""

    example: Example
    logit: float


class Trained(NamedTuple):
    """The folder of a trained model, and what it makes of the user's own pages."""

    folder: Path
    own: list[OwnPage]


def train(
    *,
    data: Path | None,
    corpus: Path,
    name: str,
    output: Path,
    pages: Sequence[Path] = (),
    moby: Path | None = None,
    jobs: int = 2,
) -> Trained:
    """Train a model and write its folder. `use` makes it the current one.

    data: a folder of public data as its README describes, or None; corpus: the project's own texts; pages: a user's own
    judged pages, see `data.read_own`; moby: the Moby Thesaurus, see `thesaurus.read`; output: where model folders lie.
    Takes about a quarter of an hour on two cores with the public data. Two runs write the same bytes.
    """
    from detector.train import card, evaluate

    cross = cross_fit(corpus, data, pages, moby, jobs=jobs)
    say("fitting the additive model")
    judged = judge(cross)
    folder = output / name
    fresh = output / f".{name}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    cross.tables.save(fresh)
    found: dict[str, Any] = {}
    curves = judged.additive.curves
    try:
        from detector.train import crawls
    except ModuleNotFoundError as error:
        say(f"without {error.name} (detector[audit]): what only shows across pages will weigh nothing")
    else:
        say("what only shows across the pages of a crawl")
        learned = crawls.learn(cross, judged)
        curves, found = {**curves, **learned.curves}, learned.figures
    content = model_content(judged, _canaries(cross), curves)
    sha256 = model.write(fresh, name=name, version=__version__, content=content)
    say("measuring")
    figures = evaluate.figures(cross, judged, corpus, data)
    if found:
        figures["crawl"] = found
    figures["model"] = {"name": name, "version": __version__, "sha256": sha256}
    card.write(fresh, figures)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    say(f"wrote {folder}")
    own = [k for k, e in enumerate(cross.examples) if e.group == OWN and not e.family]
    return Trained(folder, [OwnPage(cross.examples[k], float(judged.logits[k])) for k in own])


def use(folder: Path) -> None:
    """Make the model of that folder the current one among those beside it."""
    (folder.parent / "CURRENT").write_text(folder.name + "\n", "utf-8")


def model_content(
    judged: Judged, canaries: list[dict[str, object]], curves: Mapping[str, Curve]
) -> dict[str, object]:
    """The numbers of model.json. curves: of all signals, those of a crawl among them."""
    ships = judged.model(judged.additive)
    return {
        "bias": ships.bias,
        "certain": list(ships.certain),
        "curves": {n: {"knots": list(c.knots), "pushes": list(c.pushes)} for n, c in sorted(curves.items())},
        "thresholds": {"review": ships.thresholds.review, "reject": ships.thresholds.reject},
        "canaries": canaries,
    }


# Any of these at its strongest brings a page to `review`, whatever speaks for it.
CERTAIN = ("injected_anchor", "spun_phrase", "stitched", "repeated_title", "near_duplicate")
CANARIES = ("keto-gummies.hollow", "knee-osteoarthritis.hollow", "cbd-oil.hollow", "vitamin-d.good")


def _canaries(cross: CrossFit) -> list[dict[str, object]]:
    """Short pieces of the project's own texts with the value of every signal."""
    texts = {e.id: e.document.text[:700] for e in cross.examples if e.id in CANARIES and not e.family}
    measure = {
        id: {
            n: s.measure(Document.from_text(text), cross.tables).value for n, s in signals.registry().items()
        }
        for id, text in sorted(texts.items())
    }
    return [{"text": texts[id], "values": values} for id, values in measure.items()]
