"""How figures are rounded before they are told."""

from fractions import Fraction


def exactly(figure) -> Fraction:
    """A figure as it is written: 74.05 is no binary approximation of it."""
    return Fraction(str(figure)) if isinstance(figure, float) else Fraction(figure)


def tenths(percent) -> int:
    """Tenths of a per cent of a percentage from 0 to 100, halves up, exactly.

    Rounding never makes it 100, beside which a finding would stand, nor 0, as if nothing had been in order.
    """
    found = int(exactly(percent) * 10 + Fraction(1, 2))
    return min(max(found, 1), 999) if 0 < percent < 100 else found


def decimal(value, places: int = 1) -> str:
    """A number with a decimal comma; halves round away from zero; whole numbers of a count stay whole."""
    exact = exactly(value)
    scaled = int(abs(exact) * 10**places + Fraction(1, 2))
    whole, rest = divmod(scaled, 10**places)
    sign = "-" if exact < 0 and scaled else ""
    return f"{sign}{whole}" + (f",{rest:0{places}d}" if places else "")
