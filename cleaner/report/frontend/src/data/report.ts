// Reads the chunks of the page: compressed JSON in inert script elements, decoded on demand.

import type {
  ClusterIndex,
  DocumentDetail,
  DocumentIndex,
  JudgingData,
  Member,
  OutletData,
  Overview,
  Pair,
  Span,
  ThresholdData,
} from "./types";

const MAX_DECODED = 24;

/** Waits until the browser has read the whole page; the first view does not. */
function isParsed(root: Document): Promise<void> {
  if (root.readyState !== "loading") return Promise.resolve();
  return new Promise((resolve) => root.addEventListener("DOMContentLoaded", () => resolve(), { once: true }));
}

function numberIds(ids: string[]): Map<string, number> {
  return new Map(ids.map((id, number) => [id, number]));
}

/** Where a chunk is that another page holds. */
export class ElsewhereError extends Error {
  constructor(readonly page: string) {
    super(`This part is in ${page}`);
  }
}

function unpack(base64: string): Uint8Array<ArrayBuffer> {
  const packed = atob(base64);
  const bytes = new Uint8Array(packed.length);
  for (let at = 0; at < packed.length; at++) bytes[at] = packed.charCodeAt(at);
  return bytes;
}

async function decode(base64: string): Promise<unknown> {
  const stream = new Blob([unpack(base64)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

type SpanRow = [
  begin: number,
  end: number,
  kind: string,
  reason: string,
  rule: string,
  score: number | null,
  evidence: string,
  views: number,
  relation: string | null,
  cluster: string | null,
  partner: string | null,
  partnerBegin: number | null,
  partnerEnd: number | null,
  similarity: number | null,
];
type MemberRow = [
  document: number,
  begin: number,
  end: number,
  similarity: number,
  isRepresentative: 0 | 1,
  /** A number stands for the text of the member of that number in the cluster. */
  text: string | number,
  hidden: number,
  before: string,
  after: string,
];
type PairRow = [
  score: number,
  isAccepted: 0 | 1,
  relation: string,
  level: string,
  words: number,
  left: number,
  leftBegin: number,
  leftEnd: number,
  right: number,
  rightBegin: number,
  rightEnd: number,
];

const UNIQUE = 1;
const FULL = 2;
const ORIGINALS = 4;

type Numbers = Map<string, number>;

function readSpan(row: SpanRow, clusters: Numbers, documents: Numbers): Span {
  const [begin, end, kind, reason, rule, score, evidence, views, relation, clusterId, ...rest] = row;
  const [partnerId, partnerBegin, partnerEnd, similarity] = rest;
  const cluster = clusterId === null ? null : (clusters.get(clusterId) ?? null);
  const partner = partnerId === null ? null : (documents.get(partnerId) ?? null);
  const inViews = {
    unique: (views & UNIQUE) !== 0,
    full: (views & FULL) !== 0,
    originals: (views & ORIGINALS) !== 0,
  };
  const about = { begin, end, kind, reason, rule, score, evidence, views: inViews, relation };
  return { ...about, cluster, partner, partnerBegin, partnerEnd, similarity };
}

function readMembers(rows: MemberRow[]): Member[] {
  const texts = rows.map((row) => row[5]);
  return rows.map(([document, begin, end, similarity, isChosen, text, hidden, before, after]) => ({
    document,
    begin,
    end,
    similarity,
    isRepresentative: isChosen === 1,
    text: String(typeof text === "number" ? texts[text] : text),
    hidden,
    before,
    after,
  }));
}

function readPair(row: PairRow): Pair {
  const [score, isAccepted, relation, level, words, left, leftBegin, leftEnd, ...other] = row;
  const [right, rightBegin, rightEnd] = other;
  const sides = { left, leftBegin, leftEnd, right, rightBegin, rightEnd };
  return { score, isAccepted: isAccepted === 1, relation, level, words, ...sides };
}

/** The number of the chunk that holds the item of a number. */
export function findChunk(firsts: number[], item: number): number {
  let low = 0;
  let high = firsts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((firsts[middle] ?? 0) <= item) low = middle;
    else high = middle;
  }
  return low;
}

/** The data of a page. Indexes are kept once decoded; of the chunks of details, the last ones. */
export class Report {
  private readonly kept = new Map<string, Promise<unknown>>();
  private readonly details = new Map<string, Promise<unknown>>();

  private constructor(
    readonly overview: Overview,
    private readonly root: Document,
  ) {}

  static async open(root: Document): Promise<Report> {
    const chunk = root.getElementById("overview");
    return new Report((await decode(chunk?.textContent ?? "")) as Overview, root);
  }

  private async load(name: string): Promise<unknown> {
    // The browser may still be in the middle of a chunk: only what follows it says that it is whole.
    if (!this.root.getElementById(name)?.nextSibling) await isParsed(this.root);
    const chunk = this.root.getElementById(name);
    const page = this.overview.elsewhere[name];
    if (chunk) return decode(chunk.textContent ?? "");
    if (page) throw new ElsewhereError(page);
    throw new Error(`The page has no part called ${name}; it was not saved whole.`);
  }

  private keep<T>(name: string): Promise<T> {
    return this.once(name, () => this.load(name) as Promise<T>);
  }

  private detail<T>(name: string): Promise<T> {
    const found = this.details.get(name) ?? this.load(name);
    this.details.delete(name);
    this.details.set(name, found);
    for (const oldest of this.details.keys()) {
      if (this.details.size <= MAX_DECODED) break;
      this.details.delete(oldest);
    }
    return found as Promise<T>;
  }

  private once<T>(name: string, make: () => Promise<T>): Promise<T> {
    let found = this.kept.get(name);
    if (!found) this.kept.set(name, (found = make()));
    return found as Promise<T>;
  }

  /** The numbers of documents and clusters by their ids. */
  documentNumbers = () => this.once("document ids", async () => numberIds((await this.documents()).id));
  clusterNumbers = () => this.once("cluster ids", async () => numberIds((await this.clusters()).id));

  documents = () => this.keep<DocumentIndex>("documents");
  clusters = () => this.keep<ClusterIndex>("clusters");
  outlets = () => this.keep<OutletData>("outlets");
  threshold = () => this.keep<ThresholdData>("threshold");
  judging = () => this.keep<JudgingData>("judging");

  /** The text and the spans of a document. */
  async document(number: number): Promise<DocumentDetail> {
    const { chunks } = await this.documents();
    const chunk = findChunk(chunks, number);
    const rows = await this.detail<{ text: string; spans: SpanRow[] }[]>(`texts-${chunk}`);
    const row = rows[number - (chunks[chunk] ?? 0)];
    if (!row) throw new Error(`There is no document ${number} in the page.`);
    const [clusters, documents] = await Promise.all([this.clusterNumbers(), this.documentNumbers()]);
    return { text: row.text, spans: row.spans.map((span) => readSpan(span, clusters, documents)) };
  }

  /** The members of a cluster, the earliest first, undated ones last. */
  async members(number: number): Promise<Member[]> {
    const { chunks } = await this.clusters();
    const chunk = findChunk(chunks, number);
    const rows = (await this.detail<MemberRow[][]>(`members-${chunk}`))[number - (chunks[chunk] ?? 0)];
    if (!rows) throw new Error(`There is no cluster ${number} in the page.`);
    return readMembers(rows);
  }

  /** Verified pairs from one number to another (not included), by descending score. */
  async pairs(begin: number, end: number): Promise<Pair[]> {
    const { chunks, numPairs } = await this.threshold();
    const found: Pair[] = [];
    for (let at = begin; at < Math.min(end, numPairs); ) {
      const chunk = findChunk(chunks, at);
      const first = chunks[chunk] ?? 0;
      const rows = await this.detail<PairRow[]>(`pairs-${chunk}`);
      const part = rows.slice(at - first, end - first);
      if (!part.length) break;
      found.push(...part.map(readPair));
      at += part.length;
    }
    return found;
  }
}
