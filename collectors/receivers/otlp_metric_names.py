"""The metrics that the tower reads: what each one is of a queue, and which attributes name the queue (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

HEARTBEAT = "heartbeat"
# What has changed since the sample before; all others are levels.
CHANGES = frozenset({"published", "consumed"})

_DESTINATION = ("messaging.destination.name",)
_RABBITMQ = ("rabbitmq.vhost.name", "rabbitmq.queue.name")
_LABELS = ("vhost", "queue")
_JETSTREAM = ("stream_name", "consumer_name")


@dataclass(frozen=True, slots=True)
class Meaning:
    """A figure of `queue.sample`; points that lack the value of `only` are something else."""

    figure: str
    queue: tuple[str, ...] = _DESTINATION
    broker: str | None = None
    only: tuple[str, str] | None = None


# Said by programs themselves: after `messaging.` or after the prefix of retail attributes.
QUEUE_METRICS = {
    "queue.depth": Meaning("depth"),
    "queue.in_flight": Meaning("in_flight"),
    "queue.oldest_age": Meaning("oldest_age_seconds"),
    "queue.published": Meaning("published"),
    "queue.consumed": Meaning("consumed"),
    "queue.dead_letters": Meaning("dead_letters"),
    "queue.consumers": Meaning("consumers"),
}
CONNECTOR_METRICS = {"connector.heartbeat": Meaning(HEARTBEAT), "connector.up": Meaning(HEARTBEAT)}

# Said by collectors of brokers, in their own words.
BROKER_METRICS: Mapping[str, tuple[Meaning, ...]] = {
    "rabbitmq.message.current": (
        Meaning("depth", _RABBITMQ, "rabbitmq", only=("state", "ready")),
        Meaning("in_flight", _RABBITMQ, "rabbitmq", only=("state", "unacknowledged")),
    ),
    "rabbitmq.message.published": (Meaning("published", _RABBITMQ, "rabbitmq"),),
    "rabbitmq.message.acknowledged": (Meaning("consumed", _RABBITMQ, "rabbitmq"),),
    "rabbitmq.consumer.count": (Meaning("consumers", _RABBITMQ, "rabbitmq"),),
    "rabbitmq_detailed_queue_messages_ready": (Meaning("depth", _LABELS, "rabbitmq"),),
    "rabbitmq_detailed_queue_messages_unacked": (Meaning("in_flight", _LABELS, "rabbitmq"),),
    "rabbitmq_detailed_queue_consumers": (Meaning("consumers", _LABELS, "rabbitmq"),),
    "kafka.consumer_group.lag_sum": (Meaning("depth", ("group", "topic"), "kafka"),),
    # Followers report zero for what their leader counts.
    "jetstream_consumer_num_pending": (Meaning("depth", _JETSTREAM, "nats", only=("is_consumer_leader", "true")),),
    "jetstream_consumer_num_ack_pending": (
        Meaning("in_flight", _JETSTREAM, "nats", only=("is_consumer_leader", "true")),
    ),
}


@lru_cache(maxsize=8)
def known_metrics(prefix: str) -> Mapping[str, tuple[Meaning, ...]]:
    """Gather every metric that is read."""
    own = {f"{prefix}.{name}": (meaning,) for name, meaning in (QUEUE_METRICS | CONNECTOR_METRICS).items()}
    general = {f"messaging.{name}": (meaning,) for name, meaning in QUEUE_METRICS.items()}
    return {**BROKER_METRICS, **general, **own}
