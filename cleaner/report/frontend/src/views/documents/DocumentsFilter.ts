// Which documents a reader wants to see, and in which order: plain loops over the columns.

import type { DocumentIndex, Overview } from "../../data/types";
import type { Place } from "../../router";

export const FATES = {
  whole: "whole: nothing removed",
  cut: "a part removed",
  nothing: "nothing left",
} as const;

export const ORDERS = {
  input: "order of the input",
  words: "words, most first",
  kept: "share kept, least first",
  date: "date, earliest first",
} as const;

export type Fate = keyof typeof FATES;
export type Order = keyof typeof ORDERS;

export interface Filter {
  search: string;
  /** Names as the address has them; null for all. */
  outlet: string | null;
  fate: Fate | null;
  kind: string | null;
  truncated: string | null;
  order: Order;
}

/** What stands for any reason for which a document is truncated. */
export const ANY = "any";

function readChoice<T extends string>(value: string | null, choices: Record<T, string>): T | null {
  return value !== null && Object.hasOwn(choices, value) ? (value as T) : null;
}

export function readFilter({ query }: Place): Filter {
  return {
    search: (query.get("search") ?? "").trim().toLowerCase(),
    outlet: query.get("outlet") || null,
    fate: readChoice(query.get("fate"), FATES),
    kind: query.get("kind") || null,
    truncated: query.get("truncated") || null,
    order: readChoice(query.get("sort"), ORDERS) ?? "input",
  };
}

export function findFate(words: number, keptWords: number): Fate {
  if (!keptWords) return "nothing";
  return keptWords < words ? "cut" : "whole";
}

const lowered = new WeakMap<DocumentIndex, string[]>();

/** What a search looks into, of each document: made once, when first needed. */
function listSearched(documents: DocumentIndex, outlets: string[]): string[] {
  let found = lowered.get(documents);
  if (!found) {
    found = documents.source.map((source, at) =>
      `${source}\n${documents.title[at] ?? ""}\n${outlets[documents.outlet[at] ?? -1] ?? ""}`.toLowerCase(),
    );
    lowered.set(documents, found);
  }
  return found;
}

/** The numbers of the documents that a filter lets through, in its order. */
export function filterDocuments(documents: DocumentIndex, overview: Overview, filter: Filter): number[] {
  const names = overview.outlets.map(({ outlet }) => outlet);
  const searched = filter.search ? listSearched(documents, names) : null;
  const outlet = filter.outlet === null ? null : names.indexOf(filter.outlet);
  const kind = filter.kind === null ? null : overview.kinds.findIndex((entry) => entry.kind === filter.kind);
  const { words, keptWords, truncated } = documents;
  const found: number[] = [];
  const order = filter.order === "input" ? null : orderDocuments(documents, filter.order);
  for (let place = 0; place < documents.id.length; place++) {
    const at = order ? (order[place] ?? 0) : place;
    if (outlet !== null && documents.outlet[at] !== outlet) continue;
    if (filter.fate && findFate(words[at] ?? 0, keptWords[at] ?? 0) !== filter.fate) continue;
    if (filter.truncated && (filter.truncated === ANY ? !truncated[at] : truncated[at] !== filter.truncated)) continue;
    if (kind !== null && !documents.kinds[at]?.includes(kind)) continue;
    if (searched && !searched[at]?.includes(filter.search)) continue;
    found.push(at);
  }
  return found;
}

/** Documents that a sorted page can hold; keys and numbers share the 53 bits of a number. */
const MAX_DOCUMENTS = 2 ** 20;
const MAX_KEY = 2 ** 32;

const orders = new WeakMap<DocumentIndex, Map<Order, Uint32Array>>();

/** All documents in an order: made once, so that filters need not sort what they let through. */
function orderDocuments(documents: DocumentIndex, order: Order): Uint32Array {
  const known = orders.get(documents) ?? new Map<Order, Uint32Array>();
  orders.set(documents, known);
  let sorted = known.get(order);
  if (!sorted) known.set(order, (sorted = sortDocuments(documents, order)));
  return sorted;
}

/** Sorts by keys from 0 to `MAX_KEY`, ascending: as plain numbers, which no comparing function slows. */
function sortDocuments({ words, keptWords, published }: DocumentIndex, order: Order): Uint32Array {
  const packed = Float64Array.from(words, (count, at) => {
    let key: number;
    if (order === "words") key = Math.max(0, MAX_KEY - count);
    else if (order === "kept") key = Math.round(((keptWords[at] ?? 0) / Math.max(1, count)) * MAX_KEY);
    else key = rankDate(published[at] ?? null);
    return key * MAX_DOCUMENTS + at;
  });
  return Uint32Array.from(packed.sort(), (key) => key % MAX_DOCUMENTS);
}

const MINUTE = 60_000;

/** The minute of a date; documents without one come last. */
function rankDate(date: string | null): number {
  const moment = date ? Date.parse(date) : Number.NaN;
  if (Number.isNaN(moment)) return MAX_KEY;
  return Math.min(MAX_KEY - 1, Math.max(0, Math.floor(moment / MINUTE) + MAX_KEY / 2));
}
