"""A whole training run on a dozen pairs: what it writes can be loaded, and a second run writes the same."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detector import model, signals
from detector.document import Document
from detector.score import Detector
from detector.signals import _wording, spun_phrase
from detector.train import additive, card, evaluate, fit, learn, senses, spoil, thesaurus
from detector.train.data import Example
from detector.train.fit import Material

CORPUS = Path(__file__).parents[2] / "corpus"
PAIRS = 12
FOLDS, USED = 4, 3  # the corpus alone leaves a fold empty, as the written folds are made for the public data
# A thesaurus in Moby's format.
MOBY = """help,aid,assist,support,advice
pain,ache,soreness,burning,pressure
doctor,physician,nurse,pharmacist,dentist
small,little,tiny,low,short
begin,start,open
large,big,great,high,long
week,month,day,year,hour
food,meal,bread,fish,milk
study,trial,test,review
stop,end,rest
weight,mass,body,bone
water,fluid,blood
"""


def a_dozen_pairs(folder: Path) -> Path:
    """A corpus of twelve pairs in three of four folds, with the phrases and the tables of the whole one."""
    rows = [json.loads(line) for line in (CORPUS / "labels.jsonl").read_text("utf-8").splitlines()]
    known = [id.partition(".")[0] for id in fit.CANARIES]
    pairs = list(dict.fromkeys(known + sorted(r["pair"] for r in rows)))[:PAIRS]
    (folder / "texts").mkdir(parents=True)
    kept = [r for r in rows if r["pair"] in pairs]
    for row in kept:
        shutil.copy(CORPUS / "texts" / f"{row['id']}.md", folder / "texts")
    (folder / "labels.jsonl").write_text("".join(json.dumps(r) + "\n" for r in kept), "utf-8")
    folds = {f"corpus/{pair}": k % USED for k, pair in enumerate(pairs)}
    (folder / "folds.json").write_text(json.dumps(folds), "utf-8")
    for name in ("synonyms.tsv", "phrasetable.tsv"):
        shutil.copy(CORPUS / name, folder)
    shutil.copytree(CORPUS / "phrases", folder / "phrases")
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every number that costs time made small, and no thesaurus but the one that a test names."""
    nowhere = tmp_path_factory.mktemp("no-wordnet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "FOLDS", FOLDS)
        patch.setattr(evaluate, "FOLDS", FOLDS)
        patch.setattr(fit, "SPOILED_PER_FOLD", 18)
        patch.setattr(fit, "LEARN_FROM", 4)
        network = learn.network
        patch.setattr(learn, "network", lambda *args, **more: network(*args, **{**more, "epochs": 2}))
        patch.setattr(_wording, "BUCKETS", 1 << 10)
        patch.setattr(senses, "CONTEXTS", 200)
        patch.setattr(thesaurus, "read", partial(thesaurus.read, wordnet=nowhere))
        yield


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_dozen_pairs(tmp_path_factory.mktemp("train") / "corpus")


@pytest.fixture(scope="module")
def moby(corpus: Path) -> Path:
    file = corpus.parent / "moby.txt"
    file.write_text(MOBY, "latin-1")
    return file


@pytest.fixture(scope="module")
def runs(corpus: Path, moby: Path, small: None) -> tuple[Path, Path]:
    """The folders of two runs over the same corpus."""
    first, second = (
        fit.train(
            data=None, corpus=corpus, name="dozen", output=corpus.parent / run, moby=moby, jobs=1
        ).folder
        for run in ("first", "second")
    )
    return first, second


def test_the_model_it_writes_loads_and_scores(runs: tuple[Path, Path]) -> None:
    detector = Detector.load(runs[0])  # recomputes the canaries
    assert detector.model.name == "dozen"
    text = (CORPUS / "texts" / "vitamin-d.good.md").read_text("utf-8")
    verdict = detector.score(Document.from_markdown(text))
    assert verdict.outcome in ("publish", "review", "reject")
    assert not (runs[0].parent / "CURRENT").exists(), "a model is not used because it was trained"
    fit.use(runs[0])
    assert (runs[0].parent / "CURRENT").read_text("utf-8").strip() == "dozen"
    assert not list(runs[0].parent.glob(".*")), "the folder under construction is left behind"


def test_the_same_corpus_gives_the_same_model(runs: tuple[Path, Path]) -> None:
    first, second = ({p.name: p.read_bytes() for p in sorted(run.iterdir())} for run in runs)
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert model.load(runs[0])[0].id.sha256 == model.load(runs[1])[0].id.sha256


def test_the_folder_holds_figures_and_a_card_of_this_very_model(runs: tuple[Path, Path]) -> None:
    figures = json.loads((runs[0] / "metrics.json").read_text("utf-8"))
    assert figures["model"]["sha256"] == model.load(runs[0])[0].id.sha256
    assert (runs[0] / "card.md").read_text("utf-8") == card.page(figures)
    assert figures["corpus"]["pairs"] == PAIRS


def test_canaries_are_few_and_know_every_signal(runs: tuple[Path, Path]) -> None:
    canaries = model.load(runs[0])[0].canaries
    assert 1 <= len(canaries) <= 5
    for canary in canaries:
        assert canary.values.keys() == signals.registry().keys()


def test_curves_agree_with_what_their_signals_mean(runs: tuple[Path, Path]) -> None:
    for name, curve in model.load(runs[0])[0].curves.items():
        kind = signals.registry()[name].KIND
        assert kind != "description", name
        assert curve(0.0) == 0
        steps = np.diff(curve.pushes)
        assert (steps <= 0).all() if kind == "trust" else (steps >= 0).all(), name


def test_trust_can_never_outweigh_one_certain_fault(runs: tuple[Path, Path]) -> None:
    loaded = model.load(runs[0])[0]
    praise = {n: 1e9 for n, s in signals.registry().items() if s.KIND == "trust"}
    for name in set(loaded.certain) & loaded.curves.keys():
        score, _ = loaded.account({name: 1e9, **praise})
        assert score >= loaded.thresholds.review, name


# --- spinners, and what the models of a fold may not know of them ----------------------------------------------------


@pytest.fixture(scope="module")
def material(corpus: Path, moby: Path, small: None) -> Material:
    return fit.gather(corpus, None, moby=moby)


@pytest.fixture(scope="module")
def alone(corpus: Path, small: None) -> Material:
    """The same without any thesaurus."""
    return fit.gather(corpus, None)


def test_there_are_as_many_spinners_as_dictionaries(material: Material, alone: Material) -> None:
    assert material.spinners == ("thesaurus", "phrase_table", "moby", "translation")
    assert alone.spinners == ("thesaurus", "phrase_table")


def test_a_thesaurus_that_is_lacking_is_named(
    corpus: Path, moby: Path, small: None, capsys: pytest.CaptureFixture[str]
) -> None:
    fit.gather(corpus, None, moby=moby)
    err = capsys.readouterr().err
    assert "without WordNet (Debian: wordnet-base)" in err
    assert "without the Moby" not in err
    fit.gather(corpus, None)
    assert "without the Moby Thesaurus (--thesaurus)" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["thesaurus", "phrase_table", "moby", "translation"])
