// The words of a text, as a reader would count them.

const SPACED_WORD = /\S+\s*|^\s+/g;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
export const HAN = /\p{Script=Han}/u;
const OPENING = /^[\p{Ps}\p{Pi}\s]+$/u;
const WORD_CHAR = /[\p{L}\p{N}]/u;
const INVISIBLE = /[\s\u00ad\u200b\u2060\ufeff]/g;
const PLAIN = /^[\x21-\x7e]+\s*$/;
const DIGIT = /\p{Nd}/u;
const AROUND_FIGURE = /["'“”„‘’«»()[\]]+|[.,;:!?…。，]+$/gu;
const NOT_LETTERS =
  /[^\p{L}\p{N}\p{M}]|[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed]/gu;

/** Longer "words" are left as they are: normalizing takes time with the square of their marks. */
const MAX_NORMALIZED_CHARS = 300;

function normalize(word: string, form: "NFC" | "NFKD"): string {
  return word.length > MAX_NORMALIZED_CHARS ? word : word.normalize(form);
}

let segmenter: Intl.Segmenter | null | undefined;

/** The words of a text in a script without spaces; its characters where the browser knows none. */
function segment(text: string): string[] {
  if (segmenter === undefined) {
    segmenter = "Segmenter" in Intl ? new Intl.Segmenter("en", { granularity: "word" }) : null;
  }
  return segmenter ? Array.from(segmenter.segment(text), (part) => part.segment) : Array.from(text);
}

/** What of a word is compared: all that a reader can see. */
export function toKey(word: string): string {
  if (PLAIN.test(word)) return word.trimEnd();
  return normalize(word.replace(INVISIBLE, ""), "NFC");
}

/** Cuts a text into words with their punctuation and the white space after them, nothing left out. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let opening = "";
  const add = (part: string) => {
    if (words.length && !toKey(part)) words[words.length - 1] += part;
    else words.push(part);
  };
  for (const [spaced] of text.matchAll(SPACED_WORD)) {
    if (!UNSPACED.test(spaced)) {
      add(opening + spaced);
      opening = "";
      continue;
    }
    let isFirst = true;
    for (const part of segment(spaced)) {
      if (OPENING.test(part) && part.trim()) {
        opening += part;
      } else if (!isFirst && !opening && !WORD_CHAR.test(part)) {
        words[words.length - 1] += part;
      } else {
        add(opening + part);
        opening = "";
        isFirst = false;
      }
    }
  }
  if (opening) add(opening);
  // What is only white space at the beginning belongs to the first word.
  const [first, second] = words;
  if (first !== undefined && second !== undefined && !toKey(first)) words.splice(0, 2, first + second);
  return words;
}

/** A word without case, accents, apostrophes and punctuation, as the run compares words. */
export function foldWord(word: string): string {
  if (PLAIN.test(word)) return word.toLowerCase().replace(/[^a-z0-9]+/g, "");
  return normalize(word, "NFKD").toLowerCase().replace(NOT_LETTERS, "");
}

const SYMBOL = /\p{S}/u;

/** What of a word is more than typography: of a figure also its signs, `$1.5` is not `15`; else a symbol alone. */
export function foldTypography(word: string): string {
  if (!DIGIT.test(word)) return foldWord(word) || (SYMBOL.test(word) ? toKey(word) : "");
  return toKey(word).toLowerCase().replace(AROUND_FIGURE, "");
}
