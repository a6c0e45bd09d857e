"""Quantities as apimachinery reads them (its own test table and the documentation's examples)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from gwaudit.resolve.kubernetes.quantity import LARGEST, cpus, parse_quantity, whole_bytes


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("100m", Fraction(1, 10)),
        ("1", 1),
        ("1.5", Fraction(3, 2)),
        (".5", Fraction(1, 2)),
        ("1.", 1),
        ("+1", 1),
        ("-1", -1),
        ("1Ki", 1024),
        ("1.5Gi", 1610612736),
        ("2Ti", 2 * 1024**4),
        ("1Ei", 1024**6),
        ("1k", 1000),
        ("1M", 10**6),
        ("1G", 10**9),
        ("1E", 10**18),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1E-3", Fraction(1, 1000)),
        ("12e6", 12_000_000),
        ("500u", Fraction(1, 2000)),
        ("5n", Fraction(5, 10**9)),
        ("0.1n", Fraction(1, 10**9)),  # rounded up to a nano
        ("128974848", 128974848),
        ("129e6", 129_000_000),
        ("128974848000m", 128974848),
        ("123Mi", 128974848),
        ("10E", LARGEST),  # capped
        ("9Ei", LARGEST),
    ],
)
def test_value(text: str, value: Fraction) -> None:
    assert parse_quantity(text) == value


@pytest.mark.parametrize(
    "text", ["", "1 Gi", " 1", "1GB", "1mi", "1ki", "1K", "1e", "Gi", "1.2.3", "0x10", "1,5", "--1", "1Mi "]
)
def test_refused(text: str) -> None:
    assert parse_quantity(text) is None


def test_rounding() -> None:
    assert cpus("0.0001") == 0.001
    assert cpus("1500m") == 1.5
    assert whole_bytes("1.5") == 2
    assert whole_bytes("0.1Ki") == 103


def test_takes_no_time_on_long_input() -> None:
    assert parse_quantity("1" * 100_000 + "x") is None
