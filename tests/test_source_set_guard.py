"""The quoted places of the source set stand nowhere in the project: what is found there is found by what it is.

Only hashes stand here: sha256 of lower-case words joined by one space.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from detector.document import WORD

ROOT = Path(__file__).parents[1]
SKIPPED = set(".git .hypothesis .mypy_cache .pytest_cache .ruff_cache .venv __pycache__ build dist".split())
LONGEST = 6  # words

# The first word of a phrase, four digits of its hash: few words need a closer look.
FIRST = frozenset(
    """
    10fd 1636 27eb 2839 2998 2b2a 30ad 3316 4543 4d04 5829 6b86 6f31 749a 7b8e 80ea
    845e 875b 921a 9602 961e 985c 9f58 a18b b10c b561 b8d3 bb03 bbc5 e1d2 e68d e819
    e8b2 f29d f395 f4bf
    """.split()
)
PHRASES = frozenset(
    """
    02f63b09eeafdf496eafc5015208c7705c5c79f4cc3ef95e1364f1d1794e635b
    0407c9c404d353ca2552afe9ff0de21da5b6c9edb9b7b1cafd89da52ba7ce162
    062ae7eba8f97afd55f024c90860ac382a0ba95403ae3899a8ff5b694d30d048
    0d3fe86d51dfae09877a03b127916564274e17350f25abf55f318159260c5cae
    140a9f71b5caa3844944c00db0291eff44a510edcae022d6ecf28c267e506ea0
    1ebcf432d82e0787e3d89202f54f1f762615cca974825fa8b37c22c753d8d609
    2c54a76a1caeed9df5ae5796bfc3a49a82fbb0860fc693a5c25a2ed7dc3bb080
    2ef0f767f0941f662ea9f148869878ab9c5f5270219f2564f26cc0daa717038e
    314325c3881d1c942d308c3bf2015dad1bd69de1b83fb7cb813455cd6a6f4580
    383e766234cae3a9decd81c064015d5f360c8605c1aa2215bd7a9c8813ef572c
    38b5eb84a742b29b9711d8a1f5bab9c5d5adb1476562ed0a406f35da9209a945
    3d9342a39361c924f9426de4edd6ea46acf0241b21f1ffe33e83544035ab4eb0
    3dc7e005fcae1d0ed51516a173772c34558df448c1f94270e0552de551324ffd
    3fd443541a56ad46e08a893a055cde9ea35d2448e754ff5ad360ae243a003314
    442e006b08c5aceab88f0561dd7d52dacba1aaa9c7a3206531b833c1b960b660
    495f1dda5198ccb6baf2a910712d093c3a74af00eae66df7ea740b73c81c75ac
    4b4e28cefc82d32bfca7762154747bec166712c9712f2b55fa7cd31222ab64d9
    513eae29f06514eafafdf98648375054e284eb9dfa9e7b5b94be8bc5df050615
    530256c79cada3de6d9bdb22838e344358a14875630d071e7b25b1ef1eb8a53d
    58eb25593a5df9227ff3e8c5a231b71c1aff4fde39b3cbb3f9d512b7d924f753
    6759b794477e269ae8382219bc3bff65b5c9763b12d50a4eaa981833821321b2
    69fd8952ce1d9442552d7d6222437eb48aafdbb685e92fdfe02f10276f467adf
    6b09353fbfc7dcc8c4ab31d22df9534f459dcb0f69223b75892332645852ac47
    6cdb7a3dc683204d9d83753caba52b26a244ceaea926be57fa868fb8bdf015ca
    6ea7a3b1952d53b3155becf446c344be32b2bb364d99dbda0fbafb7cd488752f
    7bc8e25ab799a2e9057d499721f5c5a36fb44438a72df09e5ee03c49f7880b54
    80b777669e018dd45b27d04a85f2a8cdcecafc56a4ae97401dbb39096f517214
    885bf840d09dfa84480285bb2872b270034ddb90315adb49c1f83e819f8d24ad
    8b10af81750751e015e3373a693524c67db54ba4842fbbb6a64f8c9dcaad82ab
    93361001b29f331a3781c002065469e512c8a8e767ff3a7d31fd9e854739c269
    a09c4bbf37f6206f5a5f966bdb8563317404e49db99e4f30f44f9e0824eb57a2
    a72b13d4526d282ce986f9fcaeb2fd55dad6e0b5a0e6b52e512e965ce44ad3fa
    ab6fea74bda37654e4d26c662a20b1de4f643f554a435bfda6f43de6e820019b
    ac865716075d37eb21517a0bc94858e836aad6c2457a39f3ffceaacd7f486bd0
    b9fb5800020d9f0259ee2bf51a4a827fc3a105db35b7ecbd1d2338c857aa1939
    c7206d9bd00c3a3a31c7bd76d7e07bd1a85460aaea4a76573264fb451e08a459
    d0f5481a79f88eeb042dad0e2ca9d1fb0788d2c7c200214cab3f6a046b1ee5f0
    d377542fbdfbd234367f216885e2c8d7f92903d4d452d193ebff681d2778320c
    ef4d273467a84ab679d97e1664f2d90060ecb4096265c55c7a7f18263fc77aad
    f14d5838b1e8a0d9ee2ab5e74df3460f441007df477377e840eff27dfc1a4b5b
    fa861fe254f7d971441d75f975e494d5008e07946855a36276b1055f4edd15c6
    fdc6b824cfbd9346dd9ea52dceb071963a92ddd3f95fb337e46ebaea7979d2ee
    """.split()
)


def digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()


@cache
def may_begin(word: str) -> bool:
    return digest(word)[:4] in FIRST


def files() -> Iterator[Path]:
    """The text files that git would track."""
    folders = [ROOT]
    while folders:
        for path in sorted(folders.pop().iterdir()):
            if path.name in SKIPPED or path.name.endswith((".egg-info", ".npy", ".pyc")):
                continue
            if path.is_dir():
                folders.append(path)
            elif path.name != ".coverage":
                yield path


def places(text: str) -> Iterator[int]:
    """The offsets at which one of the phrases begins, also over the end of a line."""
    found = list(WORD.finditer(text))
    words = [m.group().lower().replace("\u2019", "'") for m in found]
    for k, word in enumerate(words):
        if may_begin(word) and any(
            digest(" ".join(words[k : k + n])) in PHRASES for n in range(2, min(LONGEST, len(words) - k) + 1)
        ):
            yield found[k].start()


def test_no_file_holds_a_quoted_place_of_the_source_set() -> None:
    hits = []
    for path in files():
        try:
            text = path.read_text("utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        hits += [f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, at) + 1}" for at in places(text)]
    assert hits == []


def test_the_guard_knows_the_source_set() -> None:
    folder = ROOT.parent / "shared" / "source_set"
    if folder.is_dir():
        for path in sorted(folder.glob("*.txt")):
            hit = any(places(path.read_text("utf-8")))
            assert hit, path.name
