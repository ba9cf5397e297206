"""Documents: numbers of other kinds than the resident's are synthetic, in the formats of section 1.2 of the facts."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contracts.values import Document, DocumentType, permit_check, resident_check, typed_as

RIGHT = [
    ("RIC", "11010519491231002x", None),
    ("TMP_RIC", "440524188001010014", None),
    ("HUKOU", "31010118950101001X", None),
    ("HMT_RES_HK", "810000189910100012", None),
    ("HMT_RES_MO", "820000189910100022", None),
    ("HMT_RES_TW", "830000189910100032", None),
    ("HM_PERMIT", "H99900001", None),
    ("HM_PERMIT", "m9990000112", None),
    ("TW_PERMIT", "99900001", None),
    ("TW_PERMIT", "9990000123A", None),
    ("FPR_2023", "931276198501010017", None),
    ("FPR_2017", "DEU310185010103", None),
    ("PASSPORT_CN", "E99900001", None),
    ("PASSPORT_CN", "EA9900001", None),
    ("PASSPORT_CN", "G99900001", None),
    ("PASSPORT_FOREIGN", "x99900001", "DEU"),
    ("OFFICER", "示字第0001号", None),
]
WRONG = [
    ("RIC", "110105194912310020", None),
    ("RIC", "310101190002290027", None),
    ("TMP_RIC", "H99900001", None),
    ("HMT_RES_HK", "820000189910100022", None),
    ("HMT_RES_TW", "11010519491231002X", None),
    ("HM_PERMIT", "X99900001", None),
    ("HM_PERMIT", "H9990000", None),
    ("HM_PERMIT", "H999000011", None),
    ("TW_PERMIT", "9990000", None),
    ("TW_PERMIT", "99900001A", None),
    ("FPR_2023", "831276198501010017", None),
    ("FPR_2023", "931276198513010017", None),
    ("FPR_2017", "DEU310185010104", None),
    ("FPR_2017", "DE3101850101030", None),
    ("PASSPORT_CN", "EI9900001", None),
    ("PASSPORT_CN", "E9990000", None),
    ("PASSPORT_CN", "E99900001", "CHN"),
    ("PASSPORT_FOREIGN", "X99900001", None),
    ("PASSPORT_FOREIGN", "X99900001", "CHN"),
    ("PASSPORT_FOREIGN", "X99900001", "de"),
    ("PASSPORT_FOREIGN", "X999", "DEU"),
    ("OFFICER", "示", None),
    ("OFFICER", "示字第0001号" * 3, None),
    ("OFFICER", "示字\n0001", None),
]


def read(type_: str, number: str, country: str | None = None) -> Document:
    return Document(DocumentType(type_), number, country)


@pytest.mark.parametrize("said", RIGHT)
def test_a_right_number_is_accepted_in_its_canonical_form(said: tuple[str, str, str | None]) -> None:
    found = read(*said)
    assert found.number == said[1].upper()
    assert read(found.type, found.number, found.country) == found


@pytest.mark.parametrize("said", WRONG)
def test_a_wrong_one_is_refused(said: tuple[str, str, str | None]) -> None:
    with pytest.raises(ValueError, match=r"not|day|month|names"):
        read(*said)


@pytest.mark.parametrize("said", RIGHT)
def test_what_is_compared_makes_the_document_again(said: tuple[str, str, str | None]) -> None:
    found = read(*said)
    assert Document.compared_as(found.type, found.compared, country=found.country, issues=found.issues) == found


@pytest.mark.parametrize("said", RIGHT)
def test_masked_it_shows_at_most_seven_characters_and_never_the_middle(said: tuple[str, str, str | None]) -> None:
    found = read(*said)
    shown = found.masked()
    assert len(shown) == len(found.number)
    assert len(shown.replace("*", "")) <= 7
    assert shown[len(shown) // 2] == "*"


def test_documents_with_one_number_are_of_one_family() -> None:
    numbers = {read(each, "11010519491231002X").family for each in ("RIC", "TMP_RIC", "HUKOU")}
    assert numbers == {read("HMT_RES_HK", "810000189910100012").family}


def test_two_issues_of_a_permit_are_one_person_s() -> None:
    first, second, bare = read("HM_PERMIT", "H9990000101"), read("HM_PERMIT", "H9990000102"), read("HM_PERMIT", "H99900001")
    assert first.compared == second.compared == bare.compared == "H99900001"
    assert (first.issues, second.issues, bare.issues) == ("01", "02", None)


def test_passports_of_two_countries_are_two_even_with_one_number() -> None:
    assert read("PASSPORT_FOREIGN", "X99900001", "DEU").compared != read("PASSPORT_FOREIGN", "X99900001", "FRA").compared


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        (" 11010519491231002x ", ("11010519491231002X",)),
        ("h9990000102", ("H9990000102", "H99900001")),
        ("H99900001", ("H99900001",)),
        ("deux99900001", ("DEUX99900001",)),
        ("１３８００００００００", ("13800000000",)),
    ],
)
def test_what_somebody_types_is_read_as_what_is_compared(typed: str, compared: tuple[str, ...]) -> None:
    assert typed_as(typed) == compared


def test_a_birth_date_is_known_where_the_number_tells_it() -> None:
    assert read("FPR_2023", "931276198501010017").birth_date == date(1985, 1, 1)
    assert read("RIC", "11010519491231002X").birth_date == date(1949, 12, 31)
    assert read("PASSPORT_CN", "E99900001").birth_date is None


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_of_a_resident_number_never_passes(first17: str, at: int, by: int) -> None:
    other = f"{first17[:at]}{(int(first17[at]) + by) % 10}{first17[at + 1 :]}"
    assert resident_check(first17) != resident_check(other)


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 15))
def test_two_swapped_digits_of_a_resident_number_never_pass(first17: str, at: int) -> None:
    assume(first17[at] != first17[at + 1])
    other = first17[:at] + first17[at + 1] + first17[at] + first17[at + 2 :]
    assert resident_check(first17) != resident_check(other)


@given(
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3),
    st.text("0123456789", min_size=11, max_size=11),
    st.integers(0, 10),
    st.integers(1, 9),
)
def test_one_wrong_digit_of_a_permit_never_passes(country: str, digits: str, at: int, by: int) -> None:
    other = f"{digits[:at]}{(int(digits[at]) + by) % 10}{digits[at + 1 :]}"
    assert permit_check(country + digits) != permit_check(country + other)


@given(st.sampled_from(list(DocumentType)), st.text(max_size=30), st.sampled_from([None, "DEU", "CHN", "x"]))
def test_any_text_is_a_document_or_refused_by_value_error(type_: DocumentType, number: str, country: str | None) -> None:
    try:
        found = Document(type_, number, country)
    except ValueError:
        return
    assert Document(type_, found.number, country) == found
