// The state of judging: what was answered, what can be taken back, and which pair comes next.

import { useEffect, useMemo, useReducer } from "preact/hooks";
import type { JudgingData, JudgingPair } from "../../data/types";
import { namePair, readPairLine, readVerdicts, renderVerdicts, type Verdict, type VerdictLine, type Verdicts } from "./verdicts";

/** A pair that is offered, and the line of the file that a verdict on it becomes. */
export interface Offer {
  pair: JudgingPair;
  name: string;
  line: Omit<VerdictLine, "verdict">;
}

interface Answer {
  at: number;
  /** The verdict that was there before. */
  before: VerdictLine | null;
}

export interface Session {
  verdicts: Verdicts;
  /** Notes on pairs that have no verdict yet, by name. */
  drafts: ReadonlyMap<string, string>;
  answers: readonly Answer[];
  at: number;
  /** What was saved last; null if it was never. */
  saved: Verdicts | null;
  /** What this browser had kept when judging began. */
  stored: Verdicts;
}

export type Action =
  | { do: "judge"; verdict: Verdict }
  | { do: "skip" }
  | { do: "undo" }
  | { do: "go"; at: number }
  | { do: "note"; note: string }
  | { do: "add"; verdicts: Verdicts }
  | { do: "saved" };

/** What is shown, in order: numbers of offers. */
export type Listed = readonly number[];

export function listOffers({ pairs }: JudgingData): Offer[] {
  return pairs.map((pair) => {
    const line = readPairLine(pair.line);
    return { pair, line, name: namePair(line) };
  });
}

function change(verdicts: Verdicts, name: string, line: VerdictLine | null): Verdicts {
  const changed = new Map(verdicts);
  if (line) changed.set(name, line);
  else changed.delete(name);
  return changed;
}

/**
 * Goes on to the next pair that has no verdict. One that was judged before and is passed as a part of
 * the sample counts for precision from then on, as in `clean judge`.
 */
function advance(session: Session, offers: Offer[], listed: Listed): Session {
  let { verdicts } = session;
  for (const at of listed) {
    const offer = offers[at];
    if (at <= session.at || !offer) continue;
    const known = verdicts.get(offer.name);
    if (!known) return { ...session, verdicts, at };
    if (offer.line.sample && !known.sample) verdicts = change(verdicts, offer.name, { ...known, sample: true });
  }
  return { ...session, verdicts, at: offers.length };
}

export function reduceSession(session: Session, action: Action, offers: Offer[], listed: Listed): Session {
  const offer = offers[session.at];
  switch (action.do) {
    case "judge": {
      if (!offer) return session;
      const before = session.verdicts.get(offer.name) ?? null;
      const note = session.drafts.get(offer.name) ?? before?.note ?? offer.line.note;
      const line = { ...offer.line, verdict: action.verdict, sample: offer.line.sample || (before?.sample ?? false), note };
      const verdicts = change(session.verdicts, offer.name, line);
      const answers = [...session.answers, { at: session.at, before }];
      return advance({ ...session, verdicts, answers }, offers, listed);
    }
    case "skip": {
      if (!offer) return session;
      const before = session.verdicts.get(offer.name) ?? null;
      return advance({ ...session, answers: [...session.answers, { at: session.at, before }] }, offers, listed);
    }
    case "undo": {
      const last = session.answers.at(-1);
      const name = last && offers[last.at]?.name;
      if (!last || name === undefined) return session;
      const verdicts = change(session.verdicts, name, last.before);
      return { ...session, verdicts, at: last.at, answers: session.answers.slice(0, -1) };
    }
    case "go":
      return { ...session, at: action.at };
    case "note": {
      if (!offer) return session;
      const drafts = new Map(session.drafts).set(offer.name, action.note);
      const known = session.verdicts.get(offer.name);
      const verdicts = known ? change(session.verdicts, offer.name, { ...known, note: action.note }) : session.verdicts;
      return { ...session, drafts, verdicts };
    }
    case "add": {
      // Verdicts that were given here stay; what the file says of other pairs is added.
      const verdicts = new Map([...action.verdicts, ...session.verdicts]);
      const isJudged = offer === undefined || verdicts.has(offer.name);
      const added = { ...session, verdicts, saved: session.verdicts.size ? session.saved : verdicts };
      return isJudged ? advance({ ...added, at: -1 }, offers, listed) : added;
    }
    case "saved":
      return { ...session, saved: session.verdicts };
  }
}

const STORED = "cleaner-verdicts-";

/** What this browser kept of an earlier visit; nothing where it keeps nothing for pages on disk. */
function readStored(run: string, header: Record<string, unknown>): Verdicts {
  try {
    const stored = window.localStorage.getItem(STORED + run);
    return stored ? readVerdicts(stored, header) : new Map();
  } catch {
    return new Map();
  }
}

function store(run: string, verdicts: Verdicts, header: Record<string, unknown>): void {
  try {
    window.localStorage.setItem(STORED + run, renderVerdicts(verdicts, header));
  } catch {
    // It has no room, or keeps nothing for pages on disk: saving the file is what counts.
  }
}

export function isUnsaved({ verdicts, saved }: Session): boolean {
  return verdicts !== saved && (verdicts.size > 0 || saved !== null);
}

/** Sessions by run: a reader who looks at a document comes back to the same one. */
const sessions = new Map<string, Session>();

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

function begin(run: string, data: JudgingData, offers: Offer[], listed: Listed, first: number | null): Session {
  const open = sessions.get(run);
  if (open) return first === null ? open : { ...open, at: first };
  const known = data.known ? readVerdicts(data.known, data.header) : new Map();
  const stored = new Map([...known, ...readStored(run, data.header)]);
  const session = { verdicts: stored, stored, drafts: new Map(), answers: [], saved: null, at: first ?? -1 };
  return first === null ? advance(session, offers, listed) : session;
}

export function useSession(run: string, data: JudgingData, offers: Offer[], listed: Listed, first: number | null) {
  const start = useMemo(() => begin(run, data, offers, listed, first), []);
  const [session, act] = useReducer(
    (before: Session, { action, listed }: { action: Action; listed: Listed }) => reduceSession(before, action, offers, listed),
    start,
  );
  useEffect(() => {
    sessions.set(run, session);
    if (session.verdicts === session.stored) return;
    store(run, session.verdicts, data.header);
    // Stays when another view is opened: what is not saved is lost only when the page is left.
    if (isUnsaved(session)) window.addEventListener("beforeunload", warn);
    else window.removeEventListener("beforeunload", warn);
  }, [session]);
  return { session, act: (action: Action) => act({ action, listed }) };
}
