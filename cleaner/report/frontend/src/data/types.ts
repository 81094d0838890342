// What cleaner/report puts into the page. Positions are half-open and in code points of the
// document's text, as in all tables of a run. Documents, clusters and outlets are named by their
// numbers in `DocumentIndex`, `ClusterIndex` and `Overview.outlets`; lists that belong to one index
// are as long as it ("columns").

export interface Step {
  label: string;
  count: number;
  /** What became of those that the step before still had; empty if none are gone. */
  lost: string;
}

export interface Wording {
  /** What each kind of removed text is, by name. */
  kinds: Record<string, { label: string; about: string }>;
  relations: Record<string, { name: string; heading: string; about: string }>;
  /** Why a member of a cluster is its representative, by name. */
  representatives: Record<string, string>;
  views: Record<View, string>;
  /** What each reason or rule that the run's ledger has says, as far as known. */
  reasons: Record<string, string>;
  rules: Record<string, string>;
  /** What cut articles short, by name. */
  truncations: Record<string, string>;
  /** Folded words that negate, in all languages known. */
  negations: string[];
}

export interface OutletSummary {
  outlet: string;
  documents: number;
  keptDocuments: number;
  withoutMain: number;
  words: number;
  keptWords: number;
  chars: number;
  keptChars: number;
  /** Removed words by kind. */
  removed: Record<string, number>;
}

export interface Overview {
  title: string;
  /** What the run did, in sentences. */
  statement: string[];
  version: string;
  /** Digest of the run's inputs: names what a browser stores of it. */
  run: string;
  view: View;
  /** The command that runs it again, without the last option. */
  command: string;
  alarms: { outlet: string | null; kind: string; sentence: string }[];
  documentSteps: Step[];
  wordSteps: Step[];
  kinds: { kind: string; words: number; chars: number; documents: number }[];
  outlets: OutletSummary[];
  recall:
    | { level: string; label: string; about: string; planted: number; found: number; low: number; high: number }[]
    | null;
  precision: { value: number; low: number; high: number; judged: number; same: number } | null;
  rejected: { reason: string; count: number }[];
  rejections: { source: string; reason: string; detail: string }[];
  clusters: { relation: string; count: number }[];
  files: { name: string; about: string }[];
  numDocuments: number;
  numClusters: number;
  numPairs: number;
  numAcceptedPairs: number;
  wording: Wording;
  /** Where chunks are that are not in this page: chunk name -> page beside it, relative. */
  elsewhere: Record<string, string>;
  /** Of a page that holds only such chunks: the page that it belongs to, relative; else null. */
  mainPage: string | null;
  sizes: { clustersElsewhere: number; documentsElsewhere: number };
}

export type View = "unique" | "full" | "originals";

export interface DocumentIndex {
  id: string[];
  source: string[];
  title: (string | null)[];
  outlet: number[];
  /** ISO 8601 in UTC, a day or a moment. */
  published: (string | null)[];
  url: (string | null)[];
  language: (string | null)[];
  truncated: (string | null)[];
  words: number[];
  keptWords: number[];
  /** Words that stand in another document too, kept or not. */
  sharedWords: number[];
  /** Kinds of text that the document lost, as numbers in `Overview.kinds`. */
  kinds: number[][];
  /** Number of the first document of each chunk `texts-N`, in order. */
  chunks: number[];
}

/** A stretch of a document's text: they cover it exactly once, in order. */
export interface Span {
  begin: number;
  end: number;
  kind: string;
  reason: string;
  rule: string;
  score: number | null;
  evidence: string;
  views: Record<View, boolean>;
  relation: string | null;
  cluster: number | null;
  partner: number | null;
  partnerBegin: number | null;
  partnerEnd: number | null;
  similarity: number | null;
}

export interface DocumentDetail {
  text: string;
  spans: Span[];
}

export interface ClusterIndex {
  id: string[];
  /** The title or the first words. */
  heading: string[];
  relation: string[];
  /** `document`, `sentence` or `quotation`. */
  level: string[];
  members: number[];
  outlets: number[][];
  first: (string | null)[];
  last: (string | null)[];
  /** The smallest and the median similarity to the representative, from 0 to 1. */
  minSimilarity: number[];
  medianSimilarity: number[];
  /** Words of the representative's passage. */
  words: number[];
  why: string[];
  /** Number of the first cluster of each chunk `members-N`, in order. */
  chunks: number[];
}

export interface Member {
  document: number;
  begin: number;
  end: number;
  similarity: number;
  isRepresentative: boolean;
  /** The passage (of a copy, the document's main content), perhaps cut. */
  text: string;
  /** Characters that were cut from its end. */
  hidden: number;
  before: string;
  after: string;
}

export interface OutletData {
  /** Who ran it first -> who ran it later: words in clusters, by the dates of their members. */
  shared: { from: number; to: number; words: number; passages: number }[];
  /** The same between outlets of which the dates do not tell who was first. */
  undirected: { left: number; right: number; words: number; passages: number }[];
  /** `day`, `month` or `year`. */
  unit: "day" | "month" | "year";
  /** Words by outlet, time (ISO day, month or year; null if undated) and what they are. */
  timeline: {
    outlet: number;
    time: string | null;
    original: number;
    agency: number;
    shared: number;
    boilerplate: number;
  }[];
  /** Lines that an outlet repeats, and in how many documents. */
  lines: { outlet: number; line: string; documents: number; days: number }[];
  linesHidden: number;
}

export interface ThresholdCounts {
  /** Pairs accepted. */
  pairs: number;
  clusters: number;
  /** Documents with a passage, or as a whole, removed for another one's sake. */
  documents: number;
  /** Documents of which nothing is left for another one's sake. */
  dropped: number;
  /** Words removed because they stand elsewhere. */
  words: number;
}

export interface ThresholdData {
  /** The threshold that the run used, and the lowest score that is listed. */
  threshold: number;
  floor: number;
  /** The option that sets it, without its value. */
  option: string;
  /** What the run came to. */
  now: ThresholdCounts;
  /** Estimates for every threshold that can be set, the run's own among them, ascending. */
  curve: ({ threshold: number } & ThresholdCounts)[];
  /** Number of the first pair of each chunk `pairs-N`; pairs are ordered by descending score. */
  chunks: number[];
  numPairs: number;
}

/** A verified pair. */
export interface Pair {
  score: number;
  isAccepted: boolean;
  relation: string;
  level: string;
  words: number;
  left: number;
  leftBegin: number;
  leftEnd: number;
  right: number;
  rightBegin: number;
  rightEnd: number;
}

export interface JudgingSide {
  document: number;
  before: string;
  text: string;
  after: string;
}

export interface JudgingPair {
  /** `borderline` or `sample`. */
  why: "borderline" | "sample";
  relation: string;
  level: string;
  score: number;
  isAccepted: boolean;
  differs: string | null;
  evidence: string;
  scoreEvidence: string;
  left: JudgingSide;
  right: JudgingSide;
  /** The line of the file of verdicts, without a verdict. */
  line: Record<string, unknown>;
}

export interface JudgingData {
  /** The file of verdicts that the run was given; empty if it was given none. */
  known: string;
  /** The first line of a file of verdicts. */
  header: Record<string, unknown>;
  threshold: number;
  numAccepted: number;
  pairs: JudgingPair[];
}
