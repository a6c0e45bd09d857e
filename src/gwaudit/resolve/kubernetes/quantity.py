"""Resource quantities as Kubernetes reads them (apimachinery ``resource.Quantity``): exact, without floating point.

Grammar: a signed decimal number and one suffix, binary (``Ki`` .. ``Ei``), decimal (``n u m k M G T P E``) or an exponent
(``e3``, ``E-2``). Values finer than a nano are rounded up to it, values beyond 2^63-1 are capped, as apimachinery does.
"""

from __future__ import annotations

from gwaudit.pattern import regex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from fractions import Fraction

_FORM = regex(
    r"([+-]?)([0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?[0-9]{1,3})?"
)
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
LARGEST = 2**63 - 1


def parse_quantity(text: str) -> Fraction | None:
    """The exact value of a quantity, None where Kubernetes refuses the text (``1 Gi``, ``1GB``, ``10mi``)."""
    from fractions import Fraction

    match = _FORM.fullmatch(text)
    if match is None:
        return None
    sign, digits, suffix = match.group(1), match.group(2), match.group(3) or ""
    value = Fraction(digits if not digits.endswith(".") else digits[:-1])
    if suffix in _BINARY:
        value *= 1024 ** _BINARY[suffix]
    elif suffix in _DECIMAL:
        value *= Fraction(10) ** _DECIMAL[suffix]
    else:
        value *= Fraction(10) ** int(suffix[1:])
    nanos = value * 10**9
    if nanos.denominator != 1:
        value = Fraction(-(-nanos.numerator // nanos.denominator), 10**9)
    value = min(value, Fraction(LARGEST))
    return -value if sign == "-" else value


def cpus(text: str) -> float | None:
    """CPUs of a quantity, rounded up to a thousandth as the kubelet does; None where it is no quantity."""
    value = parse_quantity(text)
    return None if value is None else ceiling(value * 1000) / 1000


def whole_bytes(text: str) -> int | None:
    """Bytes of a quantity, rounded up; None where it is no quantity."""
    value = parse_quantity(text)
    return None if value is None else ceiling(value)


def ceiling(value: Fraction) -> int:
    """The smallest integer that is not below ``value``."""
    return -(-value.numerator // value.denominator)
