// Why a stretch of a document is kept or gone, and where else it stands.

import type { ComponentChildren } from "preact";
import type { ClusterIndex, DocumentIndex, Overview, Span, View } from "../../data/types";
import { formatCount, formatDate, formatPercent, showLine, showName, showText } from "../../data/text";
import { Command, quoteArgument } from "../../parts/Command";
import { link } from "../../router";
import { findFate, MAIN, nameKind } from "./DocumentSpans";

interface PanelProps {
  span: Span;
  text: string;
  /** Number of the document. */
  number: number;
  view: View;
  overview: Overview;
  documents: DocumentIndex;
  clusters: ClusterIndex;
}

const VIEWS: View[] = ["unique", "full", "originals"];

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** A sentence in which names stand between backticks. */
function Prose({ text }: { text: string }) {
  return <>{text.split("`").map((part, at) => (at % 2 ? <code key={at}>{showLine(part)}</code> : showText(part)))}</>;
}

/** A name of the ledger in words, if there are any, and the name itself. */
function Named({ name, words }: { name: string; words: string | undefined }) {
  return words ? (
    <>
      <Prose text={words} /> <code class="muted small">{showLine(name, 120)}</code>
    </>
  ) : (
    <>{showName(name)}</>
  );
}

export function DocumentPanel({ span, text, number, view, overview, documents, clusters }: PanelProps) {
  const { wording } = overview;
  const fate = findFate(span, view);
  const kind = wording.kinds[span.kind];
  const verdict = { removed: "Removed", shared: "Kept; it stands elsewhere too", kept: "Kept" }[fate];
  const place = `${documents.source[number] ?? ""}:${span.begin}-${span.end}`;
  return (
    <>
      <h3 class={`panel-verdict ${fate}`}>
        {verdict} <span class="muted">in the {view} view</span>
      </h3>
      <p class="panel-excerpt" dir="auto">
        “{showLine(text, 140)}”
      </p>
      <dl class="panel-facts">
        <Fact name="What it is">
          <strong>{nameKind(span.kind, wording)}</strong>
          {kind && <>: {kind.about}</>}
        </Fact>
        <Fact name={fate === "removed" ? "Why" : "Reason"}>
          <Named name={span.reason} words={wording.reasons[span.reason]} />
        </Fact>
        <Fact name="Rule">
          {wording.rules[span.rule] ? (
            <Named name={span.rule} words={wording.rules[span.rule]} />
          ) : (
            <code class="small">{showLine(span.rule, 120)}</code>
          )}
        </Fact>
        {span.score !== null && <Fact name="Score">{span.score.toFixed(2)} of 1: how strongly the evidence speaks</Fact>}
        {span.evidence && <Fact name="Evidence">log-odds of main content: {showLine(span.evidence, 300)}</Fact>}
        {span.partner !== null && (
          <Fact name="Its copy">
            <Partner span={span} partner={span.partner} documents={documents} overview={overview} />
          </Fact>
        )}
        {span.cluster !== null && clusters.id[span.cluster] !== undefined && (
          <Fact name="All places">
            <a href={link("cluster", clusters.id[span.cluster] ?? "")}>
              {formatCount(clusters.members[span.cluster] ?? 0)} places with this text
            </a>
            {span.relation !== null && <>: {wording.relations[span.relation]?.heading ?? showName(span.relation)}</>}
          </Fact>
        )}
        <Fact name="Views">
          {VIEWS.map((name) => `${name}: ${span.views[name] ? "kept" : span.kind === MAIN ? "left out" : "removed"}`).join("; ")}
        </Fact>
        <Fact name="Place">
          characters {formatCount(span.begin)} to {formatCount(span.end)}
        </Fact>
      </dl>
      <p class="muted small panel-hint">The same at the terminal:</p>
      <Command command={`clean why ${quoteArgument(place)}`} />
    </>
  );
}

interface PartnerProps {
  span: Span;
  partner: number;
  documents: DocumentIndex;
  overview: Overview;
}

function Partner({ span, partner, documents, overview }: PartnerProps) {
  const outlet = overview.outlets[documents.outlet[partner] ?? -1]?.outlet ?? "";
  const title = documents.title[partner] ?? documents.source[partner] ?? "";
  const at = span.partnerBegin === null || span.partnerEnd === null ? null : `${span.partnerBegin}-${span.partnerEnd}`;
  return (
    <>
      <a href={link("document", documents.id[partner] ?? "", { at })}>
        <bdi>{showLine(title, 120)}</bdi>
      </a>
      , <bdi>{showLine(outlet, 60)}</bdi>, {formatDate(documents.published[partner] ?? null)}
      {span.similarity !== null && <>; {formatPercent(span.similarity)} the same words</>}
    </>
  );
}
