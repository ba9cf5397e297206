"""Parties: environments, keys with a life, networks, quotas; changes that await a second officer."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""
