// What became of the parts of a document's text, in a view: fates, counts, and what is in the page.

import type { Span, View, Wording } from "../../data/types";
import { type CodePoints, showName } from "../../data/text";

/** `shared` text is kept, and stands in another document too. */
export type Fate = "kept" | "shared" | "removed";

export function findFate(span: Span, view: View): Fate {
  if (!span.views[view]) return "removed";
  return span.relation !== null || span.cluster !== null || span.partner !== null ? "shared" : "kept";
}

/** White space that was cut at the edges of a text: nothing to read, so nothing to stop at. */
export function isStop(span: Span, view: View): boolean {
  return span.kind !== "whitespace" && findFate(span, view) !== "kept";
}

export const DUPLICATE = "duplicate";
export const MAIN = "main";

export function nameKind(kind: string, wording: Wording): string {
  if (kind === MAIN) return "main content";
  return wording.kinds[kind]?.label ?? showName(kind);
}

/** What stands in the text before a stretch that is not plainly kept. */
export function nameMark(span: Span, fate: Fate, wording: Wording): string {
  if (fate === "shared") {
    const name = span.relation === null ? null : (wording.relations[span.relation]?.name ?? showName(span.relation));
    return name ? `also elsewhere: ${name.toLowerCase()}` : "also elsewhere";
  }
  if (span.kind === DUPLICATE) return span.reason === "copy_of_document" ? "in a copy" : "stands elsewhere";
  return span.kind === MAIN ? "not in this view" : nameKind(span.kind, wording);
}

// By characters of scripts without spaces, else by runs of letters and digits, as the run counts.
const UNSPACED = "\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u3041-\\u30ff\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
const MARKS =
  "\\u0300-\\u036f\\u0483-\\u0487\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7\\u0610-\\u061a" +
  "\\u064b-\\u065f\\u0670\\u06d6-\\u06dc\\u06df-\\u06e4\\u06e7\\u06e8\\u06ea-\\u06ed" +
  "\\u0900-\\u0963\\u0966-\\u096f\\u0971-\\u0dff";
const LETTER = `(?:(?![${UNSPACED}])[\\p{L}\\p{N}${MARKS}])`;
const WORD = new RegExp(`[${UNSPACED}]|${LETTER}+(?:['’ʼ]${LETTER}+)*`, "gu");

export function countWords(text: string): number {
  let count = 0;
  for (const _ of text.matchAll(WORD)) count++;
  return count;
}

export interface FateCount {
  fate: Fate;
  /** Of removed text only. */
  kind: string | null;
  words: number;
  stretches: number;
}

/** Words by fate, and of what is removed by kind; the most words first, kept ones before. */
export function countFates(spans: Span[], words: number[], view: View): FateCount[] {
  const counts = new Map<string, FateCount>();
  spans.forEach((span, at) => {
    const fate = findFate(span, view);
    const kind = fate === "removed" ? span.kind : null;
    const key = `${fate} ${kind}`;
    const count = counts.get(key) ?? { fate, kind, words: 0, stretches: 0 };
    counts.set(key, { ...count, words: count.words + (words[at] ?? 0), stretches: count.stretches + 1 });
  });
  const order: Record<Fate, number> = { kept: 0, shared: 1, removed: 2 };
  return [...counts.values()].sort((a, b) => order[a.fate] - order[b.fate] || b.words - a.words);
}

export interface Range {
  begin: number;
  end: number;
}

/** Reads `120-260`: positions in code points, half-open. */
export function readRange(at: string | null, length: number): Range | null {
  const match = /^(\d{1,12})-(\d{1,12})$/.exec(at ?? "");
  if (!match) return null;
  const [begin, end] = [Number(match[1]), Math.min(Number(match[2]), length)];
  return begin < end ? { begin, end } : null;
}

/** The number of the span that holds a position. */
export function findSpan(spans: Span[], position: number): number {
  let low = 0;
  let high = spans.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((spans[middle]?.begin ?? 0) <= position) low = middle;
    else high = middle;
  }
  return low;
}

const MAX_CHARS = 200_000;
const MAX_SPANS = 2000;
const CHARS_BEFORE = 20_000;
const SPANS_BEFORE = 200;

/** Where the text that is put into the page ends if it begins at a position. */
export function findWindowEnd(spans: Span[], begin: number, length: number): number {
  const last = spans[findSpan(spans, begin) + MAX_SPANS];
  return Math.min(begin + MAX_CHARS, last?.begin ?? length, length);
}

export function findWindowBegin(spans: Span[], end: number): number {
  const first = spans[Math.max(0, findSpan(spans, end - 1) - MAX_SPANS + 1)];
  return Math.max(0, end - MAX_CHARS, first?.begin ?? 0);
}

/** The text around a place that is put into the page at first: long documents freeze a browser. */
export function findWindow(spans: Span[], position: number, length: number): Range {
  const before = spans[Math.max(0, findSpan(spans, position) - SPANS_BEFORE)];
  const begin = findWindowEnd(spans, 0, length) > position ? 0 : Math.max(0, position - CHARS_BEFORE, before?.begin ?? 0);
  return { begin, end: findWindowEnd(spans, begin, length) };
}

/** A stretch of one span, as it is put into the page. */
export interface Piece extends Range {
  span: number;
  /** It is the first of its span that is shown. */
  isFirst: boolean;
  /** It is in the range that the address names. */
  isAt: boolean;
}

/** Browsers lay a block out in time that can grow with its square: text is put into several. */
const BLOCK_CHARS = 4000;

/** Where a text is cut into blocks: before a line's end, else at white space, else anywhere. */
export function findBreaks(text: CodePoints, { begin, end }: Range): number[] {
  const breaks: number[] = [];
  let from = begin;
  while (end - from > 2 * BLOCK_CHARS) {
    const chars = Array.from(text.slice(from + BLOCK_CHARS, from + 2 * BLOCK_CHARS));
    const line = chars.indexOf("\n");
    const blank = line < 0 ? chars.lastIndexOf(" ") + 1 : line;
    from += BLOCK_CHARS + (blank || BLOCK_CHARS);
    breaks.push(from);
  }
  return breaks;
}

/** Cuts the shown text by its spans, and into blocks; a range is cut off where it begins and ends. */
export function cutBlocks(spans: Span[], shown: Range, breaks: number[], at: Range | null): Piece[][] {
  const blocks: Piece[][] = [[]];
  const ranges = at ? [at.begin, at.end] : [];
  for (let number = findSpan(spans, shown.begin); number < spans.length; number++) {
    const span = spans[number];
    if (!span || span.begin >= shown.end) break;
    const begin = Math.max(span.begin, shown.begin);
    const end = Math.min(span.end, shown.end);
    const next = breaks[blocks.length - 1] ?? shown.end;
    const inside = next < end ? breaks.slice(blocks.length - 1) : [];
    const cuts = [...inside, ...ranges].filter((cut) => begin < cut && cut < end).sort((a, b) => a - b);
    let from = begin;
    for (const to of [...cuts, end]) {
      if (from === to) continue;
      if (from >= (breaks[blocks.length - 1] ?? shown.end)) blocks.push([]);
      const isAt = at !== null && at.begin <= from && to <= at.end;
      blocks.at(-1)?.push({ begin: from, end: to, span: number, isFirst: from === begin, isAt });
      from = to;
    }
  }
  return blocks;
}

/** Splits off the white space before a stretch, so that a mark stands right before its words. */
export function splitLead(text: CodePoints, { begin, end }: Range): [lead: string, rest: string] {
  const whole = text.slice(begin, end);
  const rest = whole.trimStart();
  return [whole.slice(0, whole.length - rest.length), rest];
}
