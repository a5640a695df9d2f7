"""How OTLP is answered: export responses, and errors as google.rpc.Status, in the encoding of the request (pure)."""

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches

from google.rpc.code_pb2 import Code
from google.rpc.status_pb2 import Status

from collectors.receivers.otlp_protobuf import to_json
from collectors.receivers.otlp_reading import Reading
from collectors.receivers.otlp_signals import Encoding

MOST_REASONS = 5
KEPT = "kept in quarantine"
_CODES = {
    400: Code.INVALID_ARGUMENT,
    401: Code.UNAUTHENTICATED,
    403: Code.PERMISSION_DENIED,
    413: Code.RESOURCE_EXHAUSTED,
    415: Code.INVALID_ARGUMENT,
    429: Code.RESOURCE_EXHAUSTED,
    503: Code.UNAVAILABLE,
}


def write_response(reading: Reading, steps: frozenset[str], encoding: Encoding) -> bytes:
    """Answer a request that was read: empty on full success, else how many were refused for good, and why."""
    response = reading.signal.response()
    if message := "; ".join([*_refused(reading), *_unknown(reading, steps)]):
        response.partial_success.error_message = message  # type: ignore[attr-defined]  # all three have it
        setattr(response.partial_success, reading.signal.rejected, len(reading.refusals))  # type: ignore[attr-defined]
    return response.SerializeToString() if encoding is Encoding.PROTOBUF else to_json(response)


def write_error(status: int, message: str, encoding: Encoding) -> bytes:
    """Say what went wrong."""
    error = Status(code=_CODES.get(status, Code.UNKNOWN), message=message)
    return error.SerializeToString() if encoding is Encoding.PROTOBUF else to_json(error)


def _refused(reading: Reading) -> Iterable[str]:
    if not reading.refusals:
        return
    reasons = Counter(refusal.reason for refusal in reading.refusals)
    told = "; ".join(f"{reason} ({count:,}×)" for reason, count in reasons.most_common(MOST_REASONS))
    yield f"{_count(reading, len(reading.refusals))} refused and {KEPT}: {told}"


def _unknown(reading: Reading, steps: frozenset[str]) -> Iterable[str]:
    """Warn of milestones that no flow knows, for a typing error in one is silent otherwise."""
    for milestone, count in reading.unknown.most_common(MOST_REASONS):
        meant = get_close_matches(milestone[:200], sorted(steps), n=1)
        advice = f"did you mean {meant[0]!r}?" if meant else "declare it in a flow"
        yield f"{_count(reading, count)} left for the unknown milestone {milestone[:60]!r}: {advice}"


def _count(reading: Reading, number: int) -> str:
    return f"{number:,} {reading.signal.counted}{'' if number == 1 else 's'}"
