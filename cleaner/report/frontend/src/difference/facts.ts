// Which of the words that differ change what a text says: figures, names and negations.

import { foldTypography, foldWord, HAN, splitWords, toKey } from "./words";

/** What a change is about. Where most nouns have a capital (German), a name is only `noun`. */
export type Fact = "figure" | "name" | "noun" | "negation";

export const FACTS: Record<Fact, { label: string; one: string; many: string }> = {
  figure: { label: "figure", one: "1 figure", many: "figures" },
  name: { label: "name", one: "1 name", many: "names" },
  noun: { label: "name or noun", one: "1 name or noun", many: "names or nouns" },
  negation: { label: "negation", one: "a negation", many: "negations" },
};

/** In longer changes single words do not answer each other: for figures by hand, else as in the run. */
const MAX_FACT_WORDS = 5;
const MAX_FIGURE_WORDS = 10;
/** Where more words than this have a capital (headlines), or a German word as common as these stands
 * among so many words, a capital does not tell a name. */
const COMMON_CAPITALS = 0.5;
const GERMAN_WORD = /(?<!\p{L})(?:und|nicht|ist|sind|wurden?|eine[nmrs]?|für|zum|zur|auf|mit)(?!\p{L})/gu;
const WORDS_PER_GERMAN_WORD = 25;

const DIGIT = /\p{Nd}/gu;
const SENTENCE_END = /[.!?…:。！？](?:["'”’»)\]]|\s)*$/u;
const INITIAL = /^\P{L}*\p{Lu}\p{L}{0,2}\.\s*$/u;
const CAPITAL = /^[([]*\p{Lu}/u;
const AFTER_MARK = /^[([]*[“„"«‹‘'•–—-]+\p{Lu}/u;

export interface Side {
  words: string[];
  /** What each word is aligned by. */
  keys: string[];
  /** Folded words that have a capital inside a sentence. */
  capitals: Set<string>;
  /** Words that stand inside a sentence, and how many of them have a capital. */
  numInside: number;
  numCapitals: number;
}

function isInside(words: string[], at: number): boolean {
  const before = words[at - 1];
  if (before === undefined || /[\n\r]/.test(before)) return false;
  return (!SENTENCE_END.test(before) || INITIAL.test(before)) && !AFTER_MARK.test(words[at] ?? "");
}

export function readSide(text: string): Side {
  const words = toKey(text) ? splitWords(text) : [];
  return {
    words,
    keys: words.map((word) => foldTypography(word) || toKey(word)),
    capitals: new Set(),
    numInside: 0,
    numCapitals: 0,
  };
}

function findCapitals(side: Side): void {
  side.words.forEach((word, at) => {
    if (!isInside(side.words, at)) return;
    side.numInside += 1;
    if (!CAPITAL.test(word) || /^\P{L}*I['’]/u.test(word)) return;
    const folded = foldWord(word);
    if (folded.length < 2) return;
    side.numCapitals += 1;
    side.capitals.add(folded);
  });
}

export interface Hints {
  negations: Set<string>;
  names: Set<string>;
  nameFact: "name" | "noun";
}

export function findHints(base: Side, other: Side, negations: Set<string>): Hints {
  for (const side of [base, other]) findCapitals(side);
  const share = (base.numCapitals + other.numCapitals) / Math.max(1, base.numInside + other.numInside);
  const isGerman = [base, other].some(({ words }) => {
    const numGerman = words.join("").match(GERMAN_WORD)?.length ?? 0;
    return numGerman * WORDS_PER_GERMAN_WORD >= words.length && numGerman > 0;
  });
  const names = new Set([...base.capitals, ...other.capitals]);
  return { negations, names, nameFact: isGerman || share > COMMON_CAPITALS ? "noun" : "name" };
}

function readDigits(word: string): string {
  return (word.match(DIGIT) ?? []).join("");
}

function countNegations(word: string, negations: Set<string>): number {
  if (negations.has(foldWord(word))) return 1;
  return HAN.test(word) ? Array.from(word).filter((char) => negations.has(char)).length : 0;
}

/** The words of one side that a test holds for and the other side does not have. */
function markMissing(words: string[], others: string[], read: (word: string) => string): boolean[] {
  const known = new Set(others.map(read));
  return words.map((word) => read(word) !== "" && !known.has(read(word)));
}

/**
 * What each word of a change is about: first of those cut, then of those added. A whole sentence
 * that one side leaves out (`isSentence`) does not turn another one round.
 */
export function findFacts(
  cut: string[],
  added: string[],
  hints: Hints,
  isSentence: boolean,
): [(Fact | null)[], (Fact | null)[]] {
  const facts: [(Fact | null)[], (Fact | null)[]] = [cut.map(() => null), added.map(() => null)];
  const sides = [cut, added];
  const mark = (fact: Fact, marked: boolean[][]) =>
    marked.forEach((side, i) => side.forEach((isMarked, at) => isMarked && facts[i] && (facts[i][at] = fact)));
  const markBoth = (read: (word: string) => string) => [markMissing(cut, added, read), markMissing(added, cut, read)];
  const length = Math.max(cut.length, added.length);
  const isShort = length <= MAX_FACT_WORDS;
  if (isShort && cut.length && added.length) {
    const { names, nameFact } = hints;
    mark(
      nameFact,
      markBoth((word) => (names.has(foldWord(word)) && /\p{Lu}/u.test(word) ? foldWord(word) : "")),
    );
  }
  if (isShort && !isSentence) {
    const marks = sides.map((side) => side.map((word) => countNegations(word, hints.negations)));
    const [numCut, numAdded] = marks.map((side) => side.reduce((sum, count) => sum + count, 0));
    if (numCut !== numAdded)
      mark(
        "negation",
        marks.map((side) => side.map((count) => count > 0)),
      );
  }
  // A figure that one side leaves out does not contradict the other; `4.20pm` is `4.20 p.m.`
  const [cutDigits, addedDigits] = sides.map((side) => side.map(readDigits).join(""));
  if (length <= MAX_FIGURE_WORDS && cutDigits && addedDigits && cutDigits !== addedDigits) {
    const marked = markBoth(readDigits);
    const isOrder = !marked.flat().includes(true);
    mark("figure", isOrder ? sides.map((side) => side.map((word) => readDigits(word) !== "")) : marked);
  }
  return facts;
}

/** Whether words that stand on one side only are whole sentences. */
export function isWholeSentence(side: Side, begin: number, end: number): boolean {
  return end > begin && !isInside(side.words, begin) && SENTENCE_END.test(side.words[end - 1] ?? "");
}
