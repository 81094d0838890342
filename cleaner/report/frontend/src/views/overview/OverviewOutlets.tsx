// What became of the words of each outlet: a bar for the largest, a table for all.

import * as Plot from "@observablehq/plot";
import { useMemo } from "preact/hooks";
import { nameOutlet, splitWords, type Words } from "../../data/outlets";
import { formatCount, formatPercent } from "../../data/text";
import type { OutletSummary, Overview } from "../../data/types";
import { Chart } from "../../parts/Chart";
import { Legend } from "../../parts/ShareBar";
import { type Place, replaceQuery } from "../../router";
import { listParts } from "./OverviewFacts";
import { OverviewOutletTable } from "./OverviewOutletTable";

const MAX_BARS = 20;
const ROW = 24;

export function OverviewOutlets({ overview, place }: { overview: Overview; place: Place }) {
  const { outlets } = overview;
  const largest = useMemo(() => [...outlets].sort((a, b) => b.words - a.words).slice(0, MAX_BARS), [outlets]);
  const isCounted = place.query.get("bars") === "words";
  const about = outlets.length > MAX_BARS ? `The ${MAX_BARS} outlets with most words` : "Outlets by words";
  return (
    <section aria-labelledby="overview-outlets">
      <h2 id="overview-outlets">What each outlet lost</h2>
      <fieldset class="choice filters">
        <legend>Bars show</legend>
        {[
          { value: "", label: "shares of the outlet’s words", isChosen: !isCounted },
          { value: "words", label: "numbers of words", isChosen: isCounted },
        ].map(({ value, label, isChosen }) => (
          <label key={value}>
            <input
              type="radio"
              name="bars"
              checked={isChosen}
              onChange={() => replaceQuery(place, { bars: value })}
            />{" "}
            {label}
          </label>
        ))}
      </fieldset>
      <Bars outlets={largest} about={about} isCounted={isCounted} />
      <OverviewOutletTable overview={overview} place={place} />
    </section>
  );
}

interface BarsProps {
  outlets: readonly OutletSummary[];
  about: string;
  isCounted: boolean;
}

interface Piece {
  at: number;
  fill: string;
  value: number;
  title: string;
}

function Bars({ outlets, about, isCounted }: BarsProps) {
  const splits = useMemo(() => outlets.map((outlet) => splitWords(outlet.keptWords, outlet.removed)), [outlets]);
  const parts = listParts(splits.reduce(addWords, { kept: 0, shared: 0, truncated: 0, boilerplate: 0 }));
  const pieces: Piece[] = outlets.flatMap(({ outlet, words }, at) =>
    parts.map(({ fill, name, label }) => {
      const count = splits[at]?.[name] ?? 0;
      return {
        at,
        fill: `var(--${fill})`,
        value: isCounted ? count : (100 * count) / (words || 1),
        title: `${nameOutlet(outlet)}\n${label}: ${formatCount(count)} words, ${formatPercent(count, words)}`,
      };
    }),
  );
  return (
    <>
      <Legend label="What the bars show" fills={parts} />
      <Chart
        label={`${about}: what is in the corpus, stands elsewhere or is boilerplate; the table has the figures.`}
        inputs={[pieces.length, outlets, isCounted]}
        options={(width) => {
          const margin = Math.min(220, Math.round(width * 0.36));
          return {
            height: ROW * outlets.length + 60,
            marginLeft: margin,
            marginRight: 16,
            marginBottom: 40,
            x: { label: isCounted ? "words" : "% of the outlet’s words", grid: true, ticks: width < 480 ? 3 : 6 },
            y: { domain: outlets.map((_, at) => at), label: null, padding: 0.2 },
            color: { type: "identity" },
            marks: [
              Plot.axisY({
                tickSize: 0,
                tickFormat: (at: number) => nameOutlet(outlets[at]?.outlet, Math.floor(margin / 7.5)),
                title: (at: number) => nameOutlet(outlets[at]?.outlet, 300),
              }),
              Plot.barX(pieces, { x: "value", y: "at", fill: "fill", title: "title", insetRight: 0.5 }),
            ],
          };
        }}
      />
    </>
  );
}

function addWords(sum: Words, words: Words): Words {
  return {
    kept: sum.kept + words.kept,
    shared: sum.shared + words.shared,
    truncated: sum.truncated + words.truncated,
    boilerplate: sum.boilerplate + words.boilerplate,
  };
}
