// Sums over outlets and their names, as the overview and the view of outlets show them.

import { showLine } from "./text";
import type { OutletSummary } from "./types";

const DUPLICATE = "duplicate";
const TRUNCATED = "truncated";

/** Words of a text by what became of them. */
export interface Words {
  kept: number;
  /** Main content of which another document keeps a copy. */
  shared: number;
  /** Articles that were left out because they were cut short. */
  truncated: number;
  boilerplate: number;
}

/** Splits words by kind of what was removed; what has no kind of its own here is boilerplate. */
export function splitWords(keptWords: number, removed: Record<string, number>): Words {
  const words: Words = { kept: keptWords, shared: 0, truncated: 0, boilerplate: 0 };
  for (const [kind, count] of Object.entries(removed)) {
    if (kind === DUPLICATE) words.shared += count;
    else if (kind === TRUNCATED) words.truncated += count;
    else words.boilerplate += count;
  }
  return words;
}

export function sumRemoved(outlets: readonly OutletSummary[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { removed } of outlets) {
    for (const [kind, count] of Object.entries(removed)) sums[kind] = (sums[kind] ?? 0) + count;
  }
  return sums;
}

/** The name of an outlet on one line; outlets without one are said to have none. */
export function nameOutlet(name: string | undefined, maxChars = 120): string {
  return showLine(name ?? "", maxChars) || "(no name)";
}

/** For each outlet, whether its name holds what is searched for; null if nothing is. */
export function findOutlets(lowered: readonly string[], search: string): Uint8Array | null {
  const wanted = search.trim().toLowerCase();
  if (!wanted) return null;
  const found = new Uint8Array(lowered.length);
  for (let at = 0; at < lowered.length; at++) found[at] = lowered[at]?.includes(wanted) ? 1 : 0;
  return found;
}
