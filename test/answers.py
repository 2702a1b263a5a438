#!/usr/bin/env python3
"""Answers the questions of doc/reports.md from the raw pages alone, by the rules in answers_rules.py, and compares each
answer with the output that the document shows. The document is the argument; standard input is the table pages as one
JSON array. Written from the meaning of the questions, not from their SQL.

Every question of the document must have a function here or be in NOT_COMPUTED, in which none is so far. Numbers are
equal if they are at the decimals that the document shows; all else must be the same, the order of the rows included.
"""
from __future__ import annotations

import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from fractions import Fraction
from functools import cached_property
from typing import Any, Callable, Iterable, Sequence
from zoneinfo import ZoneInfo

from answers_rules import (
    DIRECTIONS, DOCUMENTED_REASONS, STATES, Activity, AgentTime, InForce, Interaction, Page, Participation,
    Presence, Span, agent_times, best_known, best_known_presences, cut, difference, group, in_force, instant,
    interactions, length, participations, read_page, union)

LONDON = ZoneInfo("Europe/London")
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
CONTACT_MEDIA = ("Phone", "Phone Callback", "Chat", "Email")

# Questions that are not computed here, each with the reason.
NOT_COMPUTED: dict[str, str] = {}


# The data


@dataclass
class Data:
    pages: list[Page]
    directory: dict[str, tuple[str, str]]  # name and team by agent id

    @cached_property
    def activities(self) -> list[Activity]:
        return best_known(a for page in self.pages for a in page.activities)

    @cached_property
    def presences(self) -> list[Presence]:
        return best_known_presences(p for page in self.pages for p in page.presences)

    @cached_property
    def participations(self) -> list[Participation]:
        return participations(self.activities)

    @cached_property
    def in_force(self) -> list[InForce]:
        return in_force(self.presences)

    @cached_property
    def clock(self) -> int:
        """The last upTo."""
        return max(a.reported_at for a in self.activities if a.reported_at is not None)

    def started(self, within: Span, *media: str) -> list[Participation]:
        """Return the participations that started then, of these media or of all."""
        return [p for p in self.participations if p.started_at in within and (not media or p.medium in media)]

    def began(self, within: Span) -> list[Activity]:
        """Return the activities that started then."""
        return [a for a in self.activities if a.start in within]

    def pages_of(self, within: Span) -> list[Page]:
        """Return the pages whose requested time starts then."""
        return [page for page in self.pages if page.requested_start is not None and page.requested_start in within]


# Local time


