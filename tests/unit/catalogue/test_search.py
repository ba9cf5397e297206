"""Found: what people call a matter finds it among the first three."""

import json
from collections import Counter
from pathlib import Path

import pytest

from services.catalogue.domain.search.entries import Entry, Narrowed, Place
from services.catalogue.domain.search.index import Index
from services.catalogue.domain.search.synonyms import Synonyms
from services.catalogue.domain.search.texts import cleaned, spoken, units
from services.catalogue.queries.search import synonyms
from tests.support import searching

SYNONYMS = Path(__file__).parents[3] / "services" / "catalogue" / "seed" / "synonyms.json"
ANYTHING = Narrowed()


@pytest.fixture(scope="module")
def city() -> Index:
    """The seed, and whatever else the test set expects."""
    index = Index(synonyms())
    entries = searching.seed_entries()
    for entry in [*entries, *searching.missing(each.name for each in entries)]:
        index.put(entry)
    return index


def names(index: Index, text: str, narrowed: Narrowed = ANYTHING) -> list[str]:
    return [hit.entry.name for hit in index.search(text, narrowed)]


def index_of(*entries: Entry, **means: list[str]) -> Index:
    index = Index(Synonyms(means, []))
    for entry in entries:
        index.put(entry)
    return index


def matter(name: str, *aliases: str, code: str = "", places: tuple[Place, ...] = (), **more: object) -> Entry:
    return Entry("matter", code or name, name, aliases, places=places, **more)  # type: ignore[arg-type]


def test_the_test_set_is_whole() -> None:
    queries = searching.queries()
    assert len({each.query for each in queries}) == len(queries) == 200
    assert sum(each.held_out for each in queries) == 100
    held = Counter(each.group for each in queries if each.held_out)
    assert held == Counter(each.group for each in queries if not each.held_out)
    assert set(held) == {"exact", *searching.GROUPS}


def test_no_synonym_is_a_whole_query() -> None:
    """Nor is an alias of the seed: who writes the answers may not know the questions."""
    said = searching.said_in(json.loads(SYNONYMS.read_text()))
    aliases = {alias for each in searching.seed_entries() for alias in each.aliases}
    assert (said | aliases) & {each.query for each in searching.queries()} == set()


def test_what_people_call_it_is_among_the_first_three(city: Index) -> None:
    served = {each.query: each.is_served(names(city, each.query)) for each in searching.queries()}
    found = searching.shares(served)
    print({group: round(share, 3) for group, share in found.items()})
    assert found["all"] >= 0.95, found
    assert found["held_out"] >= 0.85, found
    assert min(found[group] for group in searching.GROUPS) >= 0.85, found


@pytest.mark.parametrize("said", ["生娃", "生了个娃"])
def test_a_colloquial_name_finds_the_package(city: Index, said: str) -> None:
    first = city.search(said, ANYTHING)[0]
    assert (first.entry.name, first.how) == ("新生儿出生一件事", "synonym")


@pytest.mark.parametrize(
    ("said", "how"),
    [
        ("犬类准养证", "name"),
        ("狗证", "alias"),
        ("quanleizhunyang", "pinyin"),
        ("quan lei zhun yang", "pinyin"),
        ("qlzyz", "initials"),
        ("全类准养正", "sound"),
        ("QLZYZ", "initials"),
    ],
)
def test_every_result_says_why_it_was_found(city: Index, said: str, how: str) -> None:
    first = city.search(said, ANYTHING)[0]
    assert (first.entry.name, first.how) == ("犬类准养证核发", how)


@pytest.mark.parametrize("said", ["教师资格任定", "教师资认定", "教师资格格认定", "教师格资认定", "jiaosizigerending", "教师zige认定"])
def test_one_slip_does_no_harm(city: Index, said: str) -> None:
    """A character that sounds or looks alike, one too few, one too many, two in the wrong order, a sound of the south."""
    assert names(city, said)[0] == "教师资格认定"


@pytest.mark.parametrize(
    "said", ["量子霍尔", "xyzzyq", "ѣ", "'; DROP TABLE matters; --", "%", "_", "a' | 'b", "!&|()", "😀", "①", "k" * 50]
)
def test_odd_words_find_nothing(city: Index, said: str) -> None:
    assert names(city, said) == []


