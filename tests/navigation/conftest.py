"""Recordings are made once for all tests of a session, and closed at its end."""

from collections.abc import Iterator

import pytest

from navigation.recordings import close_all


@pytest.fixture(scope="session", autouse=True)
def _closed() -> Iterator[None]:
    yield
    close_all()
