// Two passages side by side, with what differs marked, and what the run says of them.

import { useMemo } from "preact/hooks";
import { compareTexts, type Piece } from "../../difference/compare";
import type { DocumentIndex, JudgingSide, Overview } from "../../data/types";
import { formatDate, formatScore, showLine, showName, showText } from "../../data/text";
import type { Verdict, VerdictSide } from "./verdicts";
import { Difference } from "../../difference/Difference";
import { link } from "../../router";
import { formatThreshold } from "../threshold/ThresholdCharts";
import type { Offer } from "./JudgingSession";

interface PairProps {
  offer: Offer;
  documents: DocumentIndex;
  overview: Overview;
  threshold: number;
  verdict: Verdict | null;
  note: string;
  onNote: (note: string) => void;
}

export function JudgingPair({ offer, documents, overview, threshold, verdict, note, onNote }: PairProps) {
  const { pair, line } = offer;
  const { wording } = overview;
  const negations = useMemo(() => new Set(wording.negations), [wording]);
  const pieces = useMemo(() => compareTexts(pair.left.text, pair.right.text, negations), [pair, negations]);
  const relation = wording.relations[pair.relation];
  const rest = { pieces, documents, overview };
  return (
    <>
      <p class="judging-about">
        <strong>{relation?.name ?? showName(pair.relation)}</strong> ({showName(pair.level)}); score {formatScore(pair.score)},{" "}
        {pair.isAccepted ? "accepted" : "not accepted"} (from {formatThreshold(threshold)})
        {pair.differs && (
          <>
            ; <span class="judging-differs">differs in {showName(pair.differs)}</span>
          </>
        )}
        {[pair.evidence, pair.scoreEvidence].filter(Boolean).map((text) => (
          <span key={text} class="muted">
            ; {showLine(text, 300)}
          </span>
        ))}
        {verdict && (
          <>
            {" "}
            <span class="judging-verdict">judged: {verdict}</span>
          </>
        )}
      </p>
      <div class="judging-sides">
        <Side key={`left ${offer.name}`} side={pair.left} place={line.left} which="base" {...rest} />
        <Side key={`right ${offer.name}`} side={pair.right} place={line.right} which="other" {...rest} />
      </div>
      <label class="judging-note">
        Note (goes into the file with the verdict)
        <input type="text" maxLength={500} value={note} onInput={(event) => onNote(event.currentTarget.value)} />
      </label>
    </>
  );
}

interface SideProps {
  side: JudgingSide;
  place: VerdictSide;
  which: "base" | "other";
  pieces: Piece[];
  documents: DocumentIndex;
  overview: Overview;
}

/** What the page gives of the text on each side of a passage, in characters. */
const CONTEXT_CHARS = 120;

/** Text around a passage on one line, without half a word at its far end. */
function squeeze(text: string, side: "before" | "after"): string {
  const line = showText(text.replace(/\s+/g, " "));
  if (text.length < CONTEXT_CHARS) return line;
  return side === "before" ? line.replace(/^\S* /, "… ") : line.replace(/ \S*$/, " …");
}

function Side({ side, place, which, pieces, documents, overview }: SideProps) {
  const { document } = side;
  const outlet = overview.outlets[documents.outlet[document] ?? -1]?.outlet ?? "";
  const title = documents.title[document] ?? documents.source[document] ?? "";
  return (
    <article class="judging-side">
      <h3>
        <bdi>{showLine(outlet, 80)}</bdi>, {formatDate(documents.published[document] ?? null)}
      </h3>
      <p class="small">
        <a href={link("document", documents.id[document] ?? "", { at: `${place.begin}-${place.end}` })}>
          <bdi>{showLine(title, 140)}</bdi>
        </a>
      </p>
      {/* Long passages scroll, by keyboard too. */}
      <div
        class="text"
        dir="auto"
        lang={documents.language[document] ?? ""}
        tabIndex={0}
        role="region"
        aria-label={which === "base" ? "One passage" : "The other passage"}
      >
        {side.before && <span class="judging-context">{squeeze(side.before, "before")}</span>}
        <span class="judging-passage">
          <Difference pieces={pieces} side={which} />
        </span>
        {side.after && <span class="judging-context">{squeeze(side.after, "after")}</span>}
      </div>
    </article>
  );
}
