"""Service points 服务点: halls, their windows, kiosks and stations. Coordinates are WGS84, in degrees.

Maps of this country's vendors show GCJ-02: an app converts what it sends and what it draws.
"""

from typing import Annotated, Literal

from pydantic import Field

from contracts.api.catalogue.elements import Provenance
from contracts.strict import Answer, Day, Instant, Line, Model
from contracts.values import BasicCode, DivisionCode, OfficerId, PartyId

PointKind = Literal["hall", "window", "kiosk", "station"]
PointCode = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{2,40}$")]
Access = Literal["step-free", "lift", "hearing-loop", "sign-language", "braille", "large-type", "accessible-toilet"]
Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
_Opens = Annotated[str, Field(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$")]
_Closes = Annotated[str, Field(pattern=r"^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]


class Span(Model):
    """From `opens`, included, until `closes`, excluded, by the city's clock."""

    opens: _Opens
    closes: _Closes


class Weekly(Span):
    """The same on each of these days, 1 (Monday) to 7."""

    days: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1, max_length=7)]


class ExceptionDay(Model):
    """One day that differs from every other rule; no spans: closed."""

    on: Day
    spans: list[Span] = []
    zh: Line
    en: Line


class Hours(Model):
    """Hours of a week. With `follows_calendar` a point is closed on days off and keeps Monday's hours on weekend days that are
    worked in exchange 调休; without it every week is the same."""

    weekly: list[Weekly]
    follows_calendar: bool
    exceptions: list[ExceptionDay] = []


class Abilities(Model):
    """What can be done there. `is_comprehensive` (综合窗口): every matter; otherwise those of the themes and those named."""

    is_comprehensive: bool = False
    themes: list[Line] = []
    matters: list[BasicCode] = []
    prints_certificates: bool = False


class ServicePoint(Model):
    """A place where somebody is served. A window names the hall in which it is; `windows` is how many stand side by side with the
    same abilities, and `purpose` whether they are for service, consultation, pick-up or reserved by law for one matter."""

    code: PointCode
    kind: PointKind
    zh: Line
    en: Line
    division: DivisionCode
    area: Annotated[str, Field(pattern=r"^(?:[0-9]{9}|[0-9]{12})$")] | None = None
    hall: PointCode | None = None
    address: Line
    longitude: Longitude
    latitude: Latitude
    hours: Hours
    phone: Line | None = None
    does: Abilities
    windows: Annotated[int, Field(ge=1, le=500)] | None = None
    purpose: Literal["service", "consultation", "pick-up", "reserved"] | None = None
    accessibility: list[Access] = []
    languages: Annotated[list[Language], Field(min_length=1)] = ["zh"]
    provenance: Provenance


class ImportPoints(Model):
    """Points as they are from now on, and the codes of those that are gone. Everything is taken or nothing is."""

    points: Annotated[list[ServicePoint], Field(max_length=2_000)] = []
    gone: Annotated[list[PointCode], Field(max_length=2_000)] = []
    dry_run: bool = False


class ImportedPoints(Answer):
    added: int
    changed: int
    removed: int
    unchanged: int
    dry_run: bool


class PointAnswer(Answer):
    """A point as it is at `at`: open or not, until when (null: not within a week), or when it opens next (null: not within a year).

    `is_provisional`: that moment lies where the year's schedule of days off is not known yet. `distance_m` is along the great
    circle from where was asked. `datum` is that of the coordinates.
    """

    point: ServicePoint
    at: Instant
    is_open: bool
    closes_at: Instant | None
    opens_at: Instant | None
    is_provisional: bool
    distance_m: int | None = None
    datum: Literal["WGS84"] = "WGS84"
    illustrative: bool
    notice: str | None


class PointChange(Answer):
    """Who changed a point, when, and from what to what; null: it was not there, or is no more."""

    at: Instant
    party: PartyId
    officer: OfficerId | None
    before: ServicePoint | None
    after: ServicePoint | None


__all__ = [
    "Abilities",
    "Access",
    "ExceptionDay",
    "Hours",
    "ImportPoints",
    "ImportedPoints",
    "PointAnswer",
    "PointChange",
    "PointCode",
    "PointKind",
    "ServicePoint",
    "Span",
    "Weekly",
]
