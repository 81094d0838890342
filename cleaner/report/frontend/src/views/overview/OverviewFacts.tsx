// The few figures that say most, and one bar that says what became of every word.

import * as Plot from "@observablehq/plot";
import { useMemo } from "preact/hooks";
import { splitWords, sumRemoved, type Words } from "../../data/outlets";
import { formatCount, formatPercent } from "../../data/text";
import type { Overview } from "../../data/types";
import { Chart } from "../../parts/Chart";
import { type Fill, Legend } from "../../parts/ShareBar";
import { link } from "../../router";

interface Part {
  fill: Fill;
  name: keyof Words;
  label: string;
}

/** What becomes of words, in the order of all bars. */
const PARTS: readonly Part[] = [
  { fill: "kept", name: "kept", label: "In the corpus" },
  { fill: "shared", name: "shared", label: "Removed: stands elsewhere" },
  { fill: "agency", name: "truncated", label: "Removed: article cut short" },
  { fill: "boilerplate", name: "boilerplate", label: "Removed: boilerplate" },
];

/** The parts that a run has; that of articles cut short is rare. */
export function listParts(words: Words): readonly Part[] {
  return PARTS.filter(({ name }) => name !== "truncated" || words.truncated > 0);
}

interface FactProps {
  figure: string;
  about: string;
  address: string;
  action: string;
}

function Fact({ figure, about, address, action }: FactProps) {
  return (
    <li>
      <strong>{figure}</strong> <span>{about}</span> <a href={address}>{action}</a>
    </li>
  );
}

export function OverviewFacts({ overview }: { overview: Overview }) {
  const { outlets, numDocuments, numClusters, recall } = overview;
  const words = useMemo(() => {
    const kept = outlets.reduce((sum, outlet) => sum + outlet.keptWords, 0);
    return splitWords(kept, sumRemoved(outlets));
  }, [outlets]);
  if (!numDocuments) return null;
  const total = words.kept + words.shared + words.truncated + words.boilerplate;
  const removed = total - words.kept;
  const kept = outlets.reduce((sum, outlet) => sum + outlet.keptDocuments, 0);
  const planted = recall?.reduce((sum, level) => sum + level.planted, 0) ?? 0;
  const found = recall?.reduce((sum, level) => sum + level.found, 0) ?? 0;
  return (
    <section aria-label="The run at a glance">
      <ul class="overview-facts">
        <Fact
          figure={formatPercent(removed, total)}
          about={`of ${formatCount(total)} words were removed.`}
          address={link("documents")}
          action="From which documents"
        />
        <Fact
          figure={`${formatCount(kept)} of ${formatCount(numDocuments)}`}
          about={`${numDocuments === 1 ? "document" : "documents"} with text left in the corpus.`}
          address={link("documents")}
          action="All documents"
        />
        <Fact
          figure={formatCount(numClusters)}
          about={`${numClusters === 1 ? "cluster" : "clusters"} of text that stands in several documents.`}
          address={link("clusters")}
          action="Repeated text"
        />
        {planted > 0 && (
          <Fact
            figure={`${formatCount(found)} of ${formatCount(planted)}`}
            about="copies that the run planted to test itself were found again."
            address={link("threshold")}
            action="Threshold"
          />
        )}
      </ul>
      {total > 0 && <Everything words={words} total={total} />}
    </section>
  );
}

function Everything({ words, total }: { words: Words; total: number }) {
  const parts = listParts(words);
  const said = parts.map(({ name, label }) => ({
    text: `${label}: ${formatCount(words[name])} words, ${formatPercent(words[name], total)}`,
  }));
  const label = `What became of all words. ${said.map(({ text }) => text).join(". ")}.`;
  return (
    <div class="overview-bar">
      <Chart
        label={label}
        inputs={[words]}
        options={(width) => ({
          height: 44,
          margin: 0,
          x: { axis: null, domain: [0, total] },
          marks: [
            Plot.barX(parts, {
              x: ({ name }: Part) => words[name],
              fill: ({ fill }: Part) => `var(--${fill})`,
              title: (_: Part, at: number) => said[at]?.text,
              insetRight: 1,
              order: null,
            }),
            Plot.text(
              parts,
              Plot.stackX({
                x: ({ name }: Part) => words[name],
                text: ({ name }: Part) => ((words[name] / total) * width > 56 ? formatPercent(words[name], total) : ""),
                fill: "var(--paper)",
                fontSize: 15,
                fontWeight: "bold",
                pointerEvents: "none",
              }),
            ),
          ],
          color: { type: "identity" },
        })}
      />
      <Legend
        label="What became of all words"
        fills={parts.map(({ fill }, at) => ({ fill, label: said[at]?.text ?? "" }))}
      />
    </div>
  );
}
