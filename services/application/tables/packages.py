"""Packages 一件事 that were applied for."""

from sqlalchemy import Boolean, CheckConstraint, Column, Date, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from services.application.tables.schema import ID, INSTANT, metadata

package_cases = Table(
    "package_cases",
    metadata,
    Column("number", Text, primary_key=True),
    Column("person_id", ID),
    Column("organisation_id", ID),
    Column("submitted_by", ID),
    Column("mandate", ID),
    Column("code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("situation", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("is_illustrative", Boolean, nullable=False),
    Column("submitted_at", INSTANT, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("is_due_provisional", Boolean, nullable=False),
    Column("closed_at", INSTANT),
    Column("bundle", LargeBinary, nullable=False, info={"sealed": True}),
    CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="one_owner"),
    Index("ix_package_cases_person_id_submitted_at", "person_id", "submitted_at"),
    Index("ix_package_cases_organisation_id_submitted_at", "organisation_id", "submitted_at"),
)

# `number` is that of the step's case, taken at the submission; the case is there once the step runs.
package_steps = Table(
    "package_steps",
    metadata,
    Column("package", Text, ForeignKey("package_cases.number"), primary_key=True),
    Column("place", SmallInteger, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("number", Text, nullable=False, unique=True),
    Column("after", ARRAY(Text), nullable=False),
    Column("produces", ARRAY(Text), nullable=False),
    Column("status", Text, nullable=False),
    Column("held_up_by", ARRAY(Text), nullable=False),
    Index("ix_package_steps_status", "status"),
)
