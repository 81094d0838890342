// The file of verdicts, as `clean judge` reads and writes it: one JSON object a line.

export type Verdict = "same" | "different" | "boilerplate";

export interface VerdictSide {
  document: string;
  source: string;
  begin: number;
  end: number;
  words: number;
  digest: string;
}

export interface VerdictLine {
  verdict: Verdict;
  left: VerdictSide;
  right: VerdictSide;
  level: string;
  /** The pair was drawn by chance among the accepted ones, so it counts for precision. */
  sample: boolean;
  note: string;
}

/** Verdicts by `namePair`. */
export type Verdicts = ReadonlyMap<string, VerdictLine>;

export const VERDICTS: readonly Verdict[] = ["same", "different", "boilerplate"];
const LEVELS = ["document", "sentence", "quotation"];
const MAX_POSITION = 2 ** 40;
const DIGEST = /^[0-9a-f]{16}$/;
const FIELDS = new Set(["verdict", "left", "right", "level", "sample", "note"]);
const SIDE_FIELDS = new Set(["document", "source", "begin", "end", "words", "digest"]);

/** Says which line of a file is wrong, and what is wrong with it. */
export class VerdictsError extends Error {}

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuse(problem: string): never {
  throw new VerdictsError(problem);
}

function checkFields(fields: Fields, known: ReadonlySet<string>, where: string): void {
  const unknown = Object.keys(fields).find((name) => !known.has(name));
  if (unknown !== undefined) refuse(`${where} has an unknown field “${unknown.slice(0, 60)}”; leave it out`);
}

function readNumber(fields: Fields, name: string, min: number, where: string): number {
  const value = fields[name];
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > MAX_POSITION) {
    refuse(`${where}: “${name}” must be a whole number from ${min}`);
  }
  return value;
}

function readText(fields: Fields, name: string, where: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : refuse(`${where}: “${name}” must be a text`);
}

function readSide(value: unknown, name: "left" | "right"): VerdictSide {
  if (!isObject(value)) refuse(`“${name}” must be an object; see docs/formats.md for its fields`);
  checkFields(value, SIDE_FIELDS, `“${name}”`);
  const where = `“${name}”`;
  const side = {
    document: readText(value, "document", where) || refuse(`${where}: “document” is empty`),
    source: readText(value, "source", where),
    begin: readNumber(value, "begin", 0, where),
    end: readNumber(value, "end", 1, where),
    words: readNumber(value, "words", 1, where),
    digest: readText(value, "digest", where),
  };
  if (!DIGEST.test(side.digest)) refuse(`${where}: “digest” must be 16 hexadecimal digits`);
  if (side.begin >= side.end) refuse(`${where}: begin ${side.begin} is not below end ${side.end}; swap them`);
  return side;
}

/** Reads what a line says, apart from its verdict: so come the pairs of the page. */
export function readPairLine(fields: Fields): Omit<VerdictLine, "verdict"> {
  checkFields(fields, FIELDS, "the line");
  const left = readSide(fields.left, "left");
  const right = readSide(fields.right, "right");
  const { sample = false, note = "" } = fields;
  const level = LEVELS.find((known) => known === fields.level) ?? refuse(`“level” must be one of ${LEVELS.join(", ")}`);
  if (left.document === right.document) {
    refuse(`both sides are of the document ${left.document.slice(0, 60)}; a verdict is about two documents: leave the line out`);
  }
  if (typeof sample !== "boolean") refuse("“sample” must be true or false");
  if (typeof note !== "string") refuse("“note” must be a text");
  return { left, right, level, sample, note };
}

function readLine(line: string): VerdictLine {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return refuse("this is not JSON; write one JSON object a line, or leave the line out");
  }
  if (!isObject(fields)) return refuse("this is no JSON object; write one a line, or leave the line out");
  const given = fields.verdict;
  const verdict = VERDICTS.find((known) => known === given) ?? refuse(`“verdict” must be one of ${VERDICTS.join(", ")}`);
  return { verdict, ...readPairLine(fields) };
}

/** Names a pair, whichever side is the left one. */
export function namePair({ left, right }: Pick<VerdictLine, "left" | "right">): string {
  const [one, other] = [left, right].map(({ document, begin, end }) => JSON.stringify([document, begin, end]));
  return String(one) < String(other) ? `${one} ${other}` : `${other} ${one}`;
}

