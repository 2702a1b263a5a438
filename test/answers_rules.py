"""The rules of contact-centre data, for test/answers.py: from pages to activities, participations, interactions and
presences in force, and stretches of time. Written from the definitions in doc/, not from the extension's code.

Instants are whole milliseconds since 1970 UTC, durations are milliseconds.
"""
from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from typing import Any, Callable, Hashable, Iterable, TypeVar
from uuid import UUID

Row = TypeVar("Row")

STATES = ("Ringing", "Connected", "Wrap", "Unexpected", "Failed")
STATUSES = ("Ongoing", "InternalError", "Completed")  # the best known one last
DIRECTIONS = ("Inbound", "Outbound", "Internal")
CATEGORIES = ("Ready", "Away", "ExtendedAway", "LoggedOut")
NOT_TAKEN = ("NumberBusy", "NoAnswer", "NumberUnobtainable", "CallRejected", "CallFailed", "ConnectionUnavailable")
REASONS = ("Monitor", "Resumed", "Unparked", *NOT_TAKEN)
DOCUMENTED_REASONS = {
    "Ringing": {"Monitor"},
    "Connected": {"Resumed", "Unparked", "Monitor"},
    "Wrap": {"Monitor"},
    "Unexpected": set(NOT_TAKEN),
    "Failed": {"NumberUnobtainable", "CallRejected", "CallFailed"},
}


def instant(text: str) -> int:
    """Return the instant that ISO 8601 names, in UTC where it has no zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    since = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    if since.microseconds % 1000:
        raise ValueError(f"{text} is not in whole milliseconds")
    return (since.days * 86400 + since.seconds) * 1000 + since.microseconds // 1000


def group(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    """Return the rows of each key."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)


# Stretches of time


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of time, half-open: [start, end)."""
    start: int
    end: int

    def __contains__(self, moment: int) -> bool:
        return self.start <= moment < self.end


def union(spans: Iterable[Span]) -> list[Span]:
    """Return the same time without overlaps, in order."""
    joined: list[Span] = []
    for span in sorted(spans):
        if span.start >= span.end:
            continue
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def intersection(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Return the time that is in both, without overlaps."""
    left, right = union(some), union(others)
    common = []
    i = j = 0
    while i < len(left) and j < len(right):
        both = Span(max(left[i].start, right[j].start), min(left[i].end, right[j].end))
        if both.start < both.end:
            common.append(both)
        if left[i].end < right[j].end:
            i += 1
        else:
            j += 1
    return common


