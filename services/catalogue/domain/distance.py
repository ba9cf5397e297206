"""Distances on the earth as a sphere, in metres; positions in degrees. Source: R. W. Sinnott, "Virtues of the Haversine", 1984."""

from dataclasses import dataclass
from math import asin, cos, degrees, radians, sin, sqrt
from typing import Final

MEAN_RADIUS_M: Final = 6_371_008.8
_NEAR_THE_POLE: Final = 89.0


@dataclass(frozen=True, slots=True)
class Position:
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Box:
    """Everything within a distance of a position lies in it, and some more."""

    west: float
    south: float
    east: float
    north: float


def haversine(one: Position, other: Position) -> float:
    """sin² of half the angle between two positions: grows with the distance, and needs no root."""
    up = radians(other.latitude - one.latitude) / 2
    across = radians(other.longitude - one.longitude) / 2
    return sin(up) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(across) ** 2


def metres(one: Position, other: Position) -> float:
    return 2 * MEAN_RADIUS_M * asin(min(1.0, sqrt(haversine(one, other))))


def haversine_of(distance_m: float) -> float:
    """What `haversine` is at this distance, at most half way round the earth."""
    return sin(distance_m / (2 * MEAN_RADIUS_M)) ** 2


def box_around(centre: Position, distance_m: float) -> Box:
    up = degrees(distance_m / MEAN_RADIUS_M) * 1.000001
    south, north = centre.latitude - up, centre.latitude + up
    furthest = max(abs(south), abs(north))
    if furthest > _NEAR_THE_POLE:
        return Box(-180.0, south, 180.0, north)
    # Meridians come together towards the pole: the widest place of the box is its edge nearest to it.
    across = up / cos(radians(furthest))
    west, east = centre.longitude - across, centre.longitude + across
    if west < -180.0 or east > 180.0:
        return Box(-180.0, south, 180.0, north)
    return Box(west, south, east, north)