function checkHeader(line: string, header: Fields): void {
  let found: unknown;
  try {
    found = JSON.parse(line);
  } catch {
    found = null;
  }
  if (!isObject(found) || found.format !== header.format) {
    refuse(`Line 1: this is no file of verdicts; its first line must be ${render(header)}.`);
  }
  if (found.version !== header.version) {
    refuse(`Line 1: this version of the format is not known here; the first line must be ${render(header)}.`);
  }
}

/**
 * Reads a file of verdicts.
 *
 * Throws a `VerdictsError` that says which line is wrong if one is: nothing is read then.
 */
export function readVerdicts(text: string, header: Fields): Map<string, VerdictLine> {
  const [first = "", ...lines] = text.replace(/^\ufeff/, "").split("\n");
  checkHeader(first, header);
  const found = new Map<string, VerdictLine>();
  const numbers = new Map<string, number>();
  lines.forEach((line, at) => {
    if (!line.trim()) return;
    try {
      const verdict = readLine(line);
      const name = namePair(verdict);
      const before = numbers.get(name);
      if (before !== undefined) refuse(`the same pair is judged in line ${before}; keep one of the two lines`);
      numbers.set(name, at + 2);
      found.set(name, verdict);
    } catch (error) {
      if (error instanceof VerdictsError) throw new VerdictsError(`Line ${at + 2}: ${error.message}.`);
      throw error;
    }
  });
  return found;
}

/** JSON as `clean` writes it, with blanks after commas and colons. */
function render(value: unknown): string {
  if (!isObject(value)) return JSON.stringify(value);
  const parts = Object.entries(value).map(([name, part]) => `${JSON.stringify(name)}: ${render(part)}`);
  return `{${parts.join(", ")}}`;
}

/** Compares by code points, as `clean` sorts; JavaScript itself compares UTF-16 units. */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left === right) continue;
    const isSurrogate = [left, right].map((unit) => unit >= 0xd800 && unit <= 0xdfff);
    // Surrogates stand for code points above all other units.
    return isSurrogate[0] === isSurrogate[1] ? left - right : isSurrogate[0] ? 1 : -1;
  }
  return a.length - b.length;
}

function compareSides(a: VerdictSide, b: VerdictSide): number {
  return compareText(a.source, b.source) || compareText(a.document, b.document) || a.begin - b.begin || a.end - b.end;
}

/** Writes a file of verdicts, ordered by the sources of the two documents. */
export function renderVerdicts(verdicts: Verdicts, header: Fields): string {
  const lines = [...verdicts.values()].sort((a, b) => compareSides(a.left, b.left) || compareSides(a.right, b.right));
  const rendered = lines.map(({ verdict, left, right, level, sample, note }) =>
    render({ verdict, left: orderSide(left), right: orderSide(right), level, ...(sample && { sample }), ...(note && { note }) }),
  );
  return `${[render(header), ...rendered].join("\n")}\n`;
}

function orderSide({ document, source, begin, end, words, digest }: VerdictSide): VerdictSide {
  return { document, source, begin, end, words, digest };
}

const Z = 1.96;

/** The lower end of the 95 % interval of a share (Wilson, 1927). */
function findLowerBound(count: number, whole: number): number {
  const share = count / whole;
  const spread = Z * Math.sqrt((share * (1 - share)) / whole + (Z / (2 * whole)) ** 2);
  return Math.max(0, (share + Z ** 2 / (2 * whole) - spread) / (1 + Z ** 2 / whole));
}

export interface Precision {
  judged: number;
  same: number;
  value: number;
  low: number;
  high: number;
}

/** How precise the run is by the sampled verdicts on pairs of its documents; null if there are none. */
export function measurePrecision(verdicts: Verdicts, documents: ReadonlySet<string>): Precision | null {
  let judged = 0;
  let same = 0;
  for (const { sample, left, right, verdict } of verdicts.values()) {
    if (!sample || !documents.has(left.document) || !documents.has(right.document)) continue;
    judged += 1;
    same += verdict === "same" ? 1 : 0;
  }
  if (!judged) return null;
  return {
    judged,
    same,
    value: same / judged,
    low: findLowerBound(same, judged),
    high: 1 - findLowerBound(judged - same, judged),
  };
}
