import base64
import uuid

from hypothesis import given
from hypothesis import strategies as st

from deploy.local.kafka import cluster_id


@given(st.uuids())
def test_a_cluster_is_never_taken_for_an_option(number: uuid.UUID) -> None:
    written = cluster_id(number)
    assert len(written) == 22
    assert not written.startswith("-")
    assert len(base64.urlsafe_b64decode(f"{written}==")) == 16


def test_the_number_that_was_once_taken_for_one_is_not() -> None:
    assert base64.urlsafe_b64encode(b"\xf8" + bytes(15)).startswith(b"-")
    assert not cluster_id(uuid.UUID(bytes=b"\xf8" + bytes(15))).startswith("-")