def local(moment: int) -> datetime:
    return datetime.fromtimestamp(moment // SECOND, LONDON)


def show(moment: int, pattern: str) -> str:
    """Return the local time in a pattern of strftime, cut, not rounded."""
    return local(moment).strftime(pattern)


def at(local_time: str) -> int:
    return instant(datetime.fromisoformat(local_time).replace(tzinfo=LONDON).isoformat())


def span(start: str, end: str) -> Span:
    """Return the time between two local times."""
    return Span(at(start), at(end))


def day_span(day: date) -> Span:
    return span(day.isoformat(), (day + timedelta(days=1)).isoformat())


def days(first: str, last: str) -> list[date]:
    start = date.fromisoformat(first)
    return [start + timedelta(days=number) for number in range((date.fromisoformat(last) - start).days + 1)]


def monday(moment: int) -> date:
    day = local(moment).date()
    return day - timedelta(days=day.weekday())


def steps(window: Span, width: int) -> list[int]:
    return list(range(window.start, window.end, width))


def interval_text(ms: int) -> str:
    """Return an interval as PostgreSQL prints it, cut to seconds."""
    count, seconds = divmod(ms // SECOND, 86400)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if count:
        text = f"{count} day{'s' if count > 1 else ''} {text}"
    return text


WEEK = span("2026-10-05", "2026-10-12")
WORKING_WEEK = span("2026-10-05", "2026-10-10")
THIS_WEEK = span("2026-10-12", "2026-10-15")
SAME_DAYS_LAST_WEEK = span("2026-10-05", "2026-10-08")
TODAY = span("2026-10-14", "2026-10-15")
YESTERDAY = span("2026-10-13", "2026-10-14")
OPEN_SINCE = span("2026-09-01", "2026-10-15")


# Figures


def quotient(dividend: int | Fraction, divisor: int | Fraction) -> Fraction | None:
    return Fraction(dividend) / divisor if divisor else None


def percent(part: int | Fraction, whole: int | Fraction) -> Fraction | None:
    return quotient(100 * part, whole)


def mean(values: Sequence[int | Fraction], unit: int = 1) -> Fraction | None:
    return quotient(sum(values), unit * len(values))


def percentile(values: Iterable[int], share: Fraction, unit: int) -> Fraction | None:
    """Return the least value of which this share of the values are at most: a discrete percentile."""
    ordered = sorted(values)
    for number, value in enumerate(ordered, start=1):
        if Fraction(number, len(ordered)) >= share:
            return Fraction(value, unit)
    return None


def handled(parts: Iterable[Participation]) -> int:
    return sum(p.handled for p in parts)


def handle_ms(parts: Iterable[Participation]) -> int:
    return sum(p.handle_ms for p in parts)


def average_handle_s(parts: Sequence[Participation]) -> Fraction | None:
    return quotient(handle_ms(parts), SECOND * handled(parts))


def unexpected_percent(parts: Iterable[Participation]) -> Fraction | None:
    offered = [p for p in parts if p.offered]
    return percent(sum(p.outcome == "Unexpected" for p in offered), len(offered))


def by_agent(rows: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    """Return the rows of each agent, in the order of the ids."""
    return sorted(group(rows, lambda row: row.agent_id).items())


def by_medium(rows: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    return sorted(group(rows, lambda row: row.medium).items())


def by_direction(rows: Iterable[Any]) -> list[tuple[str, list[Any]]]:
    groups = group(rows, lambda row: row.direction)
    return [(direction, groups[direction]) for direction in DIRECTIONS if direction in groups]


# Tables and questions


@dataclass
class Table:
    columns: list[str]
    rows: list[tuple[Any, ...]]


Answer = Callable[[Data], Table]
ANSWERS: dict[str, Answer] = {}


def question(title: str) -> Callable[[Answer], Answer]:
    """Register the function that answers a question of the document."""
    def register(answer: Answer) -> Answer:
        ANSWERS[title] = answer
        return answer
    return register


def table(columns: str, rows: Iterable[tuple[Any, ...]]) -> Table:
    return Table(columns.split(), list(rows))


# Handling


@question("What is the average handle time of each medium?")
def average_handle_time_of_each_medium(data: Data) -> Table:
    parts = data.started(WEEK)
    return table("medium handled average_handle_s",
                 [(medium, handled(own), average_handle_s(own)) for medium, own in by_medium(parts) + [("all", parts)]])


@question("How long do nine out of ten calls take at most?")
def nine_out_of_ten_calls(data: Data) -> Table:
    rows = []
    for direction, calls in by_direction(p for p in data.started(WEEK, "Phone") if not p.is_monitored):
        times = [p.handle_ms for p in calls if p.handled]
        rows.append((direction, len(times), percentile(times, Fraction(1, 2), SECOND),
                     percentile(times, Fraction(9, 10), SECOND),
                     percentile([p.handle_ms for p in calls], Fraction(1, 2), SECOND)))
    return table("direction handled median_s nine_of_ten_s median_with_zeros_s", rows)


@question("How are the handle times of calls distributed?")
def distribution_of_handle_times(data: Data) -> Table:
    times = [p.handle_ms for p in data.started(WEEK, "Phone") if p.handled]
    buckets = [("0 to 1", 0, 1), ("1 to 2", 1, 2), ("2 to 5", 2, 5), ("5 to 10", 5, 10), ("10 to 30", 10, 30),
               ("over 30", 30, float("inf"))]
    counts = [(name, sum(low * MINUTE <= ms < high * MINUTE for ms in times)) for name, low, high in buckets]
    return table("minutes handled share_%", [(name, count, percent(count, len(times))) for name, count in counts])


@question("Where does the time of a call go?")
def where_the_time_of_a_call_goes(data: Data) -> Table:
    rows = []
    for direction, calls in by_direction(p for p in data.started(WEEK, "Phone") if p.handled):
        times = ([p.ring_ms for p in calls], [p.talk_ms for p in calls], [p.parked_ms for p in calls],
                 [p.wrap_ms for p in calls], [p.handle_ms for p in calls])
        rows.append((direction, len(calls), *(mean(ms, SECOND) for ms in times)))
    return table("direction handled ring_s talk_s parked_s wrap_s handle_s", rows)


@question("Whose wrap takes the largest part of their handle time?")
def largest_part_of_wrap(data: Data) -> Table:
    rows = []
    for agent, calls in by_agent(data.started(WEEK, "Phone")):
        wrap = sum(p.wrap_ms for p in calls)
        if handle_ms(calls):
            rows.append((agent, Fraction(wrap, MINUTE), Fraction(handle_ms(calls), MINUTE),
                         percent(wrap, handle_ms(calls))))
    rows.sort(key=lambda row: -row[3])
    return table("agent_id wrap_min handle_min wrap_%", rows)


@question("Which calls took the most time?")
def calls_with_the_most_time(data: Data) -> Table:
    calls = interactions(data.started(TODAY, "Phone"))
    calls.sort(key=lambda call: (-call.handle_ms, call.started_at))
    return table("started agents handled handle_s length_s",
                 [(show(call.started_at, "%d %b %H:%M"), call.agents, call.handled, Fraction(call.handle_ms, SECOND),
                   call.length_ms and Fraction(call.length_ms, SECOND)) for call in calls[:5]])


@question("How long are callers parked?")
def how_long_callers_are_parked(data: Data) -> Table:
    calls = [p for p in data.started(WEEK, "Phone") if p.handled]
    rows = []
    for agent, own in by_agent(calls) + [("all", calls)]:
        parked = [p.parked_ms for p in own if p.parked_ms > 0]
        if parked:
            rows.append((agent, len(own), len(parked), mean(parked, SECOND), Fraction(max(parked), SECOND)))
    return table("agent handled parked average_parked_s longest_parked_s", rows)


# Answering


@question("How many calls was each agent offered, and how many answered?")
def offered_and_answered(data: Data) -> Table:
    rows = []
    for agent, calls in by_agent(p for p in data.started(TODAY, "Phone") if p.offered):
        outcomes = Counter(p.outcome for p in calls)
        rows.append((agent, len(calls), sum(p.answered for p in calls), outcomes["Unexpected"], outcomes["Failed"],
                     percent(outcomes["Unexpected"], len(calls))))
    return table("agent_id offered answered unexpected failed unexpected_%", rows)


@question("Answered, handled, or outcome Answered: which one is it?")
def answered_handled_or_outcome_answered(data: Data) -> Table:
    calls = [p for p in data.started(THIS_WEEK, "Phone") if p.offered]
    answered = [p for p in calls if p.answered]
    return table("answered handled outcome_answered answered_not_handled answered_then_failed",
                 [(len(answered), handled(calls), sum(p.outcome == "Answered" for p in calls),
                   sum(not p.handled for p in answered), sum(p.outcome == "Failed" for p in answered))])


@question("Why were calls not taken?")
def why_calls_were_not_taken(data: Data) -> Table:
    calls = data.started(THIS_WEEK, "Phone")
    offered = sum(p.offered for p in calls)
    reasons = Counter(p.unexpected_reason or "none given" for p in calls if p.outcome == "Unexpected")
    return table("reason participations of_offered_%",
                 [(reason, count, percent(count, offered))
                  for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))])


@question("Which agents let it ring, and which cannot be reached?")
def agents_who_let_it_ring(data: Data) -> Table:
    rows = []
    for agent, calls in by_agent(p for p in data.started(THIS_WEEK, "Phone") if p.offered):
        unexpected = [p for p in calls if p.outcome == "Unexpected"]
        reasons = Counter(p.unexpected_reason for p in unexpected)
        if unexpected:
            rows.append((agent, percent(len(unexpected), len(calls)), percent(reasons["NoAnswer"], len(calls)),
                         percent(reasons["NumberBusy"], len(calls)),
                         percent(reasons["ConnectionUnavailable"], len(calls))))
    rows.sort(key=lambda row: -row[1])
    return table("agent_id any_% no_answer_% busy_% no_connection_%", rows)


@question("How fast are contacts answered?")
def how_fast_contacts_are_answered(data: Data) -> Table:
    rows = []
    for medium, contacts in by_medium(p for p in data.started(WEEK) if p.direction == "Inbound"):
        times = [p.answer_ms for p in contacts if p.answer_ms is not None]
        rows.append((medium, sum(p.answered for p in contacts), len(times), mean(times, SECOND),
                     percentile(times, Fraction(9, 10), SECOND), percent(sum(ms <= 5000 for ms in times), len(times))))
    return table("medium answered rang average_s nine_of_ten_s within_5_s_%", rows)


@question("How long does it ring until anyone answers?")
def how_long_until_anyone_answers(data: Data) -> Table:
    calls = interactions(p for p in data.started(span("2026-10-05", "2026-10-15"), "Phone") if p.direction == "Inbound")
    rows = []
    for name, in_vain in (("offered in vain first", True), ("taken at the first offer", False)):
        times = [call.answer_ms for call in calls
                 if call.answer_ms is not None and (call.unexpected_attempts > 0) == in_vain]
        rows.append((name, len(times), mean(times, SECOND), Fraction(max(times), SECOND)))
    return table("calls answered average_s longest_s", rows)


@question("How often must a call be offered?")
def how_often_a_call_is_offered(data: Data) -> Table:
    calls = [call for call in interactions(p for p in data.started(THIS_WEEK, "Phone") if p.direction == "Inbound")
             if call.outcome == "Answered" and not call.passed_on and not call.consults]
    offers = Counter(call.unexpected_attempts + 1 for call in calls)
    return table("offers answered_calls share_%",
                 [(number, count, percent(count, len(calls))) for number, count in sorted(offers.items())])


@question("Which calls did no agent answer?")
def calls_that_no_agent_answered(data: Data) -> Table:
    calls = [call for call in interactions(data.started(TODAY, "Phone"))
             if not call.legs and any(p.offered for p in call.participations)]
    calls.sort(key=lambda call: call.started_at)
    return table("started direction outcome participations attempts rang_s",
                 [(show(call.started_at, "%d %b %H:%M"), call.direction, call.outcome, len(call.participations),
                   call.unexpected_attempts, Fraction(sum(p.ring_ms for p in call.participations), SECOND))
                  for call in calls])


# Transfers


@question("Which calls were passed on, and to whom?")
def calls_that_were_passed_on(data: Data) -> Table:
    calls = [call for call in interactions(data.started(TODAY, "Phone")) if call.passed_on]
    calls.sort(key=lambda call: call.started_at)
    return table("started first_agent last_agent transfers consults length_s",
                 [(show(call.started_at, "%d %b %H:%M"), call.talks[0].agent_id, call.talks[-1].agent_id,
                   len(call.passed_on), len(call.consults), call.length_ms and Fraction(call.length_ms, SECOND))
                  for call in calls[:8]])


def calls_with_customers(data: Data) -> list[Interaction]:
    return interactions(p for p in data.started(WEEK, "Phone") if p.direction != "Internal")


@question("How many calls does each agent pass on?")
def calls_that_each_agent_passes_on(data: Data) -> Table:
    calls = calls_with_customers(data)
    talks = Counter(leg.agent_id for call in calls for leg in call.talks)
    passed_on = Counter(leg.agent_id for call in calls for leg, _ in call.passed_on)
    rows = [(agent, count, passed_on[agent]) for agent, count in sorted(talks.items())]
    rows.append(("all", talks.total(), passed_on.total()))
    return table("agent talks passed_on passed_on_%", [(*row, percent(row[2], row[1])) for row in rows])


@question("From whom to whom are calls passed?")
def from_whom_to_whom(data: Data) -> Table:
    pairs = Counter((leg.agent_id, next_leg.agent_id)
                    for call in calls_with_customers(data) for leg, next_leg in call.passed_on)
    rows = [(*pair, count) for pair, count in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))]
    return table("from_agent to_agent calls", rows[:6])