def difference(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Return the time of the first that is not in the second, without overlaps."""
    borders = [moment for span in union(others) for moment in (span.start, span.end)]
    gaps = zip([float("-inf"), *borders[1::2]], [*borders[::2], float("inf")])
    return intersection(some, (Span(start, end) for start, end in gaps))


def length(spans: Iterable[Span]) -> int:
    """Return the milliseconds of all spans. An overlap counts in each."""
    return sum(max(span.end - span.start, 0) for span in spans)


def cut(spans: Iterable[Span], window: Span) -> list[Span]:
    """Cut each span at the borders of the window. Overlaps stay."""
    pieces = (Span(max(span.start, window.start), min(span.end, window.end)) for span in spans)
    return [piece for piece in pieces if piece.start < piece.end]


# Activities


@dataclass(frozen=True)
class Activity:
    agent_id: str
    start: int
    duration: int | None
    state: str
    status: str | None
    reason: str | None
    interaction: str
    channel: str | None
    direction: str | None
    medium: str | None
    reported_at: int | None

    @property
    def key(self) -> Hashable:
        return self.agent_id, self.interaction, self.channel, self.start, self.state

    @property
    def participation(self) -> Hashable:
        return self.agent_id, self.interaction, self.channel

    @property
    def end(self) -> int | None:
        return None if self.duration is None else self.start + self.duration

    @property
    def monitored(self) -> bool:
        """A supervisor listened in: never handle time, never an offer."""
        return self.reason == "Monitor"

    @property
    def is_work(self) -> bool:
        """Whether its time is handle time."""
        return self.state in ("Connected", "Wrap") and not self.monitored

    @property
    def is_ringing(self) -> bool:
        return self.state == "Ringing" and not self.monitored

    @property
    def finished_work(self) -> bool:
        return self.is_work and self.duration is not None

    @property
    def is_open(self) -> bool:
        """Whether it still goes on. The duration of an InternalError is not open: it will never be known."""
        return self.duration is None and self.status != "InternalError"

    @property
    def span(self) -> Span:
        """From start to end; only a finished activity has one."""
        return Span(self.start, self.start + self.duration)

    def open_at(self, moment: int) -> bool:
        """Return whether it had started and not ended then."""
        return self.start <= moment and (self.is_open if self.end is None else moment < self.end)


@dataclass(frozen=True)
class Presence:
    agent_id: str
    start: int
    duration: int | None
    category: str
    name: str | None
    eligible_for_routing: bool | None
    reported_at: int | None

    @property
    def key(self) -> Hashable:
        return self.agent_id, self.start, self.category


def rank(labels: tuple[str, ...], label: str | None) -> int:
    """Return the place of a label among its kind, null first."""
    return -1 if label is None else labels.index(label)


def or_before_all(value: int | None) -> float:
    return float("-inf") if value is None else value


def best_known(deliveries: Iterable[Activity]) -> list[Activity]:
    """Return one activity of each key: a known duration before none, then the better status, the later report, the
    longer duration, the later reason."""
    def quality(a: Activity) -> tuple[Any, ...]:
        return (a.duration is not None, rank(STATUSES, a.status), or_before_all(a.reported_at),
                or_before_all(a.duration), rank(REASONS, a.reason))
    return [max(same, key=quality) for same in group(deliveries, lambda a: a.key).values()]


def best_known_presences(deliveries: Iterable[Presence]) -> list[Presence]:
    """Return one presence of each key: a known duration before none, then the later report, the longer duration,
    eligible over not eligible over unknown, the greater name."""
    def quality(p: Presence) -> tuple[Any, ...]:
        return (p.duration is not None, or_before_all(p.reported_at), or_before_all(p.duration),
                rank((False, True), p.eligible_for_routing), p.name is not None, p.name or "")
    return [max(same, key=quality) for same in group(deliveries, lambda p: p.key).values()]


# Pages


@dataclass(frozen=True)
class BadItem:
    page_id: int
    item: int | None
    message: str


@dataclass
class Page:
    page_id: int
    endpoint: str | None
    requested_start: int | None
    requested_end: int | None
    number: int | None
    page_count: int | None
    activities: list[Activity]
    presences: list[Presence]
    bad_items: list[BadItem]


class BadValue(Exception):
    pass


def check(key: str, value: Any, is_valid: bool) -> None:
    if not is_valid:
        raise BadValue(f'invalid "{key}": {json.dumps(value)}')


def is_presence(item: dict[str, Any]) -> bool:
    if item.get("type") is not None:
        return item["type"] == "Presence"
    state = item.get("state") or item.get("category")
    return item.get("interaction") is None and ("name" in item or "eligibleForRouting" in item) and state in CATEGORIES


def checked_duration(item: dict[str, Any]) -> int | None:
    duration = item.get("duration")
    check("duration", duration, duration is None or isinstance(duration, int) and duration >= 0)
    return duration


def read_activity(item: dict[str, Any], reported_at: int | None) -> Activity:
    state = item.get("state") or item.get("category")
    check("state", state, state in STATES)
    for key, labels in (("status", STATUSES), ("reason", REASONS)):
        check(key, item.get(key), item.get(key) is None or item[key] in labels)
    interaction = item["interaction"]
    channel = (item.get("channel") or {}).get("guid")
    return Activity(
        agent_id=item["agentId"], start=instant(item["start"]), duration=checked_duration(item), state=state,
        status=item.get("status"), reason=item.get("reason"), interaction=str(UUID(interaction["guid"])),
        channel=channel and str(UUID(channel)), direction=interaction.get("direction"),
        medium=interaction.get("medium") or interaction.get("type"), reported_at=reported_at)


def read_presence(item: dict[str, Any], reported_at: int | None) -> Presence:
    return Presence(
        agent_id=item["agentId"], start=instant(item["start"]), duration=checked_duration(item),
        category=item.get("state") or item["category"], name=item.get("name"),
        eligible_for_routing=item.get("eligibleForRouting"), reported_at=reported_at)


def read_page(row: dict[str, Any]) -> Page:
    """Read a row of the table pages: its good items, and the bad ones apart."""
    body = row["body"]
    envelope = body if isinstance(body, dict) else {}
    page = Page(
        page_id=row["page_id"], endpoint=row["endpoint"], number=row["page"],
        requested_start=row["requested_start"] and instant(row["requested_start"]),
        requested_end=row["requested_end"] and instant(row["requested_end"]),
        page_count=envelope.get("meta", {}).get("pageCount"), activities=[], presences=[], bad_items=[])
    if isinstance(body, list):
        items = body
    elif "items" in body:
        items = body["items"]
    elif "agentId" in body:
        items = [body]
    else:
        message = f'document is not a page of activities: it has the message "{body["message"]}"'
        page.bad_items.append(BadItem(page.page_id, None, message))
        return page

    reported_at = envelope.get("upTo") and instant(envelope["upTo"])
    for number, item in enumerate(items, start=1):
        try:
            if is_presence(item):
                page.presences.append(read_presence(item, reported_at))
            elif item.get("type") != "Workload":
                page.activities.append(read_activity(item, reported_at))
        except BadValue as problem:
            page.bad_items.append(BadItem(page.page_id, number, f"item {number}: {problem}"))
    return page


# Participations


@dataclass(frozen=True)
class Participation:
    """All activities of one agent, interaction and channel, in the order of their starts. Real ones are those that are
    not Monitor."""
    activities: list[Activity]

    @property
    def agent_id(self) -> str:
        return self.activities[0].agent_id

    @property
    def interaction(self) -> str:
        return self.activities[0].interaction

    @property
    def channel(self) -> str | None:
        return self.activities[0].channel

    @cached_property
    def direction(self) -> str | None:
        """The latest known."""
        return next((a.direction for a in reversed(self.activities) if a.direction is not None), None)

    @cached_property
    def medium(self) -> str | None:
        return next((a.medium for a in reversed(self.activities) if a.medium is not None), None)

    @cached_property
    def reported_at(self) -> float:
        return max(or_before_all(a.reported_at) for a in self.activities)

    @cached_property
    def real(self) -> list[Activity]:
        return [a for a in self.activities if not a.monitored]

    def of(self, *states: str) -> list[Activity]:
        return [a for a in self.real if a.state in states]

    def time(self, *states: str) -> int:
        """The time of the finished activities in these states."""
        return sum(a.duration for a in self.of(*states) if a.duration is not None)

    # The time from start to end: of the real activities, or of all where none is real.

    @cached_property
    def started_at(self) -> int:
        return (self.real or self.activities)[0].start

    @property
    def last_ones(self) -> list[Activity]:
        timed = self.real or self.activities
        return [a for a in timed if a.start == timed[-1].start]

    @property
    def ended_at(self) -> int | None:
        """The greatest end; null where one of those that started last has none."""
        if any(a.end is None for a in self.last_ones):
            return None
        return max(a.end for a in self.real or self.activities if a.end is not None)

    @property
    def open(self) -> bool:
        return any(a.is_open for a in self.last_ones)

    # Flags and counts

    @cached_property
    def is_monitored(self) -> bool:
        return not self.real

    @cached_property
    def offered(self) -> bool:
        return bool(self.of("Ringing", "Connected", "Unexpected", "Failed"))

    @cached_property
    def handled(self) -> bool:
        return any(a.finished_work for a in self.activities)

    @property
    def outcome(self) -> str:
        if self.is_monitored:
            return "Monitored"
        if self.of("Unexpected"):
            return "Unexpected"
        if self.of("Failed"):
            return "Failed"
        return "Answered" if self.of("Connected", "Wrap") else "Unanswered"

    @property
    def unexpected_attempts(self) -> int:
        return len(self.of("Unexpected"))

    @property
    def unexpected_reason(self) -> str | None:
        """The latest known."""
        return next((a.reason for a in reversed(self.of("Unexpected")) if a.reason is not None), None)

    # Times

    @cached_property
    def ring_ms(self) -> int:
        return self.time("Ringing")

    @cached_property
    def talk_ms(self) -> int:
        return self.time("Connected")

    @cached_property
    def wrap_ms(self) -> int:
        return self.time("Wrap")

    @property
    def handle_ms(self) -> int:
        return self.talk_ms + self.wrap_ms

    @property
    def parked_ms(self) -> int:
        """From the start of the first Connected to the end of the last one (its start, while it has no end), less
        their durations."""
        connected = self.of("Connected")
        if not connected:
            return 0
        last = connected[-1]
        return max((last.start if last.end is None else last.end) - connected[0].start - self.talk_ms, 0)

    @property
    def answered_at(self) -> int | None:
        connected = self.of("Connected")
        return connected[0].start if connected else None

    @property
    def answered(self) -> bool:
        return self.answered_at is not None

    @property
    def disconnected_at(self) -> int | None:
        """The end of the Connected that started last."""
        connected = self.of("Connected")
        return connected[-1].end if connected else None

    @cached_property
    def answer_ms(self) -> int | None:
        """From the start of the last Ringing to the answer, if nothing refused that ring before."""
        if self.answered_at is None:
            return None
        rings = [a.start for a in self.of("Ringing") if a.start <= self.answered_at]
        if not rings:
            return None
        if any(rings[-1] <= a.start < self.answered_at for a in self.of("Unexpected", "Failed")):
            return None
        return self.answered_at - rings[-1]


def participations(activities: Iterable[Activity]) -> list[Participation]:
    by_start = sorted(activities, key=lambda a: a.start)
    return [Participation(own) for own in group(by_start, lambda a: a.participation).values()]


# Interactions


def ended_as_leg(leg: Participation) -> float | None:
    """Return when the talk of a leg ended: never, while it is open; null if that will never be known."""
    if leg.disconnected_at is None:
        return float("inf") if leg.open else None
    return leg.disconnected_at


def is_consult(leg: Participation, before: list[Participation]) -> bool:
    """Return whether a leg of another agent, among those before it, lasts as long or longer."""
    end = ended_as_leg(leg)
    if end is None:
        return False
    ends = [ended_as_leg(other) for other in before if other.agent_id != leg.agent_id]
    return any(other is not None and other >= end for other in ends)


@dataclass(frozen=True)
class Interaction:
    """Participations of one interaction."""
    participations: list[Participation]

    @property
    def timed(self) -> list[Participation]:
        """Those that are not Monitored, or all where all are."""
        return [p for p in self.participations if not p.is_monitored] or self.participations

    @property
    def started_at(self) -> int:
        return min(p.started_at for p in self.timed)

    @property
    def length_ms(self) -> int | None:
        """To the end of the last wrap; null where one of the ends is."""
        ends = [p.ended_at for p in self.timed]
        return None if None in ends else max(ends) - self.started_at

    @cached_property
    def legs(self) -> list[Participation]:
        """The answered participations in the order of their answers."""
        return sorted((p for p in self.participations if p.answered), key=lambda p: (p.answered_at, p.agent_id))

    @cached_property
    def consults(self) -> list[Participation]:
        return [leg for number, leg in enumerate(self.legs) if is_consult(leg, self.legs[:number])]

    @cached_property
    def talks(self) -> list[Participation]:
        """The legs that are not consults."""
        return [leg for leg in self.legs if leg not in self.consults]

    @property
    def passed_on(self) -> list[tuple[Participation, Participation]]:
        """The pairs of legs between which the agent changes."""
        return [(a, b) for a, b in zip(self.talks, self.talks[1:]) if a.agent_id != b.agent_id]

    @property
    def agents(self) -> int:
        return len({leg.agent_id for leg in self.legs})

    @property
    def answer_ms(self) -> int | None:
        """From the first offer to the first answer. Of the same instant it is 0 if that answer followed a ring."""
        if not self.legs:
            return None
        answered_at = self.legs[0].answered_at
        if answered_at == self.started_at:
            return 0 if any(p.answer_ms is not None for p in self.legs if p.answered_at == answered_at) else None
        return answered_at - self.started_at

    @property
    def outcome(self) -> str:
        outcomes = {p.outcome for p in self.participations}
        if self.legs or "Answered" in outcomes:
            return "Answered"
        return next(o for o in ("Unexpected", "Failed", "Unanswered", "Monitored") if o in outcomes)

    @cached_property
    def direction(self) -> str | None:
        """Of the first participation that has one, Monitored ones last."""
        known = [p for p in self.participations if p.direction is not None]
        known.sort(key=lambda p: (p.is_monitored, p.started_at, rank(DIRECTIONS, p.direction)))
        return known[0].direction if known else None

    @property
    def unexpected_attempts(self) -> int:
        return sum(p.unexpected_attempts for p in self.participations)

    @property
    def handle_ms(self) -> int:
        return sum(p.handle_ms for p in self.participations)

    @property
    def handled(self) -> int:
        return sum(p.handled for p in self.participations)


def interactions(parts: Iterable[Participation]) -> list[Interaction]:
    return [Interaction(own) for own in group(parts, lambda p: p.interaction).values()]


# Presences in force


@dataclass(frozen=True)
class InForce:
    """A presence as long as it was in force; end is null for the last one of an agent while it lasts."""
    presence: Presence
    end: int | None

    def span(self, open_until: int) -> Span:
        return Span(self.presence.start, open_until if self.end is None else self.end)


def in_force(presences: Iterable[Presence]) -> list[InForce]:
    """Return the presences that are ever in force: of an agent's, the one that started last, as long as it lasts. Of
    those that start together it is the longest finished one; if those are 0 long, an open one; then the later
    category."""
    def precedence(p: Presence) -> tuple[int, int, int]:
        kind = 1 if p.duration is None else 2 if p.duration > 0 else 0
        return kind, p.duration or 0, rank(CATEGORIES, p.category)

    result = []
    for own in group(presences, lambda p: p.agent_id).values():
        chosen = [max(together, key=precedence) for together in group(own, lambda p: p.start).values()]
        chosen.sort(key=lambda p: p.start)
        for number, presence in enumerate(chosen):
            ends = [p.start for p in chosen[number + 1:number + 2]]
            if presence.duration is not None:
                ends.append(presence.start + presence.duration)
            result.append(InForce(presence, min(ends, default=None)))
    return result


# Agents in a window


@dataclass(frozen=True)
class AgentTime:
    """The time of an agent in a window: without overlaps, cut at the borders of the window."""
    busy: list[Span]
    ringing: list[Span]
    login: list[Span]
    ready: list[Span]
    away: list[Span]

    @property
    def busy_ready(self) -> list[Span]:
        return intersection(self.busy, self.ready)

    @property
    def ring_ready(self) -> list[Span]:
        """Ready, ringing and not busy."""
        return difference(intersection(self.ringing, self.ready), self.busy)


def as_of_spans(activities: Iterable[Activity], as_of: int | None) -> list[Span]:
    """Return the time of the activities. As of an instant, a later activity does not exist, an open one lasts up to it,
    and one that ends later is cut. Without an instant, an open activity has no time."""
    spans = []
    for a in activities:
        if as_of is None:
            if a.end is not None:
                spans.append(a.span)
        elif a.start <= as_of and (a.end is not None or a.is_open):
            spans.append(Span(a.start, as_of if a.end is None else min(a.end, as_of)))
    return spans


def agent_times(activities: Iterable[Activity], presences: Iterable[Presence], window: Span, as_of: int | None = None,
                media: tuple[str, ...] | None = None) -> dict[str, AgentTime]:
    """Return the agents who were logged in or busy, by id and in the order of the ids. See as_of_spans for as_of, which
    goes for presences, too. Activities of other media are left out."""
    def within(spans: Iterable[Span]) -> list[Span]:
        return union(cut(spans, window))

    def presence_spans(forces: list[InForce], *categories: str) -> list[Span]:
        spans = []
        for force in forces:
            ends = [end for end in (force.end, as_of) if end is not None]
            if force.presence.category in categories and ends:
                spans.append(Span(force.presence.start, min(ends)))
        return within(spans)

    own_activities = group((a for a in activities if media is None or a.medium in media), lambda a: a.agent_id)
    known = (p for p in presences if as_of is None or p.start <= as_of)
    own_forces = group(in_force(known), lambda force: force.presence.agent_id)
    times = {}
    for agent_id in sorted({*own_activities, *own_forces}):
        own = own_activities.get(agent_id, [])
        forces = own_forces.get(agent_id, [])
        time = AgentTime(
            busy=within(as_of_spans((a for a in own if a.is_work), as_of)),
            ringing=within(as_of_spans((a for a in own if a.is_ringing), as_of)),
            login=presence_spans(forces, "Ready", "Away", "ExtendedAway"),
            ready=presence_spans(forces, "Ready"),
            away=presence_spans(forces, "Away", "ExtendedAway"))
        if time.busy or time.login:
            times[agent_id] = time
    return times
