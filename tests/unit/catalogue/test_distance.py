"""Distances on the sphere, and the box that is searched first."""

from math import acos, cos, isclose, pi, radians, sin

from hypothesis import assume, given
from hypothesis import strategies as st

from services.catalogue.domain.distance import MEAN_RADIUS_M, Position, box_around, haversine, haversine_of, metres

positions = st.builds(Position, st.floats(-180, 180), st.floats(-90, 90))
near_here = st.builds(Position, st.floats(120.8, 122.2), st.floats(30.6, 31.9))


def by_cosines(one: Position, other: Position) -> float:
    """Another formula for the same: the spherical law of cosines, exact enough for points far apart."""
    a, b = radians(one.latitude), radians(other.latitude)
    return MEAN_RADIUS_M * acos(max(-1.0, min(1.0, sin(a) * sin(b) + cos(a) * cos(b) * cos(radians(other.longitude - one.longitude)))))


def test_a_degree_of_a_meridian() -> None:
    assert isclose(metres(Position(121.0, 31.0), Position(121.0, 32.0)), MEAN_RADIUS_M * pi / 180, rel_tol=1e-9)


def test_half_way_round_the_earth() -> None:
    assert isclose(metres(Position(0.0, 0.0), Position(180.0, 0.0)), MEAN_RADIUS_M * pi, rel_tol=1e-9)


@given(positions, positions)
def test_two_formulas_agree(one: Position, other: Position) -> None:
    far = by_cosines(one, other)
    assume(far > 1000)
    assert isclose(metres(one, other), far, rel_tol=1e-6, abs_tol=1.0)


@given(positions, positions)
def test_a_way_is_as_long_as_the_way_back(one: Position, other: Position) -> None:
    assert metres(one, other) == metres(other, one)


@given(near_here, near_here, st.integers(1, 200_000))
def test_a_circle_is_cut_at_the_same_place(one: Position, other: Position, radius_m: int) -> None:
    assume(not isclose(metres(one, other), radius_m, rel_tol=1e-9))
    assert (haversine(one, other) <= haversine_of(radius_m)) == (metres(one, other) <= radius_m)


@given(positions, positions, st.integers(1, 200_000))
def test_the_box_holds_the_whole_circle(centre: Position, other: Position, radius_m: int) -> None:
    box = box_around(centre, radius_m)
    is_inside = box.west <= other.longitude <= box.east and box.south <= other.latitude <= box.north
    assert is_inside or metres(centre, other) > radius_m


@given(near_here, st.floats(0, 2 * pi), st.integers(1, 50_000))
def test_the_edge_of_a_circle_lies_in_its_box(centre: Position, direction: float, radius_m: int) -> None:
    up = 0.999 * radius_m * cos(direction) / MEAN_RADIUS_M * 180 / pi
    other = Position(
        centre.longitude + 0.999 * radius_m * sin(direction) / MEAN_RADIUS_M * 180 / pi / cos(radians(centre.latitude)),
        centre.latitude + up,
    )
    assume(metres(centre, other) <= radius_m)
    box = box_around(centre, radius_m)
    assert box.west <= other.longitude <= box.east
    assert box.south <= other.latitude <= box.north