@question("How often do agents call each other?")
def agents_who_call_each_other(data: Data) -> Table:
    calls = [p for p in data.started(WEEK, "Phone") if p.direction == "Internal" and p.answered]
    of_all = sum(p.talk_ms for p in calls)
    rows = []
    for agent, own in by_agent(calls):
        talk = sum(p.talk_ms for p in own)
        rows.append((agent, len(own), Fraction(talk, MINUTE), percent(talk, of_all)))
    return table("agent_id calls talk_min share_%", rows)


@question("What share of the calls is transferred?")
def share_of_transferred_calls(data: Data) -> Table:
    rows = []
    for direction, calls in by_direction(call for call in interactions(data.started(WEEK, "Phone")) if call.legs):
        transferred = sum(bool(call.passed_on) for call in calls)
        rows.append((direction, len(calls), transferred, percent(transferred, len(calls))))
    return table("direction answered_calls transferred transferred_%", rows)


def answered_inbound_calls(data: Data) -> list[Interaction]:
    calls = interactions(p for p in data.started(WEEK, "Phone") if p.direction == "Inbound")
    return [call for call in calls if call.legs]


@question("Do transferred calls take longer?")
def do_transferred_calls_take_longer(data: Data) -> Table:
    rows = []
    for transferred in (False, True):
        calls = [call for call in answered_inbound_calls(data)
                 if call.length_ms is not None and bool(call.passed_on) == transferred]
        handle = [call.handle_ms for call in calls]
        rows.append((transferred, len(calls), mean([call.length_ms for call in calls], SECOND), mean(handle, SECOND),
                     quotient(sum(handle), SECOND * sum(call.handled for call in calls))))
    return table("transferred calls average_length_s handle_s_of_a_call handle_s_of_a_participation", rows)


@question("How many agents does a call need?")
def agents_that_a_call_needs(data: Data) -> Table:
    calls = answered_inbound_calls(data)
    agents = Counter(call.agents for call in calls)
    return table("agents calls share_%",
                 [(number, count, percent(count, len(calls))) for number, count in sorted(agents.items())])


# Staff


