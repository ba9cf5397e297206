"""资源管理: what is registered, how it leaves, and the certificate types among it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.strict import Answer, Instant, Line, Model, Paragraph
from contracts.values import CertificateTypeCode

ResourceState = Literal["active", "deprecated", "retired"]
Sharing = Literal["unconditional", "conditional", "none"]
"""无条件共享, 有条件共享, 不予共享. Source: 国发〔2016〕51号."""

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
RoutePath = Annotated[str, Field(strict=True, pattern=r"^/[A-Za-z0-9/{}._-]{0,199}$")]
GradeNumber = Annotated[int, Field(strict=True, ge=1, le=4)]


class Resource(Answer):
    """A registered route: its guard as the service that owns it declares it, and what operators decided about it.

    `owner` is the agency that answers for it. After `sunset_at` it is refused. `successor` is a path.
    """

    service: str
    method: str
    path: str
    permission: str
    audience: str
    assurance: int
    grade: int
    state: str
    owner: str = ""
    sharing: str = "conditional"
    version: str = "1"
    priority: int = 2
    deprecated_at: Instant | None = None
    sunset_at: Instant | None = None
    successor: str | None = None
    reason: str | None = None
    changed_by: str | None = None


class NamedResource(Model):
    """Which route, by its method and its path as registered."""

    method: Method
    path: RoutePath


class DeprecateResource(NamedResource):
    """Answers say from now on that the route leaves: since `deprecated_at` (now), until `sunset_at` (not said: nobody knows yet).

    Source: RFC 9745, RFC 8594.
    """

    deprecated_at: Instant | None = None
    sunset_at: Instant | None = None
    successor: RoutePath | None = None
    reason: Line

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> "DeprecateResource":
        if self.deprecated_at and self.sunset_at and self.sunset_at < self.deprecated_at:
            msg = "a route does not end before it is deprecated"
            raise ValueError(msg)
        return self


class RetireResource(NamedResource):
    reason: Line


class ClassifyResource(NamedResource):
    """A narrower class: a higher grade, less sharing. What is not said stays. The wider one needs two officers."""

    grade: GradeNumber | None = None
    sharing: Sharing | None = None
    reason: Line


class ReactivateResource(NamedResource):
    """Content of a change by two officers: the route is in use again, without an end."""

    kind: Literal["resource.reactivate"] = "resource.reactivate"
    reason: Line

    def target(self) -> str:
        return f"resource {self.method} {self.path}"


class WidenResource(NamedResource):
    """Content of a change by two officers: a lower grade, wider sharing, a later end. What is not said stays."""

    kind: Literal["resource.widen"] = "resource.widen"
    grade: GradeNumber | None = None
    sharing: Sharing | None = None
    sunset_at: Instant | None = None
    reason: Line

    def target(self) -> str:
        return f"resource {self.method} {self.path}"


class CertificateTypeResource(Answer):
    """证照类型 as a resource, as the certificate service registers it."""

    code: CertificateTypeCode
    name: str
    en: str
    issuer_function: str
    grade: int
    sharing: Sharing
    version: int
    state: ResourceState
    provenance: str
    deprecated_at: Instant | None = None
    sunset_at: Instant | None = None
    successor: str | None = None


class LeavingCertificateType(Model):
    """`state` deprecated: known, but in no new scene's interest; retired: in no scene any more."""

    state: Literal["deprecated", "retired"]
    sunset_at: Instant | None = None
    successor: CertificateTypeCode | None = None
    reason: Paragraph
