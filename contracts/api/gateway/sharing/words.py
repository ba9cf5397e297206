"""The words that all of shared data is said in."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from contracts.strict import Line, Model
from contracts.values import Id

ItemCode = Annotated[str, Field(strict=True, pattern=r"^[a-z][a-z0-9-]{1,60}$")]
FieldName = Annotated[str, Field(strict=True, pattern=r"^[a-z][a-z0-9_]{0,40}$")]
Mode = Literal["verify", "query"]
Level = Literal["national", "city", "district"]
Provenance = Literal["official", "recalled", "illustrative"]
Url = Annotated[str, Field(strict=True, min_length=8, max_length=300, pattern=r"^https?://[!-~]+$")]
AgeSeconds = Annotated[int, Field(strict=True, ge=1, le=366 * 24 * 3600)]
SceneId = Id


class SourcedModel(Model):
    """`official` names where it was read; everything else is not guidance."""

    provenance: Provenance
    source: Line | None = None

    @model_validator(mode="after")
    def _official_has_a_source(self) -> "SourcedModel":
        if self.provenance == "official" and not self.source:
            msg = "what is official says where it was read"
            raise ValueError(msg)
        return self
