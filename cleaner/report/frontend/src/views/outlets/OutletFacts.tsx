// One outlet in figures, and the ways to its clusters and documents.

import { splitWords } from "../../data/outlets";
import { formatCount, formatPercent, formatQuantity } from "../../data/text";
import type { OutletSummary, Overview } from "../../data/types";
import { ShareBar } from "../../parts/ShareBar";
import { link } from "../../router";
import { listParts } from "../overview/OverviewFacts";

interface OutletFactsProps {
  outlet: OutletSummary;
  overview: Overview;
}

export function OutletFacts({ outlet, overview }: OutletFactsProps) {
  const words = splitWords(outlet.keptWords, outlet.removed);
  const parts = listParts(words);
  const facts = [
    { name: "Documents", value: formatCount(outlet.documents) },
    { name: "Documents in the corpus", value: formatCount(outlet.keptDocuments) },
    { name: "Without main content", value: formatCount(outlet.withoutMain) },
    { name: "Words", value: formatCount(outlet.words) },
    ...parts.map(({ name, label }) => ({
      name: name === "kept" ? "Words in the corpus" : label,
      value: `${formatCount(words[name])} (${formatPercent(words[name], outlet.words)})`,
    })),
  ];
  const alarms = overview.alarms.filter((alarm) => alarm.outlet === outlet.outlet).length;
  return (
    <section aria-label="The outlet in figures">
      {alarms > 0 && (
        <p class="alarm">
          There {alarms === 1 ? "is" : "are"} {formatQuantity(alarms, "alarm")} about this outlet:{" "}
          <a href={link("overview")}>see the overview</a>
        </p>
      )}
      <dl class="outlet-facts">
        {facts.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <ShareBar portions={parts.map(({ fill, name }) => ({ fill, part: words[name] }))} whole={outlet.words} />
      <p>
        <a href={link("documents", null, { outlet: outlet.outlet })}>Its documents</a> ·{" "}
        <a href={link("clusters", null, { outlet: outlet.outlet })}>Clusters that it is in</a> ·{" "}
        <a href={link("outlets")}>All outlets</a>
      </p>
    </section>
  );
}