def test_each_spinner_marks_what_it_swaps(material: Material, kind: str) -> None:
    text = (CORPUS / "texts" / "vitamin-d.good.md").read_text("utf-8")
    done = material.spin(text, kind, 0.2, random.Random(1))
    assert done.family == f"spin_{kind}"
    assert len(done.marks) >= 5
    again = material.spin(text, kind, 0.2, random.Random(1))
    assert done == again


def test_a_thesaurus_offers_usual_words_and_none_for_the_commonest(
    material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    substitute, words, rng = material.spinner("moby"), material.words, random.Random(0)
    offered = {word: substitute(word, rng) for word in words[3:]}
    listed = {w: line.split(",") for line in MOBY.splitlines() for w in line.split(",")}
    found = {word: new for word, new in offered.items() if new is not None}
    assert len(found) >= 10
    # in any form: a small set of words is not enough to say which forms there are
    assert all(new in listed[word] and new != word for word, new in found.items() if word in listed)
    assert not found.keys() & set(words[3 : spun_phrase.COMMON])
    monkeypatch.setattr(fit, "USUAL", 400)
    fewer = material.spinner("moby")
    assert {w for word in words[3:] if (w := fewer(word, rng))} <= set(words[:400])


def test_each_fold_has_one_dictionary_that_its_models_do_not_know(material: Material) -> None:
    assert material.worlds == {"hand": ("thesaurus", "phrase_table"), "moby": ("moby", "translation")}
    assert [material.world(fold) for fold in range(4)] == ["hand", "moby", "hand", "moby"]
    assert material.world(None) == "", "the final model knows them all"


def test_without_a_thesaurus_each_spinner_is_held_out_in_turn(alone: Material) -> None:
    assert alone.worlds == {"thesaurus": ("thesaurus",), "phrase_table": ("phrase_table",)}
    for fold in range(2):
        rows = fit.learned_rows(alone, fold, fit.base_tables(alone, fold))
        kinds = {page.kind for page in rows.spun[alone.world(fold)]}
        assert kinds == {"", *alone.spinners} - set(alone.worlds[alone.world(fold)])
        assert any(e.family.startswith("spin_") for e in fit.spoiled(alone, fold))


def test_where_a_thesaurus_is_held_out_its_words_stand_in_for_nothing(
    material: Material, alone: Material
) -> None:
    assert (material.stand_ins["moby"] == alone.stand_ins[""]).all()
    assert (material.stand_ins[""] != alone.stand_ins[""]).any()
    assert (material.stand_ins["hand"] == material.stand_ins[""]).all(), "a written dictionary lends none"
    for fold in (*range(FOLDS), None):
        tables = fit.base_tables(material, fold)
        assert (tables.arrays["stand_ins"] == material.stand_ins[material.world(fold)]).all()


def test_pages_to_learn_from_are_spun_by_all_but_the_spinners_held_out(material: Material) -> None:
    for fold in range(USED):
        rows = fit.learned_rows(material, fold, fit.base_tables(material, fold))
        assert rows.spun.keys() == {"hand", "moby", ""}
        for world, pages in rows.spun.items():
            kinds = {page.kind for page in pages}
            assert "" in kinds
            assert len(kinds) > 1
            assert kinds.isdisjoint(material.worlds.get(world, ()))
            assert not any(page.swapped.any() for page in pages if not page.kind)
            # of a page with few swapped words all may go so well with their neighbours that none is looked at closely
            assert any(page.swapped.any() for page in pages if page.kind)


def test_pages_to_measure_are_spun_by_the_spinners_held_out(material: Material) -> None:
    for fold in range(USED):
        families = {e.family for e in fit.spoiled(material, fold) if e.family.startswith("spin_")}
        assert families
        assert families <= {f"spin_{kind}" for kind in material.worlds[material.world(fold)]}


# --- weights and thresholds ------------------------------------------------------------------------------------------


def example(number: int, label: int, source: str, group: str = "g", weight: float = 1.0) -> Example:
    return Example(Document.from_text("x", id=str(number)), source, group, label, weight)


def test_both_labels_weigh_the_same_and_no_site_decides_alone() -> None:
    examples = [example(k, 0, "big") for k in range(200)] + [example(k, 0, f"small{k}") for k in range(40)]
    examples += [example(k, 1, f"spam{k}") for k in range(10)]
    weights = np.array(fit.source_weights(examples))
    label = np.array([e.label for e in examples])
    assert weights[label == 0].sum() == pytest.approx(weights[label == 1].sum())
    assert weights[:200].max() < weights[200:240].min(), (
        "a page of a big site counts less than one of a small site"
    )


def test_trust_in_a_label_is_weight() -> None:
    sure, unsure = fit.source_weights([example(0, 0, "a"), example(1, 1, "b"), example(2, 1, "c", "g", 0.5)])[
        1:
    ]
    assert sure == pytest.approx(2 * unsure)


def test_reject_is_never_easier_to_reach_than_review() -> None:
    logits = np.random.default_rng(0).normal(size=1000)
    account = additive.Account(logits, logits, np.full(1000, -np.inf))
    reject, review = fit.thresholds(account, ["a"] * 500 + ["b"] * 500)
    assert reject >= review
    assert (logits >= reject).mean() <= additive.REJECT_ALL
    assert (logits >= review).mean() <= additive.REVIEW_ALL


# --- what editors of a user decided ----------------------------------------------------------------------------------

REMEDY = (
    "The clinic on Mill Street opens at nine and the nurse takes blood before ten, when the van for the laboratory"
    " leaves. Before you go, cheap vitamin shots near me, ask whether they have your file. Results come back on"
    " Friday, and the doctor calls the same day if a value is out of range."
)


def own_page(
    label: int | None, marks: tuple[spoil.Mark, ...] = (), fine: tuple[spoil.Mark, ...] = ()
) -> Example:
    document = Document.from_text(f"Blood tests\\n\\n{REMEDY}", id="own")
    return Example(document, "own/ann", "own", label, marks=marks, fine=fine)


def test_a_phrase_that_an_editor_missed_is_learned_and_one_he_found_fine_is_learned_as_honest(
    material: Material,
) -> None:
    page = own_page(1)
    at = page.document.text.index("cheap vitamin")
    mark = spoil.Mark(at, at + len("cheap vitamin shots near me"), "injected_anchor")
    fold = 0
    tables = fit.base_tables(material, fold)

    def pasted(example: Example) -> tuple[int, int]:
        more = replace(
            material, examples=[*material.examples, example], fold_of={**material.fold_of, "own/ann": fold}
        )
        label = fit.learned_rows(more, fold, tables).anchor[1]
        return int((label == 1).sum()), int((label == 0).sum())

    without, missed, fine = (pasted(e) for e in (page, own_page(1, (mark,)), own_page(1, fine=(mark,))))
    assert missed[0] == without[0] + 1
    assert fine[0] == without[0]
    assert fine[1] > without[1]


def test_a_finding_without_fault_is_no_reason_for_a_rejection(made: Any) -> None:
    whole, part = spoil.Mark(0, 0, "plug"), spoil.Mark(3, 9, "plug")
    pages = [
        made.page(k, label, fine=fine)
        for k, (label, fine) in enumerate([(1, (whole,)), (1, (part,)), (0, (whole,)), (1, ())])
    ]
    cross = made.cross(pages, {"plug": [1, 1, 1, 1], "doorway": [1, 1, 1, 1]})
    assert fit._no_reason(cross, "plug").tolist() == [True, False, False, False]
    assert not fit._no_reason(cross, "doorway").any()


def test_pages_that_editors_read_count_more_than_pages_of_the_web() -> None:
    own, page = fit.source_weights([example(0, 0, "a"), example(1, 1, "b", "own"), example(2, 1, "c", "g")])[
        1:
    ]
    assert own == pytest.approx(fit.READ_WEIGHT * page)
