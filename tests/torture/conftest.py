"""The world of the front's tests, for these."""

from tests.front.conftest import world

__all__ = ["world"]