def test_the_order_is_the_same_whatever_came_first() -> None:
    entries = [matter(f"许可{at}号", code=str(at)) for at in range(40)]
    one, other = index_of(*entries), index_of(*reversed(entries))
    other.put(entries[3])
    assert names(one, "许可") == names(other, "许可") == names(one, "许可")
    assert len(names(one, "许可")) == 40


def test_what_is_removed_or_renamed_leaves_nothing_behind() -> None:
    index = index_of(matter("犬类准养证核发", "狗证", code="1"))
    index.put(matter("犬只登记", code="1"))
    assert names(index, "狗证") == []
    assert names(index, "犬只") == ["犬只登记"]
    index.remove(("matter", "1"))
    index.remove(("matter", "unknown"))
    assert (names(index, "犬只"), names(index, ""), len(index)) == ([], [], 0)


HUANGPU, CITY, XUHUI = (
    Place(f"11{division}TE5T0101924{'310101900000'}"[:18] + level + "310101900000", 3)
    for division, level in (("310101", "4"), ("310000", "2"), ("310104", "4"))
)


@pytest.mark.parametrize(
    ("narrowed", "nearest"),
    [
        (Narrowed(division="310101"), HUANGPU),
        (Narrowed(division="310115"), CITY),
        (Narrowed(level=4), HUANGPU),
        (Narrowed(), CITY),
        (Narrowed(division="440100"), None),
    ],
)
def test_the_nearest_place_comes_first(narrowed: Narrowed, nearest: Place | None) -> None:
    entry = matter("犬类准养证核发", places=(XUHUI, HUANGPU, CITY))
    assert next(iter(narrowed.places(entry)), None) == nearest


@pytest.mark.parametrize(
    ("narrowed", "found"),
    [
        (Narrowed(), ["甲", "乙甲"]),
        (Narrowed(theme="婚姻"), ["甲"]),
        (Narrowed(channel="kiosk"), ["乙甲"]),
        (Narrowed(served="person"), ["甲"]),
        (Narrowed(is_immediate=True), ["乙甲"]),
        (Narrowed(most_visits=0), ["甲"]),
        (Narrowed().of("package"), []),
    ],
)
def test_a_search_can_be_narrowed(narrowed: Narrowed, found: list[str]) -> None:
    index = index_of(
        matter("甲", themes=("婚姻",), channels=("pc",), served=("person",)),
        matter("乙甲", channels=("pc", "kiosk"), served=("enterprise",), is_immediate=True, visits=1),
    )
    assert names(index, "甲", narrowed) == found


@pytest.mark.parametrize(
    ("typed", "first"), [("社会", "社会保障卡解挂"), ("shehui", "社会保障卡解挂"), ("shbzk", "社会保障卡解挂"), ("犬", "犬类准养证核发")]
)
def test_what_is_being_typed_is_suggested(typed: str, first: str) -> None:
    index = index_of(matter("社会保障卡解挂", "社保卡解挂"), matter("企业社会保险登记"), matter("犬类准养证核发", "狗证"))
    assert index.suggest(typed, 10)[0].entry.name == first
    assert index.suggest("！", 10) == []


def test_a_phrase_stands_for_several_things() -> None:
    index = index_of(matter("公司注销登记"), matter("注销户口证明"), matter("公司设立登记"), 关掉=["注销"])
    hit = index.search("公司关掉", ANYTHING)[0]
    assert (hit.entry.name, hit.how, hit.said) == ("公司注销登记", "synonym", "关掉")


def test_a_character_with_two_readings_is_read_in_its_word() -> None:
    assert spoken(units("银行行驶证A1")).letters == "yinhangxingshizhenga1"


@pytest.mark.parametrize(
    ("text", "left"), [("狗\u200b证 ", "狗证"), ("\u202e狗证", "狗证"), ("\x00\ufeff", ""), ("狗 证", "狗 证"), ("", "")]
)
def test_a_search_leaves_out_what_nobody_sees(text: str, left: str) -> None:
    assert cleaned(text) == left


@pytest.mark.parametrize(
    ("text", "parts"),
    [("犬类（A1）", ("犬", "类", "a1")), ("80周岁", ("80", "周", "岁")), ("，。！", ()), ("²①ⅷ", ()), ("Wi-Fi", ("wi", "fi"))],
)
def test_text_is_taken_apart_into_characters_and_latin_words(text: str, parts: tuple[str, ...]) -> None:
    assert units(text) == parts
