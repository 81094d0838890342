// With whom one outlet shares most text, and how much of it each of them ran first.

import * as Plot from "@observablehq/plot";
import { useMemo } from "preact/hooks";
import { nameOutlet } from "../../data/outlets";
import { formatCount, formatQuantity } from "../../data/text";
import type { OutletData, OutletSummary } from "../../data/types";
import { Chart } from "../../parts/Chart";
import { Legend } from "../../parts/ShareBar";

const MAX_PARTNERS = 15;
const ROW = 26;
const SERIES = [
  { name: "first", fill: "shared", color: "var(--shared)", label: "This outlet ran it first" },
  { name: "later", fill: "agency", color: "var(--agency)", label: "The other one ran it first" },
  { name: "unknown", fill: "unknown", color: "var(--muted)", label: "Dates do not tell" },
] as const;

type Counts = Record<(typeof SERIES)[number]["name"], number>;
type Partner = Counts & { outlet: number };

/** Words shared with each other outlet, the most first. */
function listPartners({ shared, undirected }: OutletData, chosen: number): Partner[] {
  const partners = new Map<number, Partner>();
  const add = (left: number, right: number, name: keyof Counts, words: number) => {
    if (left === right || (left !== chosen && right !== chosen)) return;
    const outlet = left === chosen ? right : left;
    const partner = partners.get(outlet) ?? { outlet, first: 0, later: 0, unknown: 0 };
    partner[name] += words;
    partners.set(outlet, partner);
  };
  for (const { from, to, words } of shared) add(from, to, from === chosen ? "first" : "later", words);
  for (const { left, right, words } of undirected) add(left, right, "unknown", words);
  return [...partners.values()].sort((a, b) => sumWords(b) - sumWords(a));
}

function sumWords({ first, later, unknown }: Counts): number {
  return first + later + unknown;
}

interface Piece {
  outlet: number;
  words: number;
  color: string;
  title: string;
}

interface OutletExchangeProps {
  outlets: readonly OutletSummary[];
  data: OutletData;
  chosen: number;
}

export function OutletExchange({ outlets, data, chosen }: OutletExchangeProps) {
  const partners = useMemo(() => listPartners(data, chosen), [data, chosen]);
  const name = (outlet: number, maxChars?: number) => nameOutlet(outlets[outlet]?.outlet, maxChars);
  if (!partners.length) return null;
  const say = (series: keyof Counts, before: string, after = "") => {
    const words = partners.reduce((sum, partner) => sum + partner[series], 0);
    const others = partners.filter((partner) => partner[series]).length;
    if (!words) return "";
    return `${formatQuantity(words, "word")} ${before} ${formatQuantity(others, "other outlet")}${after}`;
  };
  const said = [
    say("first", "before"),
    say("later", "after"),
    say("unknown", "that are in", ", dates not telling who was first"),
  ];
  const shown = partners.slice(0, MAX_PARTNERS);
  const pieces = shown.flatMap((partner) =>
    SERIES.map((series): Piece => ({
      outlet: partner.outlet,
      words: partner[series.name],
      color: series.color,
      title: `${name(partner.outlet)}\n${series.label}: ${formatQuantity(partner[series.name], "word")}`,
    })),
  );
  return (
    <div>
      <p>
        <bdi>{name(chosen)}</bdi> ran {said.filter(Boolean).join(", ")}. What several other outlets ran counts for each of
        them.
      </p>
      <Legend label="What the bars show" fills={SERIES} />
      <Chart
        label={`Words that ${name(chosen)} shares with other outlets, by who ran them first; the table has the figures.`}
        inputs={[partners]}
        options={(width) => {
          const margin = Math.min(180, Math.round(width * 0.36));
          return {
            height: ROW * shown.length + 56,
            marginLeft: margin,
            marginRight: 16,
            marginBottom: 36,
            marginTop: 12,
            x: { label: "words", grid: true, ticks: width < 480 ? 3 : 5 },
            y: { domain: shown.map(({ outlet }) => outlet), label: null },
            color: { type: "identity" },
            marks: [
              Plot.axisY({
                tickSize: 0,
                tickFormat: (outlet: number) => name(outlet, Math.floor(margin / 7.2)),
                title: (outlet: number) => name(outlet, 300),
              }),
              Plot.barX(pieces, { x: "words", y: "outlet", fill: "color", title: "title", insetRight: 0.5 }),
              Plot.ruleX([0]),
            ],
          };
        }}
      />
      {partners.length > MAX_PARTNERS && (
        <p class="small muted">
          The {MAX_PARTNERS} outlets with most shared text; the table has all {formatCount(partners.length)}.
        </p>
      )}
    </div>
  );
}
