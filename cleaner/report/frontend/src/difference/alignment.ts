// Which words of two sequences answer each other, in bounded time.

import { diffArrays } from "diff";

export interface Stretch {
  /** `unmarked`: too different to be compared in time. */
  kind: "same" | "changed" | "unmarked";
  numOld: number;
  numNew: number;
}

/** A stretch that needs more changes is not compared: the time grows with their square. */
const MAX_CHANGES = 1000;
const MAX_MILLISECONDS = 300;
/** Words in a row that stand once in each sequence tie the two together there. */
const ANCHOR_WORDS = 3;

/**
 * Aligns two sequences of words. Neighbouring stretches differ in kind; those that changed come
 * whole, without an order between what is cut and what is added.
 *
 * Anchors as in patience diff part the sequences; the shortest list of changes (Myers, by jsdiff)
 * is made of what stands between them.
 */
export function alignWords(oldWords: string[], newWords: string[]): Stretch[] {
  const stretches: Stretch[] = [];
  const add = (kind: Stretch["kind"], numOld: number, numNew: number) => {
    const last = stretches.at(-1);
    if (numOld + numNew === 0) return;
    if (last?.kind !== kind) stretches.push({ kind, numOld, numNew });
    else Object.assign(last, { numOld: last.numOld + numOld, numNew: last.numNew + numNew });
  };
  const deadline = Date.now() + MAX_MILLISECONDS;
  const [before, after] = numberWords(oldWords, newWords);
  const compareGap = (gap: number[], newGap: number[]) => {
    if (!gap.length || !newGap.length) return add("changed", gap.length, newGap.length);
    const timeout = Math.max(0, deadline - Date.now());
    const changes = diffArrays(gap, newGap, { maxEditLength: MAX_CHANGES, timeout });
    if (!changes) return add("unmarked", gap.length, newGap.length);
    for (const { added, removed, count } of changes) {
      if (added) add("changed", 0, count);
      else if (removed) add("changed", count, 0);
      else add("same", count, count);
    }
  };
  let [oldAt, newAt] = [0, 0];
  for (const [oldAnchor, newAnchor] of findAnchors(before, after)) {
    compareGap(before.slice(oldAt, oldAnchor), after.slice(newAt, newAnchor));
    add("same", 1, 1);
    [oldAt, newAt] = [oldAnchor + 1, newAnchor + 1];
  }
  compareGap(before.slice(oldAt), after.slice(newAt));
  return stretches;
}

/** Gives equal words equal numbers, which compare faster. */
function numberWords(...sides: [string[], string[]]): [number[], number[]] {
  const numbers = new Map<string, number>();
  const number = (word: string) => {
    const known = numbers.get(word) ?? numbers.size;
    numbers.set(word, known);
    return known;
  };
  return [sides[0].map(number), sides[1].map(number)];
}

/** Where each run of `ANCHOR_WORDS` words begins that stands once; -1 for the others. */
function findUnique(words: number[], numWords: number): Map<number, number> {
  const places = new Map<number, number>();
  for (let at = 0; at + ANCHOR_WORDS <= words.length; at += 1) {
    let run = 0;
    for (let i = at; i < at + ANCHOR_WORDS; i += 1) run = run * numWords + (words[i] ?? 0);
    places.set(run, places.has(run) ? -1 : at);
  }
  return places;
}

/** Pairs of places that rise on both sides: the longest such list of the runs unique to both. */
function findAnchors(before: number[], after: number[]): [number, number][] {
  const numWords = before.length + after.length;
  const places = findUnique(after, numWords);
  const pairs: [number, number][] = [];
  for (const [run, at] of findUnique(before, numWords)) {
    const place = places.get(run) ?? -1;
    if (at >= 0 && place >= 0) pairs.push([at, place]);
  }
  // ends[n]: the pair with the lowest place that ends a rising list of n + 1 pairs.
  const ends: number[] = [];
  const previous: number[] = [];
  pairs.forEach(([, place], number) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] ?? 0]?.[1] ?? 0) < place) low = middle + 1;
      else high = middle;
    }
    previous.push(ends[low - 1] ?? -1);
    ends[low] = number;
  });
  const anchors: [number, number][] = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) {
    const pair = pairs[at];
    if (pair) anchors.push(pair);
  }
  return anchors.reverse();
}
