"""Parties: environments, keys with a life, networks, quotas, runs of the conformance kit."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
