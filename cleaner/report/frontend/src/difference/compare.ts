// In which words a text differs from another one, and which of them change what it says.
//
// Words are compared with their punctuation; white space, invisible characters and how an accent is
// encoded never count. Plain functions without the page, so that they can be tried by themselves.

import { alignWords } from "./alignment";
import { type Fact, findFacts, findHints, type Hints, isWholeSentence, readSide } from "./facts";
import { foldTypography, toKey } from "./words";

export { type Fact, FACTS } from "./facts";

/** A stretch of two texts. The pieces in order are both texts. */
export interface Piece {
  /**
   * `same` in both; `cut`: only in the base; `added`: only in the other text; `unmarked`: not
   * compared, because the texts differ too much or one of them breaks off here.
   */
  kind: "same" | "cut" | "added" | "unmarked";
  /** As it stands in the base; empty if it is added. */
  base: string;
  /** As it stands in the other text; empty if it is cut. */
  text: string;
  fact: Fact | null;
  /** The change is one of punctuation, capitals or accents only. */
  isTypography: boolean;
  words: number;
}

const NO_MARK = { fact: null, isTypography: false };

/** Whether wordings differ in nothing but punctuation, capitals and accents; `1 p.m.` is `1pm`. */
function isTypographic(cut: string[], added: string[]): boolean {
  return cut.map(foldTypography).join("") === added.map(foldTypography).join("");
}

/** Parts words that are aligned into those that are the same and those written otherwise. */
function* joinAligned(base: string[], text: string[]): Generator<Piece> {
  const isEqual = base.map((word, at) => toKey(word) === toKey(text[at] ?? ""));
  for (let begin = 0, end = 0; begin < base.length; begin = end) {
    while (end < base.length && isEqual[end] === isEqual[begin]) end += 1;
    const sides = { base: base.slice(begin, end).join(""), text: text.slice(begin, end).join("") };
    if (isEqual[begin]) {
      yield { kind: "same", ...sides, ...NO_MARK, words: end - begin };
    } else {
      const mark = { fact: null, isTypography: true, words: end - begin };
      yield { kind: "cut", base: sides.base, text: "", ...mark };
      yield { kind: "added", base: "", text: sides.text, ...mark };
    }
  }
}

function* joinWords(
  kind: "cut" | "added",
  words: string[],
  facts: (Fact | null)[],
  isTypography: boolean,
): Generator<Piece> {
  for (let begin = 0, end = 0; begin < words.length; begin = end) {
    const fact = facts[begin] ?? null;
    while (end < words.length && facts[end] === fact) end += 1;
    const joined = words.slice(begin, end).join("");
    const sides = kind === "cut" ? { base: joined, text: "" } : { base: "", text: joined };
    yield { kind, ...sides, fact, isTypography, words: end - begin };
  }
}

/**
 * Says how a text differs from a base, as pieces that cover both in order.
 *
 * Of a change, what is cut comes before what is added. `negations` are folded words. What differs
 * too much to be compared in time is `unmarked`.
 */
export function compareTexts(base: string, text: string, negations: Set<string>): Piece[] {
  const [old, now] = [readSide(base), readSide(text)];
  const pieces: Piece[] = [];
  let hints: Hints | null = null;
  let [oldAt, newAt] = [0, 0];
  for (const { kind, numOld, numNew } of alignWords(old.keys, now.keys)) {
    const [oldBegin, newBegin] = [oldAt, newAt];
    const cut = old.words.slice(oldAt, (oldAt += numOld));
    const added = now.words.slice(newAt, (newAt += numNew));
    if (kind === "same") {
      pieces.push(...joinAligned(cut, added));
    } else if (kind === "unmarked") {
      pieces.push({ kind, base: cut.join(""), text: added.join(""), ...NO_MARK, words: added.length });
    } else {
      hints ??= findHints(old, now, negations);
      const isSentence =
        (!numNew && isWholeSentence(old, oldBegin, oldAt)) || (!numOld && isWholeSentence(now, newBegin, newAt));
      const isLight = isTypographic(cut, added);
      const [cutFacts, addedFacts] = findFacts(cut, added, hints, isSentence);
      pieces.push(...joinWords("cut", cut, cutFacts, isLight), ...joinWords("added", added, addedFacts, isLight));
    }
  }
  return pieces;
}

/**
 * Takes the marks off the end of a comparison of texts that were cut: what one has beyond the
 * other's end may stand in the part of the other that is not there.
 */
export function unmarkEnd(pieces: Piece[], isBaseCut: boolean, isTextCut: boolean): Piece[] {
  if (!isBaseCut && !isTextCut) return pieces;
  let end = pieces.length;
  while (pieces[end - 1] && pieces[end - 1]?.kind !== "same") end -= 1;
  return pieces.map((piece, at) => (at < end ? piece : { ...piece, kind: "unmarked", ...NO_MARK }));
}

export interface Change {
  /** Changes about facts, by what they are about. */
  facts: Map<Fact, number>;
  /** Words that only one side has. */
  cutWords: number;
  addedWords: number;
  /** Words with other punctuation, capitals or accents. */
  typographyWords: number;
  /** Not all was compared. */
  isUnmarked: boolean;
}

/** Counts what a comparison found. */
export function countChanges(pieces: Piece[]): Change {
  const facts = new Map<Fact, number>();
  const change: Change = { facts, cutWords: 0, addedWords: 0, typographyWords: 0, isUnmarked: false };
  // Of one change, what is cut and what is added counts once.
  let [numCut, numAdded] = [new Map<Fact, number>(), new Map<Fact, number>()];
  let [lightCut, lightAdded] = [0, 0];
  for (const [at, { kind, fact, isTypography, words }] of pieces.entries()) {
    const isCut = kind === "cut";
    if (kind === "unmarked") change.isUnmarked = true;
    if (!isCut && kind !== "added") continue;
    if (isTypography && isCut) lightCut += words;
    else if (isTypography) lightAdded += words;
    else if (isCut) change.cutWords += words;
    else change.addedWords += words;
    const numbers = isCut ? numCut : numAdded;
    if (fact) numbers.set(fact, (numbers.get(fact) ?? 0) + 1);
    const next = pieces[at + 1]?.kind;
    if (next === "cut" || next === "added") continue;
    for (const name of new Set([...numCut.keys(), ...numAdded.keys()])) {
      const number = Math.max(numCut.get(name) ?? 0, numAdded.get(name) ?? 0);
      facts.set(name, (facts.get(name) ?? 0) + number);
    }
    change.typographyWords += Math.max(lightCut, lightAdded);
    [numCut, numAdded] = [new Map(), new Map()];
    [lightCut, lightAdded] = [0, 0];
  }
  return change;
}

/** Whether two texts have the same words, whatever white space stands between them. */
export function isSameText(pieces: Piece[]): boolean {
  return pieces.every(({ kind }) => kind === "same");
}
