"""What is said while something takes long."""

import threading

import pytest

from tttui.tui import waiting


def test_it_is_told_how_long_it_takes_until_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_EVERY", 0.01)
    told: list[int] = []
    thrice = threading.Event()

    def tell(seconds: int) -> None:
        told.append(seconds)
        if seconds == 3:
            thrice.set()

    with waiting.told(tell):
        assert thrice.wait(30)
    so_far = len(told)
    assert told == list(range(1, so_far + 1))
    assert threading.Event().wait(0.05) is False
    assert len(told) == so_far


def test_what_is_over_at_once_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_EVERY", 0.2)
    told: list[int] = []
    with waiting.told(told.append):
        pass
    assert threading.Event().wait(0.4) is False
    assert told == []
