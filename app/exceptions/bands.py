"""The six bands of age, the same everywhere (pure)."""

from dataclasses import dataclass

_STEPS = (0, 15 * 60, 3600, 4 * 3600, 24 * 3600, 3 * 86_400)


@dataclass(frozen=True, slots=True)
class Band:
    """One band: its name is the value that filters by it (`age:15m..1h`); `until_seconds` is not part of it."""

    name: str
    label: str
    since_seconds: int
    until_seconds: int | None

    @property
    def filter(self) -> str:
        """The filter that lists exactly what stands in this band."""
        return f"age:{self.name}"


_NAMES = ("<15m", "15m..1h", "1h..4h", "4h..1d", "1d..3d", ">=3d")
_LABELS = ("< 15 m", "15–60 m", "1–4 h", "4–24 h", "1–3 d", "> 3 d")
BANDS = tuple(
    Band(name, label, since, until)
    for name, label, since, until in zip(_NAMES, _LABELS, _STEPS, (*_STEPS[1:], None), strict=True)
)


def band_of(age_seconds: float) -> Band:
    """Find the band of an age."""
    return next(band for band in reversed(BANDS) if age_seconds >= band.since_seconds or band is BANDS[0])


# SQL for the same: the index of the band of an age in seconds, 0 to 5.
BAND_LIMITS = list(_STEPS[1:])
