"""The definition sheets: what stands behind each number, in words for the people who act on it."""

from app.metrics.metric import Sheet

_EXACT = "Exact to the asked moment: an interval counts from its opening until the moment before it closes."
_MINUTE = "Counts are kept by the minute, so the answer holds for the last whole minute before the asked moment."
_EVENTS_AGE = (
    "Age of the newest event of any order, to the minute and never less than it really is; what happened in the asked "
    "minute counts from its beginning."
)
_SAMPLE_AGE = "Age of the newest sample of any queue that counts."
_NO_RANGE = "None: it is a count."
_ONCE = "Each order once, whatever is wrong with it; parted by cause, step or kind it counts once in each."
_RATES = "Converted with the latest rate up to the asked day, else the earliest known."

REVENUE_AT_RISK = Sheet(
    title="Revenue at risk",
    question="How much revenue do we expect to lose through the orders that need help now?",
    counts="Outstanding value × chance of loss, summed over the orders with an open exception whose impact is revenue. "
    "The chance is read from the loss curve of the flow at the age of the order's trouble. "
    "Each order once: the whole of it is attributed to its worst exception, so causes add up to the total.",
    leaves_out="Orders late in cash only (invoice, payout: see revenue.cash_delayed); orders closed or cancelled; "
    "orders whose value is unknown or in a currency without a rate, which the coverage shows.",
    window=_EXACT,
    source="Exposures of journeys, exchange rates and the loss curves of the flow catalogue. " + _RATES,
    age=_EVENTS_AGE,
    low_high="Low: customers give up as if their trouble were half as old. High: half as old again (1.5 times).",
    extra="orders; gross: their whole outstanding value; oldest_at: since when the oldest trouble lasts; coverage.",
)
CASH_DELAYED = Sheet(
    title="Cash delayed",
    question="How much money will come, but later than it should?",
    counts="Outstanding value of the orders with an open exception whose impact is cash: invoices and payouts overdue "
    "or failed. Each order once.",
    leaves_out="Any chance of loss: the money is late, not lost. Unknown values and currencies without a rate, which "
    "the coverage shows.",
    window=_EXACT,
    source="Exposures of journeys and exchange rates. " + _RATES,
    age=_EVENTS_AGE,
    low_high="Both equal the value: nothing is estimated.",
    extra="orders; gross; oldest_at; coverage.",
)
EXCEPTIONS_OPEN = Sheet(
    title="Open exceptions",
    question="How many orders and returns need help, and for how long have they waited for it?",
    counts="Orders, and returns, with an exception open at the asked moment: failed, overdue or dead-lettered. Each "
    "once, whatever is wrong with it; parted by cause, step or kind it counts once in each. Its age runs from its "
    "first failure or missed deadline; no retry, edit or re-delivery resets it.",
    leaves_out="Deadlines that have not passed yet (see orders.due_soon); what recovered. Trouble with a return counts "
    "for the return, not for its order too.",
    window=_EXACT,
    source="Exception intervals, written by the fold of each order's events.",
    age=_EVENTS_AGE,
    low_high=_NO_RANGE,
    extra="gross: outstanding value of these orders; coverage: share of the orders whose value and rate are known, for "
    "returns put nothing at stake; oldest_at.",
)
ORDERS_FAILING = Sheet(
    title="Orders that begin to fail",
    question="How many orders have just begun to fail, and fail still?",
    counts="Orders with an open failure, dead letters included, whose trouble began within the window. " + _ONCE,
    leaves_out="Orders that have failed for longer (see exceptions.open), however often they were tried again since; "
    "what is only late; orders that recovered.",
    window="The minute before the asked moment, unless another is asked for; exact to the moment at both ends.",
    source="Exception intervals of kind failed and dead-lettered.",
    age=_EVENTS_AGE,
    low_high=_NO_RANGE,
    extra="gross, coverage and oldest_at, as in exceptions.open.",
)
ORDERS_LATE = Sheet(
    title="Orders late now",
    question="How many orders have missed a deadline and are still waiting?",
    counts="Orders with an overdue milestone at the asked moment. " + _ONCE,
    leaves_out="Failures before their deadline has passed; orders that reached the milestone late and went on; "
    "returns.",
    window=_EXACT,
    source="Exception intervals of kind overdue; deadlines of the flow catalogue, by channel and in business hours.",
    age=_EVENTS_AGE,
    low_high=_NO_RANGE,
    extra="gross; coverage; oldest_at.",
)
ORDERS_DUE_SOON = Sheet(
    title="Orders late within the next hour",
    question="How many orders, not late yet, will be unless something happens?",
    counts="Orders with a deadline after the asked moment and within the window ahead of it, not reached by the asked "
    "moment. Each order once; parted by step or cause it counts once in each.",
    leaves_out="Orders late already at that moment.",
    window="The window reaches ahead, one hour unless asked otherwise.",
    source="Exception intervals of kind overdue that open after the asked moment, as each order's events up to then "
    "say: deadlines met since count, promises given since do not.",
    age=_EVENTS_AGE,
    low_high=_NO_RANGE,
    extra="next_at: the first of these deadlines.",
)
ORDERS_OPEN = Sheet(
    title="Open orders",
    question="How many orders are on their way?",
    counts="Orders whose first event lies before the asked moment and that were neither completed nor cancelled.",
    leaves_out="Orders nobody has told us of.",
    window=_MINUTE,
    source="Counts of journeys opened and closed.",
    age=_EVENTS_AGE,
    low_high=_NO_RANGE,
    extra="Nothing.",
)
IN_FLIGHT = Sheet(
    title="Orders in flight",
    question="How many orders wait for each stage?",
    counts="Orders by the stage of the flow map that they wait for: the first after the last one they reached.",
    leaves_out="Orders completed or cancelled.",
    window=_MINUTE,
    source="Counts of journeys that began and ended to wait for a stage.",
    age=_EVENTS_AGE,
    low_high=_NO_RANGE,
    extra="Nothing.",
)
IN_FLIGHT_VALUE = Sheet(
    title="Value in flight",
    question="What are the orders worth that wait for each stage?",
    counts="Value of the orders that orders.in_flight counts.",
    leaves_out="Orders of unknown value; currencies without a rate, which without_rate names.",
    window=_MINUTE,
    source="Sums of order values by stage and currency, and exchange rates. " + _RATES,
    age=_EVENTS_AGE,
    low_high="None: nothing is estimated.",
    extra="without_rate: currencies left out.",
)
ORDERS_REACHED = Sheet(
    title="Orders a minute by stage",
    question="How many orders a minute reach each stage?",
    counts="Orders by the minute of their first success at the step, divided by the minutes of the window.",
    leaves_out="Retries and repeats: an order reaches a stage once.",
    window="Fifteen minutes unless asked otherwise. " + _MINUTE,
    source="Counts of milestones.",
    age=_EVENTS_AGE,
    low_high=_NO_RANGE,
    extra="count: orders in the window.",
)
THROUGHPUT = Sheet(
    title="Throughput",
    question="How much passes through a channel, connector or system?",
    counts="Events by the minute they occurred in, divided by the minutes of the window. A repeat counts for nothing; "
    "an event about several orders counts once for each.",
    leaves_out="Heartbeats and queue samples; what is in quarantine.",
    window="Fifteen minutes unless asked otherwise. " + _MINUTE,
    source="Counts of events.",
    age=_EVENTS_AGE,
    low_high=_NO_RANGE,
    extra="count: events in the window.",
)
FAILURE_RATE = Sheet(
    title="Failure rate",
    question="What share of attempts fails?",
    counts="Attempts with outcome failed, retrying or dead_lettered, divided by these and the successful ones.",
    leaves_out="Skipped steps, heartbeats and queue samples. Without attempts the rate is unknown, not zero.",
    window="Fifteen minutes unless asked otherwise. " + _MINUTE,
    source="Counts of events by outcome.",
    age=_EVENTS_AGE,
    low_high="None: look at attempts before trusting a share.",
    extra="attempts; failed: all three kinds; retrying and dead_lettered: their parts of it.",
)
LATENCY = Sheet(
    title="Latency of a leg",
    question="How long do orders take from one milestone to the next?",
    counts="Time between a milestone and the step that its deadline runs from (else the milestone before it), by the "
    "minute in which the later one happened; the value is the 95th percentile.",
    leaves_out="What has not arrived: always read it beside arrivals.age.",
    window="One hour unless asked otherwise. " + _MINUTE,
    source="Mergeable histograms with buckets 9 % wide, so a quantile is right to within 5 %.",
    age=_EVENTS_AGE,
    low_high="None.",
    extra="p50, p95, p99, and count: orders that arrived.",
)
ARRIVALS_AGE = Sheet(
    title="Age of what has not arrived",
    question="How long has the oldest overdue order been waiting for its next milestone?",
    counts="Time since the wait began, for every overdue milestone open at the asked moment; the value is the oldest.",
    leaves_out="Waits still within their deadline.",
    window=_EXACT,
    source="Exception intervals of kind overdue and the start of their wait.",
    age=_EVENTS_AGE,
    low_high="None.",
    extra="median: of the same ages; orders: how many wait.",
)
QUEUE_DEPTH = Sheet(
    title="Queue depth",
    question="How many messages wait in the queues?",
    counts="Messages ready in each queue by its latest sample, added up.",
    leaves_out="Queues whose latest sample is older than 10 minutes are unknown, which the coverage shows; after 7 "
    "days they are forgotten.",
    window="The latest sample up to the asked moment.",
    source="Samples of brokers (queue.sample events).",
    age=_SAMPLE_AGE,
    low_high=_NO_RANGE,
    extra="oldest_seconds, in_flight, dead_letters, consumers, sampled_at.",
)
DRAIN_TIME = Sheet(
    title="Drain time",
    question="When will the queue be empty at present rates?",
    counts="Depth ÷ (service rate while busy − arrival rate). The service rate is taken only from samples that found "
    "work waiting; the total is the slowest queue.",
    leaves_out="A queue served no faster than it fills has no drain time: the reason says never. With too few or stale "
    "samples it is unknown, and the reason says so.",
    window="Rates over fifteen minutes unless asked otherwise; depth by the latest sample.",
    source="Samples of brokers (queue.sample events).",
    age=_SAMPLE_AGE,
    low_high="Low: served as in the faster half of the busy samples. High: as in the slower half, none if never.",
    extra="reason, depth, arrival_per_minute, service_per_minute, low, high.",
)
LAST_SEEN = Sheet(
    title="Connector last seen",
    question="How long ago did each connector last say anything?",
    counts="Time since the latest minute with an event or heartbeat of the connector; the longest silence leads.",
    leaves_out="Connectors not heard within the window.",
    window="Seven days unless asked otherwise; to the minute, never less than it really is.",
    source="Counts of events, heartbeats included.",
    age="Age of the newest event of any connector.",
    low_high="None.",
    extra="seen_at: the minute it was last heard in.",
)
CLOCK_SKEW = Sheet(
    title="Clock of a connector",
    question="How far is the clock of a sender ahead of ours?",
    counts="The time that an event states less the time it came, over a sample of the events received in the hour "
    "before the measurement: the 5 % that came the quickest are taken to have come at once. Positive: the clock is "
    "ahead by at least that. Negative: it is behind, or nothing comes any quicker. The clock furthest off leads.",
    leaves_out="Events without a time of their own, or with one over a day off; connectors "
    "with fewer than three events in the sample.",
    window="The latest measurement of the day before the asked moment; measured every five minutes.",
    source="Stored events: their own time and that of their receipt.",
    age="Age of the latest measurement.",
    low_high="None.",
    extra="measured_at; events: how many the measurement stands on.",
)

UNMATCHED = Sheet(
    title="Unmatched events",
    question="How many events have not found their order, or their return?",
    counts="Events that had happened by the asked moment and still wait today: none of their keys leads to an order or "
    "a return yet; what belongs to both waits until it has found both. Each once. As soon as another event ties one of "
    "its keys to an order, it joins that order.",
    leaves_out="Events that found their order since, also for moments at which they still waited; events of no flow.",
    window="None: it tells what waits.",
    source="The waiting room of the correlation.",
    age=_EVENTS_AGE,
    low_high=_NO_RANGE,
    extra="oldest_at: when the oldest of them happened.",
)
