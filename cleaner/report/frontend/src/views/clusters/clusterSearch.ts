// Which clusters match the filters of the list, and in which order.

import type { ClusterIndex } from "../../data/types";
import { showLine } from "../../data/text";

export const SORTS: Record<string, string> = {
  whole: "whole articles, then passages",
  members: "most documents first",
  outlets: "most outlets first",
  words: "longest passage first",
  similarity: "least similar first",
  earliest: "earliest first",
  latest: "latest first",
  days: "longest time between first and last",
};

/** The order of the index itself. */
const DEFAULT_SORT = "whole";

/** The keys of the address that filter or order the list. */
export const FILTER_KEYS = [
  "q",
  "outlet",
  "outlet2",
  "relation",
  "from",
  "to",
  "members",
  "outlets",
  "low",
  "high",
  "sort",
] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

/** What the reader set, as it stands in the address; empty if not set. */
export type Filters = Record<FilterKey, string>;

export function readFilters(query: URLSearchParams): Filters {
  const filters = Object.fromEntries(FILTER_KEYS.map((key) => [key, query.get(key) ?? ""])) as Filters;
  return { ...filters, sort: Object.hasOwn(SORTS, filters.sort) ? filters.sort : DEFAULT_SORT };
}

/** The filters as a query without those that are not set; empty if none is. */
export function writeFilters(filters: Filters): string {
  const set = FILTER_KEYS.filter((key) => filters[key] && !(key === "sort" && filters[key] === DEFAULT_SORT));
  return new URLSearchParams(set.map((key): [string, string] => [key, filters[key]])).toString();
}

export interface Found {
  /** Numbers of the clusters, in order. */
  clusters: Uint32Array;
  /** By relation, how many match the other filters. */
  relations: Map<string, number>;
}

/** What a search compares: without case and accents. */
function foldText(text: string): string {
  const lower = text.toLowerCase();
  // Control characters are what is looked for.
  return /^[\x00-\x7f]*$/.test(lower) ? lower : lower.normalize("NFD").replace(/[\u0300-\u036f]/g, "");
}

/** Columns that are made of an index once they are needed, and the orders of its clusters. */
class Columns {
  private readonly orders = new Map<string, Uint32Array>();
  private folded: string[] | null = null;

  constructor(private readonly index: ClusterIndex) {}

  get headings(): string[] {
    this.folded ??= this.index.heading.map(foldText);
    return this.folded;
  }

  order(sort: string): Uint32Array {
    let order = this.orders.get(sort);
    if (!order) this.orders.set(sort, (order = this.sort(this.read(sort))));
    return order;
  }

  private sort(list: number[]): Uint32Array {
    const order = new Uint32Array(this.index.id.length).map((_, number) => number);
    const values = Float64Array.from(list);
    return list.length === 0 ? order : order.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
  }

  /** What the clusters are ordered by, ascending; empty for the order of the index. */
  private read(sort: string): number[] {
    const { members, outlets, words, minSimilarity, first, last } = this.index;
    const time = (moment: string | null) => (moment === null ? Number.NaN : Date.parse(moment));
    const known = (value: number) => (Number.isNaN(value) ? Number.MAX_VALUE : value);
    if (sort === "outlets") return outlets.map((list) => -list.length);
    if (sort === "words") return words.map((number) => -number);
    if (sort === "similarity") return minSimilarity;
    if (sort === "earliest") return first.map((moment) => known(time(moment)));
    if (sort === "latest") return last.map((moment) => known(-time(moment)));
    if (sort === "days") return first.map((moment, i) => known(time(moment) - time(last[i] ?? null)));
    if (sort === "members") return members.map((number) => -number);
    return [];
  }
}

const columns = new WeakMap<ClusterIndex, Columns>();

function columnsOf(index: ClusterIndex): Columns {
  let found = columns.get(index);
  if (!found) columns.set(index, (found = new Columns(index)));
  return found;
}

/** The outlets that a name means: the one called so, else those with it in their names. */
function matchOutlets(names: string[], wanted: string): Uint8Array | null {
  if (!wanted) return null;
  const folded = names.map((name) => foldText(showLine(name)));
  const name = foldText(showLine(wanted));
  const isExact = folded.includes(name);
  return Uint8Array.from(folded, (other) => Number(isExact ? other === name : other.includes(name)));
}

function hasAny(numbers: number[], matching: Uint8Array): boolean {
  for (const number of numbers) if (matching[number]) return true;
  return false;
}

/** Reads a number that the reader typed; what is none does not filter. */
function readNumber(text: string, otherwise: number): number {
  const value = text.trim() === "" ? Number.NaN : Number(text.replace(",", "."));
  return Number.isFinite(value) ? value : otherwise;
}

/** Finds the clusters that match all filters; `names` are those of the outlets. */
export function findClusters(index: ClusterIndex, names: string[], filters: Filters): Found {
  const lists = columnsOf(index);
  const order = lists.order(filters.sort);
  const words = foldText(filters.q).split(/\s+/).filter(Boolean);
  const folded = names.map(foldText);
  const terms = words.map((term) => ({ term, named: Uint8Array.from(folded, (name) => Number(name.includes(term))) }));
  const headings = terms.length ? lists.headings : [];
  const sides = [matchOutlets(names, filters.outlet), matchOutlets(names, filters.outlet2)];
  const wanted = sides.filter((side) => side !== null);
  const relations = new Set(filters.relation.split(",").filter(Boolean));
  const minMembers = readNumber(filters.members, 0);
  const minOutlets = readNumber(filters.outlets, 0);
  const low = readNumber(filters.low, 0) / 100;
  const high = readNumber(filters.high, 100) / 100;
  const { from, to } = filters;
  const lastMoment = `${to}~`;
  const found = new Uint32Array(order.length);
  const counts = new Map<string, number>();
  let numFound = 0;
  for (const cluster of order) {
    if ((index.members[cluster] ?? 0) < minMembers) continue;
    const outlets = index.outlets[cluster] ?? [];
    if (outlets.length < minOutlets) continue;
    const similarity = index.minSimilarity[cluster] ?? 0;
    if (similarity < low || similarity > high) continue;
    if (from || to) {
      const [first, last] = [index.first[cluster], index.last[cluster]];
      if (!first || !last || (from && last < from) || (to && first > lastMoment)) continue;
    }
    if (wanted.length && !wanted.every((side) => hasAny(outlets, side))) continue;
    if (terms.length) {
      const heading = headings[cluster] ?? "";
      if (!terms.every(({ term, named }) => heading.includes(term) || hasAny(outlets, named))) continue;
    }
    const relation = index.relation[cluster] ?? "";
    counts.set(relation, (counts.get(relation) ?? 0) + 1);
    if (relations.size && !relations.has(relation)) continue;
    found[numFound] = cluster;
    numFound += 1;
  }
  return { clusters: found.subarray(0, numFound), relations: counts };
}
