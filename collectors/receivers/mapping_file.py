"""Reads mappings from YAML, with errors that name line and field (pure)."""

from collections.abc import Collection
from difflib import get_close_matches

from app.core.documents import DocumentError, Path, document_lines, read_document
from app.events.event import OUTCOMES
from collectors.receivers import expressions
from collectors.receivers.expressions import Expression, is_expression, read_expression
from collectors.receivers.mapping import Amount, Each, Lines, Mapping, Shape
from collectors.receivers.mapping_document import AmountFile, EventFile, LinesFile, MappingFile, TermFile, TimeFile
from collectors.receivers.terms import Place, Scalar, Term, TimeTerm

MOST_CHARACTERS = 50_000
TEXTS = ("channel", "system", "connector", "outcome", "error")
NUMBERS = ("attempt", "duration_ms")
EVENT = ("event",)


def read_mapping(text: str, steps: frozenset[str], name: str = "mapping") -> Mapping:
    """Turn a document into a mapping; DocumentError lists every problem with its line and field."""
    if len(text) > MOST_CHARACTERS:
        raise DocumentError([f"{name}:1: document: longer than {MOST_CHARACTERS:,} characters"])
    file = read_document(text, MappingFile, name)
    maker = _Maker(name, document_lines(text, name), steps, expressions.ITEM if file.each else frozenset())
    mapping = maker.make(file)
    if maker.problems:
        raise DocumentError(maker.problems)
    return mapping


class _Maker:
    """Makes the parts of a mapping, and gathers what is wrong with them."""

    def __init__(self, name: str, lines: dict[Path, int], steps: frozenset[str], more: frozenset[str]) -> None:
        self.name, self.lines, self.steps = name, lines, steps
        self.names = expressions.MESSAGE | more
        self.places = {_dotted(path): Place(_dotted(path), line) for path, line in lines.items()}
        self.problems: list[str] = []

    def make(self, file: MappingFile) -> Mapping:
        match = file.match.model_dump(exclude_none=True) if file.match else {}
        each = self._each(("each",), file.each, expressions.MESSAGE) if file.each else None
        shape = self._shape(file.event)
        return Mapping(file.mapping, match, shape, each, self.places)

    def _shape(self, event: EventFile) -> Shape:
        self._check_words("step", event.step, self.steps)
        self._check_words("outcome", event.outcome, OUTCOMES)
        return Shape(
            step=self._term((*EVENT, "step"), event.step),
            id=self._field("id", event.id),
            source=self._field("source", event.source),
            subject=self._field("subject", event.subject),
            time=self._time("time", event.time),
            keys=self._terms("keys", event.keys),
            texts=self._fields(event, TEXTS),
            numbers=self._fields(event, NUMBERS),
            amount=self._amount(event.amount) if event.amount else None,
            promised_at=self._time("promised_at", event.promised_at),
            lines=self._order_lines(event.lines) if event.lines else None,
            attributes=self._terms("attributes", event.attributes),
        )

    def _fields(self, event: EventFile, names: tuple[str, ...]) -> dict[str, Term]:
        found = {name: self._field(name, getattr(event, name)) for name in names}
        return {name: term for name, term in found.items() if term}

    def _field(self, name: str, file: TermFile | None) -> Term | None:
        return self._term((*EVENT, name), file) if file else None

    def _terms(self, name: str, files: dict[str, TermFile]) -> dict[str, Term]:
        return {key: self._term((*EVENT, name, key), file) for key, file in files.items()}

    def _time(self, name: str, file: TimeFile | None) -> TimeTerm | None:
        return TimeTerm(self._term((*EVENT, name), file), file.format, file.zone) if file else None

    def _amount(self, file: AmountFile) -> Amount:
        path = (*EVENT, "amount")
        value = self._term((*path, "value"), file.value) if file.value else None
        minor = self._term((*path, "minor"), file.minor) if file.minor else None
        return Amount(self._term((*path, "currency"), file.currency), value, minor)

    def _order_lines(self, file: LinesFile) -> Lines:
        path, closer = (*EVENT, "lines"), self.names | expressions.LINE
        price = self._term((*path, "unit_price"), file.unit_price, closer) if file.unit_price else None
        return Lines(
            each=self._each((*path, "each"), file.each, self.names),
            sku=self._term((*path, "sku"), file.sku, closer),
            quantity=self._term((*path, "quantity"), file.quantity, closer),
            unit_price=price,
        )

    def _each(self, path: Path, text: str, names: frozenset[str]) -> Each:
        return Each(self._place(path, path, text), self._expression(path, text, names))

    def _term(self, path: Path, file: TermFile, names: frozenset[str] | None = None) -> Term:
        stands_at = (*path, "value") if (*path, "value") in self.lines else path
        text = str(file.value) if is_expression(file.value) else ""
        place = self._place(path, stands_at, text)
        found = self._expression(stands_at, text, names or self.names) if text else None
        has_default = "default" in file.model_fields_set
        return Term(place, None if text else file.value, found, file.table, file.default, has_default)

    def _expression(self, path: Path, text: str, names: frozenset[str]) -> Expression:
        try:
            return read_expression(text, names)
        except (ValueError, RecursionError) as error:
            self._note(path, str(error))
            return read_expression("=data", expressions.MESSAGE)

    def _place(self, path: Path, stands_at: Path, text: str) -> Place:
        place = self.places[_dotted(path)] = Place(_dotted(path), self.lines[stands_at], text)
        return place

    def _check_words(self, field: str, file: TermFile | None, known: Collection[str]) -> None:
        """Check the words that are written out; what an expression gives is known only when it is asked."""
        path = (*EVENT, field)
        if file is None:
            return
        written: dict[Path, Scalar] = {(*path, "map", key): value for key, value in (file.table or {}).items()}
        written[(*path, "default")] = file.default
        written[path] = None if is_expression(file.value) else file.value
        for place, value in written.items():
            if value is not None and str(value).removeprefix("retail.") not in known:
                close = get_close_matches(str(value), sorted(known), n=1)
                advice = f"did you mean {close[0]!r}?" if close else f"one of {', '.join(sorted(known))}"
                self._note(place, f"unknown {field} {value!r}: {advice}")

    def _note(self, path: Path, problem: str) -> None:
        self.problems.append(f"{self.name}:{self.lines[path]}: {_dotted(path)}: {problem}")


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))
