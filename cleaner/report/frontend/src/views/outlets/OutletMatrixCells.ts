// The cells of the matrix of outlets: which outlets it has, how strong each cell is, and where keys lead.

import { nameOutlet } from "../../data/outlets";
import { formatQuantity } from "../../data/text";
import type { OutletData, OutletSummary } from "../../data/types";
import { link } from "../../router";

/** Outlets that the matrix has at most. */
export const MAX_OUTLETS = 25;
const OPACITIES = [0.12, 0.28, 0.46, 0.68, 0.95];

export interface Cell {
  from: number;
  to: number;
  /** Words that the one ran first and the other later or, if there are none, that both ran undated. */
  words: number;
  isDirected: boolean;
  title: string;
  address: string;
  /** Which of the steps of the legend it is in. */
  step: number;
}

/** Numbers of the outlets with most text that others have too, the most first. */
export function rankOutlets({ shared, undirected }: OutletData, count: number): number[] {
  const sums = new Float64Array(count);
  const add = (outlet: number, words: number) => (sums[outlet] = (sums[outlet] ?? 0) + words);
  for (const { from, to, words } of shared) if (from !== to) add(from, words), add(to, words);
  for (const { left, right, words } of undirected) if (left !== right) add(left, words), add(right, words);
  const ranked: number[] = [];
  for (let at = 0; at < count; at++) if (sums[at]) ranked.push(at);
  ranked.sort((a, b) => (sums[b] ?? 0) - (sums[a] ?? 0) || a - b);
  return ranked.slice(0, MAX_OUTLETS);
}

/** Least words of each step of the legend: round numbers, evenly spaced in logarithms. */
function findSteps(cells: readonly { words: number }[]): number[] {
  const least = cells.reduce((least, { words }) => Math.min(least, words), Infinity);
  const most = cells.reduce((most, { words }) => Math.max(most, words), 0);
  const steps = [least];
  for (let at = 1; at < OPACITIES.length; at++) {
    const bound = least * (most / (least || 1)) ** (at / OPACITIES.length);
    const unit = 10 ** Math.floor(Math.log10(Math.max(1, bound)));
    const round = Math.round(bound / unit) * unit;
    if (round > (steps.at(-1) ?? 0) && round <= most) steps.push(round);
  }
  return steps;
}

/** How strong the colour of a step of the legend is. */
export function pickOpacity(step: number, numSteps: number): number {
  return OPACITIES[OPACITIES.length - numSteps + step] ?? 1;
}

interface Count {
  words: number;
  passages: number;
}

function say({ words, passages }: Count): string {
  return `${formatQuantity(words, "word")} in ${formatQuantity(passages, "passage")}`;
}

/** Builds the cells in reading order, which is also that of the keyboard, and the steps of the legend. */
export function buildCells(
  outlets: readonly OutletSummary[],
  { shared, undirected }: OutletData,
  ranked: readonly number[],
): [Cell[], number[]] {
  const places = new Map(ranked.map((outlet, at) => [outlet, at]));
  const key = (from: number, to: number) => (places.get(from) ?? 0) * ranked.length + (places.get(to) ?? 0);
  const isShown = (from: number, to: number) => from !== to && places.has(from) && places.has(to);
  const known = new Map<number, Count>();
  const unknown = new Map<number, Count>();
  for (const pair of shared) if (isShown(pair.from, pair.to)) known.set(key(pair.from, pair.to), pair);
  for (const pair of undirected) {
    if (!isShown(pair.left, pair.right)) continue;
    unknown.set(key(pair.left, pair.right), pair);
    unknown.set(key(pair.right, pair.left), pair);
  }
  const cells: Cell[] = [];
  for (const from of ranked) {
    for (const to of ranked) {
      const [first, either] = [known.get(key(from, to)), unknown.get(key(from, to))];
      const shown = first ?? either;
      if (!shown) continue;
      const [row, column] = [nameOutlet(outlets[from]?.outlet, 60), nameOutlet(outlets[to]?.outlet, 60)];
      const said = [
        first ? `${row} ran it first, ${column} later: ${say(first)}` : "",
        either ? `${row} and ${column}, dates do not tell who was first: ${say(either)}` : "",
      ];
      cells.push({
        from,
        to,
        words: shown.words,
        isDirected: first !== undefined,
        step: 0,
        title: said.filter(Boolean).join("; "),
        address: link("clusters", null, { outlet: outlets[from]?.outlet, outlet2: outlets[to]?.outlet }),
      });
    }
  }
  const steps = cells.length ? findSteps(cells) : [];
  for (const cell of cells) cell.step = Math.max(0, steps.filter((bound) => cell.words >= bound).length - 1);
  return [cells, steps];
}

/** The number of the cell that an arrow key leads to: the next one in reading order, or in the column. */
export function findNext(cells: readonly Cell[], at: number, key: string): number {
  if (key === "ArrowRight") return at + 1;
  if (key === "ArrowLeft") return at - 1;
  const step = key === "ArrowDown" ? 1 : -1;
  for (let other = at + step; other >= 0 && other < cells.length; other += step) {
    if (cells[other]?.to === cells[at]?.to) return other;
  }
  return at;
}