@question("When did each agent's first contact begin, and the last one end?")
def first_and_last_contact(data: Data) -> Table:
    rows = []
    for agent, work in by_agent(a for a in data.began(YESTERDAY) if a.is_work):
        last = max(a.end for a in work if a.end is not None)
        rows.append((agent, show(min(a.start for a in work), "%H:%M:%S"), show(last, "%H:%M:%S")))
    return table("agent_id first_contact last_contact", rows)


@question("How long was each agent logged in, ready and away on a day?")
def logged_in_ready_and_away(data: Data) -> Table:
    times = agent_times(data.activities, data.presences, YESTERDAY)
    return table("agent_id login_min ready_min away_min busy_min",
                 [(agent, *(Fraction(length(spans), MINUTE) for spans in (t.login, t.ready, t.away, t.busy)))
                  for agent, t in times.items()])


def occupancy_percent(times: Iterable[AgentTime]) -> Fraction | None:
    """Return the time busy and Ready in percent of the time in Ready without that in which it only rang."""
    times = list(times)
    return percent(sum(length(t.busy_ready) for t in times),
                   sum(length(t.ready) - length(t.ring_ready) for t in times))


@question("How occupied was each agent last week?")
def occupied_last_week(data: Data) -> Table:
    times = agent_times(data.activities, data.presences, WORKING_WEEK, media=CONTACT_MEDIA)
    rows = []
    for agent, own in [(agent, [t]) for agent, t in times.items()] + [("all", list(times.values()))]:
        login = sum(length(t.login) for t in own)
        busy = sum(length(t.busy) for t in own)
        rows.append((agent, Fraction(login, HOUR), Fraction(busy, HOUR), occupancy_percent(own), percent(busy, login)))
    return table("agent login_h busy_h occupancy_% utilisation_%", rows)


def open_since_september(data: Data) -> list[Activity]:
    """Return the activities that are open, the stale ones too."""
    return [a for a in data.began(OPEN_SINCE) if a.duration is None and a.status == "Ongoing"]


def is_stale(activity: Activity, data: Data) -> bool:
    return activity.reported_at < data.clock - DAY


@question("How occupied is each agent today?")
def occupied_today(data: Data) -> Table:
    times = agent_times(data.activities, data.presences, TODAY, as_of=data.clock, media=CONTACT_MEDIA)
    stale = Counter(a.agent_id for a in open_since_september(data) if a.medium != "Case" and is_stale(a, data))
    return table("agent_id ready_min busy_min occupancy_% stale",
                 [(agent, Fraction(length(t.ready), MINUTE), Fraction(length(t.busy), MINUTE), occupancy_percent([t]),
                   stale[agent]) for agent, t in times.items() if t.ready])


@question("Where were the longest idle gaps?")
def longest_idle_gaps(data: Data) -> Table:
    work = group((a for a in data.began(span("2026-10-12", "2026-10-14")) if a.finished_work), lambda a: a.agent_id)
    routable = group((force for force in data.in_force
                      if force.presence.category == "Ready" and force.presence.eligible_for_routing),
                     lambda force: force.presence.agent_id)
    gaps = [(agent, gap) for agent, forces in routable.items()
            for gap in difference(cut([force.span(data.clock) for force in forces], YESTERDAY),
                                  [a.span for a in work.get(agent, [])])]
    gaps.sort(key=lambda item: -length([item[1]]))
    return table("agent_id idle_from until minutes",
                 [(agent, show(gap.start, "%H:%M:%S"), show(gap.end, "%H:%M:%S"), Fraction(length([gap]), MINUTE))
                  for agent, gap in gaps[:5]])


@question("How much of the ready time was idle?")
def idle_part_of_the_ready_time(data: Data) -> Table:
    rows = []
    for agent, t in agent_times(data.activities, data.presences, YESTERDAY).items():
        ready, busy, ringing = length(t.ready), length(t.busy_ready), length(t.ring_ready)
        if ready:
            rows.append((agent, *(Fraction(ms, MINUTE) for ms in (ready, busy, ringing, ready - busy - ringing))))
    return table("agent_id ready_min busy_min ringing_min idle_min", rows)


def between_changes(spans: Iterable[Span]) -> list[Span]:
    """Return the time from each instant at which a span begins or ends to the next one."""
    moments = sorted({moment for one in spans for moment in (one.start, one.end)})
    return [Span(start, end) for start, end in zip(moments, moments[1:])]


def most_at_once(work: list[Activity]) -> int:
    """Return the most participations that have an activity at the same instant. It is enough to look at the instants at
    which an activity begins."""
    spans = [(a.span, a.participation) for a in work]
    return max(len({participation for one, participation in spans if begin.start in one}) for begin in work)


@question("Who works on several contacts at once?")
def several_contacts_at_once(data: Data) -> Table:
    rows = []
    for agent, work in by_agent(a for a in data.began(WORKING_WEEK) if a.finished_work):
        handle = length(a.span for a in work)
        busy = length(union(a.span for a in work))
        rows.append((agent, Fraction(handle, HOUR), Fraction(busy, HOUR), quotient(handle, busy), most_at_once(work)))
    rows.sort(key=lambda row: -row[3])
    return table("agent_id handle_h busy_h at_once_on_average at_once_at_most", rows)


@question("How long did each agent have one, two or three contacts at once?")
def one_two_or_three_contacts(data: Data) -> Table:
    rows = []
    for agent, work in by_agent(a for a in data.began(YESTERDAY) if a.finished_work):
        spans = [a.span for a in work]
        pieces = group(between_changes(spans), lambda piece: min(sum(piece.start in one for one in spans), 3))
        minutes = [Fraction(length(pieces[number]), MINUTE) if number in pieces else None for number in (1, 2, 3)]
        if 2 in pieces or 3 in pieces:
            rows.append((agent, *minutes))
    return table("agent_id one_min two_min more_min", rows)


def busy_spans_by_agent(data: Data) -> dict[str, list[Span]]:
    """Return the busy time of the activities that began yesterday or the day before."""
    work = by_agent(a for a in data.began(span("2026-10-12", "2026-10-14")) if a.finished_work)
    return {agent: union(a.span for a in own) for agent, own in work}


