// Who ran a cluster first, as far as the dates of its members tell.

import { formatQuantity } from "../../data/text";

export interface Run {
  outlet: number;
  /** ISO 8601 in UTC: a moment, a day, or nothing. */
  published: string | null;
}

export interface Order {
  /** Outlets that ran it first: more than one if their dates do not tell which of them. */
  outlets: number[];
  published: string;
  /** A day is all that is known of some of that day, so that any of `outlets` may be the first. */
  isDayOnly: boolean;
  /** Outlets that ran it after those. */
  numFollowing: number;
  /** How long after the first the last one was, in words; empty if it cannot be told. */
  within: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Times that are no further apart do not tell who was first: clocks of outlets differ by up to an hour. */
const TOLERANCE = HOUR;

function isMoment(published: string): boolean {
  return published.includes("T");
}

function dayOf(published: string): string {
  return published.slice(0, 10);
}

function describeSpan(begin: string, end: string): string {
  if (!isMoment(begin) || !isMoment(end)) {
    const days = Math.round((Date.parse(dayOf(end)) - Date.parse(dayOf(begin))) / DAY);
    return days ? `within ${formatQuantity(days, "day")}` : "on the same day";
  }
  const span = Date.parse(end) - Date.parse(begin);
  if (span < HOUR) return `within ${formatQuantity(Math.max(1, Math.ceil(span / MINUTE)), "minute")}`;
  if (span < DAY) return `within ${formatQuantity(Math.ceil(span / HOUR), "hour")}`;
  return `within ${formatQuantity(Math.ceil(span / DAY), "day")}`;
}

/** Tells who was first; null if no member has a date. */
export function findOrder(runs: Run[]): Order | null {
  const dated = runs.flatMap(({ outlet, published }) => (published ? [{ outlet, published }] : []));
  const days = dated.map(({ published }) => dayOf(published)).sort();
  const [firstDay] = days;
  if (firstDay === undefined) return null;
  const onFirstDay = dated.filter(({ published }) => dayOf(published) === firstDay);
  const isDayOnly = onFirstDay.some(({ published }) => !isMoment(published));
  const moments = onFirstDay.map(({ published }) => Date.parse(published));
  const earliest = moments.reduce((least, moment) => Math.min(least, moment), Infinity);
  const first = onFirstDay.filter((_, at) => isDayOnly || (moments[at] ?? 0) - earliest <= TOLERANCE);
  const outlets = [...new Set(first.map(({ outlet }) => outlet))];
  const published = isDayOnly ? firstDay : (first[0]?.published ?? firstDay);
  const later = dated.filter(({ outlet }) => !outlets.includes(outlet));
  const last = later.reduce((latest, run) => (run.published > latest ? run.published : latest), "");
  const numFollowing = new Set(later.map(({ outlet }) => outlet)).size;
  return { outlets, published, isDayOnly, numFollowing, within: last && describeSpan(published, last) };
}
