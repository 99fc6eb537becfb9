"""What a compiled function reads besides its arguments, wherever Python lets it be kept."""

from array import array
from collections import deque

import numpy as np
import pytest

import diffkit as dk

X = np.arange(4.0)


def scaled(x, scale):
    return x * scale


class Slotted:
    """An object without a dict."""

    __slots__ = ("scale",)

    def __init__(self):
        self.scale = 2.0


class OfClass:
    """An object whose numbers its class keeps, for all objects."""

    scale = 2.0
    scales = [2.0]  # noqa: RUF012

    def __call__(self, x):
        return self.scaled(x)

    def scaled(self, x):
        return x * self.scale * self.scales[0] * FACTOR["of a method"]


FACTOR = {"of a method": 1.0}


def _slots():
    held = Slotted()
    return (lambda x: x * held.scale), lambda: setattr(held, "scale", 3.0)


def _class_itself():
    class Config:
        scale = 2.0

    return (lambda x: x * Config.scale), lambda: setattr(Config, "scale", 3.0)


def _class_of_a_metaclass():
    class Meta(type):
        pass

    class Config(metaclass=Meta):
        scale = 2.0

    return (lambda x: x * Config.scale), lambda: setattr(Config, "scale", 3.0)


def _class_of_an_object(monkeypatch):
    return OfClass(), lambda: monkeypatch.setattr(OfClass, "scale", 3.0)


def _list_of_a_class(monkeypatch):
    monkeypatch.setattr(OfClass, "scales", [2.0])
    return OfClass(), lambda: OfClass.scales.append(OfClass.scales.pop() + 1.0)


def _global_of_a_method(monkeypatch):
    return OfClass(), lambda: monkeypatch.setitem(FACTOR, "of a method", 3.0)


def _keyword_default():
    def f(x, *, scales=[2.0]):  # noqa: B006
        return x * scales[0]

    return f, lambda: f.__kwdefaults__["scales"].insert(0, 3.0)


def _attribute_of_a_function():
    def f(x):
        return x * scaled.scale

    scaled.scale = 2.0
    return f, lambda: setattr(scaled, "scale", 3.0)


def _compiled_inside():
    scales = [2.0]
    inner = dk.compile(lambda x: x * scales[0])
    return (lambda x: inner(x) + 1.0), lambda: scales.insert(0, 3.0)


def _sequence(held):
    def change():
        held[0] = 3

    return (lambda x: x * held[0]), change


CHANGES = {
    "slots": _slots,
    "a class": _class_itself,
    "a class of a metaclass": _class_of_a_metaclass,
    "the class of an object": _class_of_an_object,
    "a list of a class": _list_of_a_class,
    "a global of a method": _global_of_a_method,
    "a default by keyword": _keyword_default,
    "an attribute of a function": _attribute_of_a_function,
    "a compiled function inside": _compiled_inside,
    "a deque": lambda: _sequence(deque([2])),
    "a bytearray": lambda: _sequence(bytearray([2])),
    "an array of Python's": lambda: _sequence(array("d", [2.0])),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_what_changes_around_a_function_is_recorded_anew(kind, monkeypatch):
    """The next call after a change returns what the function itself does."""
    make = CHANGES[kind]
    f, change = make(monkeypatch) if make.__code__.co_argcount else make()
    compiled = dk.compile(f)
    before = compiled(X)
    compiled(X)
    assert compiled.recordings == 1
    change()
    np.testing.assert_array_equal(compiled(X), f(X))
    assert np.any(compiled(X) != before)
    assert compiled.recordings == 2