@question("How many agents were busy at the same moment?")
def busy_at_the_same_moment(data: Data) -> Table:
    busy = busy_spans_by_agent(data)
    return table("moment busy_agents",
                 [(show(moment, "%H:%M"), sum(any(moment in one for one in spans) for spans in busy.values()))
                  for moment in range(at("2026-10-13 09:00"), at("2026-10-13 18:00") + 1, HOUR)])


@question("When were the most agents busy at once?")
def most_agents_busy_at_once(data: Data) -> Table:
    spans = [one for own in busy_spans_by_agent(data).values() for one in cut(own, YESTERDAY)]
    pieces = group(between_changes(spans), lambda piece: sum(piece.start in one for one in spans))
    return table("agents times minutes first_at",
                 [(agents, len(own), Fraction(length(own), MINUTE), show(own[0].start, "%H:%M:%S"))
                  for agents, own in sorted(pieces.items(), reverse=True) if agents > 0])


@question("Who was there at two, and with how many contacts?")
def who_was_there_at_two(data: Data) -> Table:
    two = at("2026-10-13 14:00")
    contacts = {agent: {a.interaction for a in own if not a.monitored and a.open_at(two)}
                for agent, own in by_agent(data.began(YESTERDAY))}
    there = [force.presence for force in data.in_force
             if two in force.span(data.clock) and force.presence.category != "LoggedOut"]
    return table("agent_id category name since contacts",
                 [(p.agent_id, p.category, p.name, show(p.start, "%H:%M"), len(contacts.get(p.agent_id, ())))
                  for p in sorted(there, key=lambda p: p.agent_id)])


@question("How long do breaks take?")
def how_long_breaks_take(data: Data) -> Table:
    breaks = group((force for force in data.in_force
                    if force.presence.category in ("Away", "ExtendedAway") and force.presence.start in WORKING_WEEK),
                   lambda force: force.presence.name)
    rows = []
    for name, own in sorted(breaks.items()):
        times = [force.end - force.presence.start for force in own if force.end is not None]
        rows.append((name, len(own), len({force.presence.agent_id for force in own}), mean(times, MINUTE),
                     Fraction(max(times), MINUTE)))
    return table("name breaks agents average_min longest_min", rows)


@question("Who works while not Ready?")
def who_works_while_not_ready(data: Data) -> Table:
    rows = []
    for agent, t in agent_times(data.activities, data.presences, WORKING_WEEK).items():
        not_ready = length(t.busy) - length(t.busy_ready)
        if not_ready:
            rows.append((agent, Fraction(length(t.busy), MINUTE), Fraction(not_ready, MINUTE)))
    return table("agent_id busy_min not_ready_min", rows)


# Intervals


@question("What happened in each half hour?")
def what_happened_in_each_half_hour(data: Data) -> Table:
    rows = []
    for start in steps(span("2026-10-14 08:30", "2026-10-14 13:00"), HOUR // 2):
        half_hour = Span(start, start + HOUR // 2)
        calls = data.started(half_hour, "Phone")
        times = agent_times(data.activities, data.presences, half_hour, media=CONTACT_MEDIA).values()
        rows.append((show(start, "%H:%M"), sum(p.offered for p in calls), sum(p.answered for p in calls),
                     average_handle_s(calls), sum(bool(t.ready) for t in times), occupancy_percent(times)))
    return table("half_hour calls_offered answered average_handle_s ready_agents occupancy_%", rows)


@question("When are calls offered, by weekday and hour (heat map)?")
def heat_map(data: Data) -> Table:
    offered = [p for p in data.started(span("2026-09-21", "2026-10-12"), "Phone")
               if p.direction == "Inbound" and p.offered]
    starts = [local(call.started_at) for call in interactions(offered)]
    counts = Counter((start.hour, start.weekday()) for start in starts)
    return table("hour mon tue wed thu fri",
                 [(f"{hour:02}", *(Fraction(counts[hour, weekday], 3) for weekday in range(5)))
                  for hour in sorted({start.hour for start in starts})])


@question("In which hour was the work done?")
def in_which_hour_the_work_was_done(data: Data) -> Table:
    parts = [p for p in data.participations if p.agent_id == "0017"]
    work = [a.span for a in data.activities if a.agent_id == "0017" and a.finished_work]
    rows = []
    for start in steps(TODAY, HOUR):
        hour = Span(start, start + HOUR)
        began = [p for p in parts if p.started_at in hour]
        spent = length(cut(work, hour))
        if began or spent:
            rows.append((show(start, "%H:%M"), Fraction(handle_ms(began), MINUTE), Fraction(spent, MINUTE)))
    rows.append((None, sum(row[1] for row in rows), sum(row[2] for row in rows)))
    return table("hour of_what_began_min spent_min", rows)


@question("How much did agents work from two to three?")
def work_from_two_to_three(data: Data) -> Table:
    hour = span("2026-10-14 14:00", "2026-10-14 15:00")
    rows = []
    for agent, work in by_agent(a for a in data.activities if a.start >= YESTERDAY.start and a.finished_work):
        handle = length(cut((a.span for a in work), hour))
        if handle:
            rows.append((agent, Fraction(handle, MINUTE),
                         Fraction(length(cut((a.span for a in work if a.start in hour), hour)), MINUTE)))
    return table("agent_id handle_min of_what_began_min", rows)


@question("How much time did cases take on each local day?")
def time_of_cases_on_each_local_day(data: Data) -> Table:
    work = [a for a in data.began(OPEN_SINCE)
            if a.medium == "Case" and a.is_work and not (a.duration is None and is_stale(a, data))]
    spans = [Span(a.start, min(data.clock if a.end is None else a.end, data.clock)) for a in work
             if a.end is not None or a.is_open]
    rows = []
    for day in days("2026-10-12", "2026-10-14"):
        window = day_span(day)
        rows.append((f"{day:%a %d %b}", Fraction(length(cut(spans, window)), HOUR),
                     Fraction(length(cut((one for one in spans if one.start in window), window)), HOUR)))
    return table("day handle_h of_what_began_h", rows)


@question("How many hours of an open case fall on each local day?")
def hours_of_an_open_case(data: Data) -> Table:
    [case] = [a for a in data.activities if a.agent_id == "0017" and a.medium == "Case" and a.is_open
              and a.start in span("2026-09-08", "2026-09-09")]
    until = Span(case.start, at("2026-10-27"))
    return table("day hours",
                 [(day.isoformat(), Fraction(length(cut([until], day_span(day))), HOUR))
                  for day in days("2026-10-24", "2026-10-26")])


@question("How long does each local day last?")
def how_long_each_local_day_lasts(data: Data) -> Table:
    rows = []
    for day in map(date.fromisoformat, ("2026-10-14", "2026-10-25", "2027-03-28")):
        window = day_span(day)
        borders = (datetime.fromtimestamp(moment / SECOND, timezone.utc) for moment in (window.start, window.end))
        rows.append((f"{day:%a %d %b %Y}", *(f"{border:%d %b %H:%M}" for border in borders),
                     Fraction(length([window]), HOUR), Fraction(length([window]), HOUR // 2)))
    return table("day from_utc to_utc hours half_hours", rows)


@question("How many calls are in progress at once?")
def calls_in_progress_at_once(data: Data) -> Table:
    calls = [a for a in data.began(TODAY)
             if a.medium == "Phone" and a.state in ("Ringing", "Connected") and not a.monitored]
    rows = []
    for moment in range(at("2026-10-14 10:00"), at("2026-10-14 12:00") + 1, HOUR // 4):
        now = [a for a in calls if a.open_at(moment)]
        rows.append((show(moment, "%H:%M"), len({a.interaction for a in now}),
                     len({a.interaction for a in now if a.state == "Ringing"})))
    return table("moment calls ringing", rows)


# Open work


@question("What is open now, and how old is it?")
def what_is_open_now(data: Data) -> Table:
    now_open = [a for a in open_since_september(data) if a.reported_at == data.clock]
    return table("agent_id medium state since age",
                 [(a.agent_id, a.medium, a.state, show(a.start, "%d %b %H:%M:%S"), interval_text(data.clock - a.start))
                  for a in sorted(now_open, key=lambda a: a.start)])


@question("Which open work is stale?")
def which_open_work_is_stale(data: Data) -> Table:
    stale = [a for a in open_since_september(data) if is_stale(a, data)]
    return table("agent_id medium since last_reported days_ago",
                 [(a.agent_id, a.medium, show(a.start, "%d %b %H:%M:%S"), show(a.reported_at, "%d %b %H:%M"),
                   (data.clock - a.reported_at) // DAY) for a in sorted(stale, key=lambda a: a.start)])


@question("How much time has been spent on what is still open?")
def time_spent_on_what_is_still_open(data: Data) -> Table:
    rows = []
    for medium, work in by_medium(a for a in open_since_september(data) if a.is_work):
        ages = group(work, lambda a: is_stale(a, data))
        hours = (Fraction(sum(data.clock - a.start for a in ages[stale]), HOUR) if stale in ages else None
                 for stale in (False, True))
        rows.append((medium, *hours))
    return table("medium open_h stale_h", rows)


@question("Which time is lost for ever?")
def time_that_is_lost_for_ever(data: Data) -> Table:
    talks = [a for a in data.began(span("2026-09-21", "2026-10-15"))
             if a.state == "Connected" and not a.monitored and a.medium == "Phone"]
    rows = []
    for week, own in sorted(group(talks, lambda a: monday(a.start)).items()):
        lost = sum(a.duration is None and a.status == "InternalError" for a in own)
        rows.append((f"{week:%d %b}", len(own), lost, percent(lost, len(own))))
    return table("week_of talks lost lost_%", rows)


@question("How many cases were open at the end of each day?")
def cases_open_at_the_end_of_each_day(data: Data) -> Table:
    cases = data.started(OPEN_SINCE, "Case")
    rows = []
    for day in days("2026-10-05", "2026-10-14"):
        if day.weekday() < 5:
            evening = at(f"{day} 18:00")
            open_then = [p for p in cases
                         if p.started_at <= evening and (p.ended_at is None or p.ended_at > evening)]
            stale = sum(p.open and p.reported_at < data.clock - DAY for p in open_then)
            rows.append((f"{day:%a %d %b}", len(open_then), stale))
    return table("day open_cases of_these_stale", rows)


@question("How long do cases take from start to end?")
def how_long_cases_take(data: Data) -> Table:
    cases = data.started(OPEN_SINCE, "Case")
    ended = [p for p in cases if p.ended_at is not None]
    elapsed = [p.ended_at - p.started_at for p in ended]
    return table("ended still_open average_elapsed_min average_handle_min longest_min",
                 [(len(ended), sum(p.open for p in cases), mean(elapsed, MINUTE),
                   mean([p.handle_ms for p in ended], MINUTE), Fraction(max(elapsed), MINUTE))])


# Quality of data


@question("Which pages are missing?")
def which_pages_are_missing(data: Data) -> Table:
    polls = group((page for page in data.pages
                   if page.requested_start is not None and page.requested_start >= instant("2026-09-16T00:00Z")),
                  lambda page: (page.endpoint, page.requested_end))
    rows = []
    for (endpoint, requested_end), own in sorted(polls.items()):
        there = {page.number for page in own}
        missing = set(range(1, max(page.page_count for page in own) + 1)) - there
        if missing:
            rows.append((endpoint, show(requested_end, "%d %b %H:%M"), len(there),
                         "{" + ",".join(map(str, sorted(missing))) + "}"))
    return table("endpoint poll has_pages missing", rows)


@question("Which polls are missing?")
def which_polls_are_missing(data: Data) -> Table:
    first_pages = group((page for page in data.pages if page.number == 1 and page.requested_start is not None),
                        lambda page: page.endpoint)
    rows = []
    for endpoint, polls in sorted(first_pages.items()):
        polls.sort(key=lambda page: page.requested_start)
        for poll, following in zip(polls, polls[1:]):
            if following.requested_start > poll.requested_end:
                rows.append((endpoint, show(poll.requested_end, "%d %b %H:%M"),
                             show(following.requested_start, "%d %b %H:%M"),
                             interval_text(following.requested_start - poll.requested_end)))
    return table("endpoint polled_until next_start gap", rows)


@question("Which activities came late?")
def which_activities_came_late(data: Data) -> Table:
    deliveries = [a for page in data.pages_of(span("2026-09-28", "2026-10-03")) for a in page.activities
                  if a.duration is not None]
    delays_by_day = group(
        ((local(own[0].start).date(), min(a.reported_at for a in own) - min(a.end for a in own))
         for own in group(deliveries, lambda a: a.key).values()),
        lambda pair: pair[0])
    rows = []
    for day, pairs in sorted(delays_by_day.items()):
        late = [delay for _, delay in pairs if delay > 2 * HOUR + 5 * MINUTE]
        rows.append((f"{day:%a %d %b}", len(pairs), len(late), interval_text(max(late) // MINUTE * MINUTE)))
    return table("day activities late latest_after", rows)


@question("What could not be loaded?")
def what_could_not_be_loaded(data: Data) -> Table:
    pages = [page for page in data.pages if page.requested_start is None or page.requested_start in TODAY]
    return table("page_id item message",
                 [(bad.page_id, bad.item, bad.message) for page in pages for bad in page.bad_items])


@question("Which reasons does the vendor not document?")
def reasons_that_are_not_documented(data: Data) -> Table:
    undocumented = group((a for a in data.began(span("2026-09-14", "2026-10-15"))
                          if a.reason is not None and a.reason not in DOCUMENTED_REASONS[a.state]),
                         lambda a: (STATES.index(a.state), a.reason, a.medium))
    return table("state reason medium activities first_day last_day",
                 [(STATES[state], reason, medium, len(own), show(min(a.start for a in own), "%d %b"),
                   show(max(a.start for a in own), "%d %b"))
                  for (state, reason, medium), own in sorted(undocumented.items())])


@question("How often was the same activity delivered?")
def how_often_the_same_was_delivered(data: Data) -> Table:
    deliveries = Counter(a.key for page in data.pages_of(TODAY) for a in page.activities)
    return table("deliveries activities delivered",
                 [(number, count, number * count) for number, count in sorted(Counter(deliveries.values()).items())])


@question("How much would raw pages overstate?")
def how_much_raw_pages_overstate(data: Data) -> Table:
    raw = [a for page in data.pages_of(TODAY) for a in page.activities]
    rows = []
    for name, activities in (("raw pages", raw), ("loaded", data.began(TODAY))):
        work = [a for a in activities if a.finished_work]
        count = len({a.participation for a in work})
        handle = length(a.span for a in work)
        rows.append((name, Fraction(handle, MINUTE), quotient(handle, SECOND * count), count))
    return table("counted_from handle_min average_handle_s handled", rows)


@question("Which participations have no channel?")
def participations_without_channel(data: Data) -> Table:
    groups = group(data.started(WEEK), lambda p: (p.medium, DIRECTIONS.index(p.direction)))
    rows = []
    for (medium, direction), own in sorted(groups.items()):
        without = [p for p in own if p.channel is None]
        if without:
            rows.append((medium, DIRECTIONS[direction], len(own), len(without), handled(without)))
    return table("medium direction participations no_channel handled_of_these", rows)


@question("Is an agent ever in two states of the same contact?")
def two_states_of_the_same_contact(data: Data) -> Table:
    activities = data.began(WEEK)
    overlaps = []
    for own in group(activities, lambda a: a.participation).values():
        own.sort(key=lambda a: (a.start, float("inf") if a.end is None else a.end))
        overlaps += [a.end - following.start for a, following in zip(own, own[1:])
                     if a.end is not None and a.end > following.start]
    return table("activities overlap_the_next by_at_most",
                 [(len(activities), len(overlaps), interval_text(max(overlaps)) if overlaps else None)])


@question("Do the intervals add up to the total?")
def do_the_intervals_add_up(data: Data) -> Table:
    half_hours = [Span(start, start + HOUR // 2) for start in steps(WEEK, HOUR // 2)]
    work = cut((a.span for a in data.activities if a.finished_work), WEEK)
    spent = sum(length(cut(work, half_hour)) for half_hour in half_hours)
    parts = data.started(WEEK)
    by_start = [[p for p in parts if p.started_at in half_hour] for half_hour in half_hours]
    return table("counted_from handled handle_ms",
                 [("participations", handled(parts), handle_ms(parts)),
                  ("intervals, spent", None, spent),
                  ("intervals, by start", sum(map(handled, by_start)), sum(map(handle_ms, by_start)))])


# Comparisons


@question("How does this week compare with the last one, by agent?")
def this_week_by_agent(data: Data) -> Table:
    last = dict(by_agent(data.started(SAME_DAYS_LAST_WEEK, "Phone")))
    this = dict(by_agent(data.started(THIS_WEEK, "Phone")))
    rows = []
    for agent in sorted({*last, *this}):
        weeks = (last.get(agent, []), this.get(agent, []))
        averages = [average_handle_s(week) for week in weeks]
        if averages == [None, None]:
            continue
        change = None if None in averages else percent(averages[1] - averages[0], averages[0])
        rows.append((agent, *averages, change, *(unexpected_percent(week) for week in weeks)))
    return table("agent_id last_handle_s this_handle_s change_% last_unexpected_% this_unexpected_%", rows)


@question("How do the media compare with last week?")
def media_compared_with_last_week(data: Data) -> Table:
    last, this = data.started(SAME_DAYS_LAST_WEEK), data.started(THIS_WEEK)
    rows = []
    for medium in sorted({p.medium for p in last + this}):
        weeks = [[p for p in week if p.medium == medium] for week in (last, this)]
        rows.append((medium, *map(handled, weeks), *map(average_handle_s, weeks)))
    return table("medium last_handled this_handled last_handle_s this_handle_s", rows)


@question("What is the moving seven-day average handle time?")
def moving_seven_day_average(data: Data) -> Table:
    calls = group(data.started(span("2026-09-21", "2026-10-15"), "Phone"), lambda p: local(p.started_at).date())
    rows = []
    for day in days("2026-10-05", "2026-10-14"):
        if day in calls:
            seven_days = [p for number in range(7) for p in calls.get(day - timedelta(days=number), [])]
            rows.append((f"{day:%a %d %b}", handled(calls[day]), average_handle_s(calls[day]),
                         average_handle_s(seven_days)))
    return table("day handled of_the_day_s of_seven_days_s", rows)


@question("How wrong is an average of averages?")
def average_of_averages(data: Data) -> Table:
    parts = data.started(WEEK)
    agents = [own for _, own in by_agent(parts) if handled(own)]
    averages = [average_handle_s(own) for own in agents]
    weighted = sum(average * handled(own) for average, own in zip(averages, agents))
    return table("average_of_averages weighted average_handle_s",
                 [(mean(averages), quotient(weighted, sum(map(handled, agents))), average_handle_s(parts))])


@question("How does today compare with the same weekday before?")
def today_and_the_same_weekday_before(data: Data) -> Table:
    rows = []
    for day in days("2026-09-16", "2026-10-14")[::7]:
        calls = data.started(span(day.isoformat(), f"{day} 19:00:02.731"), "Phone")
        rows.append((f"{day:%a %d %b}", sum(p.offered for p in calls), handled(calls), average_handle_s(calls),
                     unexpected_percent(calls)))
    return table("day offered handled average_handle_s unexpected_%", rows)


@question("How do the teams compare?")
def how_the_teams_compare(data: Data) -> Table:
    nobody = ("", "not in the directory")
    teams = group(data.started(WEEK), lambda p: data.directory.get(p.agent_id, nobody)[1])
    return table("team agents handled average_handle_s",
                 [(team, len({p.agent_id for p in own}), handled(own), average_handle_s(own))
                  for team, own in sorted(teams.items())])


@question("Who is missing in the directory, and who in the data?")
def who_is_missing(data: Data) -> Table:
    working = {a.agent_id for a in data.began(WEEK)}
    rows = [(agent, None, "works, but is not in the directory") for agent in working - set(data.directory)]
    rows += [(agent, data.directory[agent][0], "is in the directory, but did not work")
             for agent in set(data.directory) - working]
    return table("agent_id name finding", sorted(rows, key=lambda row: row[0]))


@question("Which agents differ from their team?")
def agents_who_differ_from_their_team(data: Data) -> Table:
    parts = [p for p in data.started(WEEK, "Phone", "Chat") if p.agent_id in data.directory]
    teams = group(parts, lambda p: data.directory[p.agent_id][1])
    rows = []
    for agent, own in by_agent(parts):
        name, team = data.directory[agent]
        if handled(own):
            rows.append((team, name, handled(own), average_handle_s(own), average_handle_s(teams[team])))
    return table("team name handled average_handle_s team_s", sorted(rows))


@question("How does the mix of media change from week to week?")
def mix_of_media(data: Data) -> Table:
    rows = []
    weeks = group(data.started(span("2026-09-21", "2026-10-12")), lambda p: monday(p.started_at))
    for week, parts in sorted(weeks.items()):
        shares = (percent(handle_ms(p for p in parts if p.medium == medium), handle_ms(parts))
                  for medium in ("Phone", "Case", "Chat"))
        rows.append((f"{week:%d %b}", Fraction(handle_ms(parts), HOUR), *shares))
    return table("week_of handle_h phone_% case_% chat_%", rows)


# The document


def cell_text(value: Any) -> str:
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, Fraction):
        return f"{float(value):.4f}"
    return "" if value is None else str(value)


def is_same(shown: str, value: Any) -> bool:
    """Return whether the document shows this value. Numbers are compared at the decimals shown."""
    if isinstance(value, (int, Fraction)) and not isinstance(value, bool):
        if not re.fullmatch(r"-?\d+(\.\d+)?", shown):
            return False
        decimals = len(shown.partition(".")[2])
        return abs(Fraction(shown) - value) <= Fraction(1, 2 * 10 ** decimals)
    return shown == cell_text(value)


def parse_table(block: str) -> tuple[list[str], list[list[str]]]:
    """Return the columns and rows of a table that psql has printed."""
    header, _, *lines = block.splitlines()
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if not re.fullmatch(r"\(\d+ rows?\)", line)]
    return [column.strip() for column in header.split("|")], rows


def differs(block: str, answer: Table) -> bool:
    columns, rows = parse_table(block)
    return columns != answer.columns or len(rows) != len(answer.rows) or not all(
        len(shown) == len(row) and all(map(is_same, shown, row)) for shown, row in zip(rows, answer.rows))


def answer_text(answer: Table) -> str:
    return "".join(" " + " | ".join(map(cell_text, row)) + "\n" for row in [answer.columns, *answer.rows])


def read_outputs(document: str) -> dict[str, list[str]]:
    """Return the blocks of output of each question. Headings of the third level are questions."""
    without_sql = re.sub(r"^```sql\n.*?^```$", "", document, flags=re.M | re.S)
    questions = re.findall(r"^### (.*?)\n(.*?)(?=^##|\Z)", without_sql, flags=re.M | re.S)
    return {title: re.findall(r"^```\n(.*?)^```$", text, flags=re.M | re.S) for title, text in questions}


def read_directory(document: str) -> dict[str, tuple[str, str]]:
    [values] = re.findall(r"^INSERT INTO agent_directory VALUES$(.*?);$", document, flags=re.M | re.S)
    return {agent: (name, team) for agent, name, team in re.findall(r"\('(.*?)', '(.*?)', '(.*?)'\)", values)}


def main() -> int:
    with open(sys.argv[1], encoding="utf-8") as file:
        document = file.read()
    outputs = read_outputs(document)
    data = Data([read_page(row) for row in json.load(sys.stdin.buffer)], read_directory(document))

    forgotten = 0
    for title in sorted({*outputs, *ANSWERS, *NOT_COMPUTED}):
        if len(outputs.get(title, [])) != 1:
            problem = "must be in the document, with one output"
        elif (title in ANSWERS) == (title in NOT_COMPUTED):
            problem = "needs a function in test/answers.py, or else a line in NOT_COMPUTED"
        else:
            continue
        print(f"{title}\nThis question {problem}.\n")
        forgotten += 1

    different = 0
    compared = [title for title in outputs if title in ANSWERS and len(outputs[title]) == 1]
    for title in compared:
        [output] = outputs[title]
        answer = ANSWERS[title](data)
        if differs(output, answer):
            print(f"{title}\nThe document:\n{output}Computed from the pages:\n{answer_text(answer)}\n")
            different += 1
    print(f"{len(compared)} answers, {different} differ")
    return 1 if forgotten or different else 0


if __name__ == "__main__":
    sys.exit(main())
