// The pairs whose scores lie nearest to a threshold: what a small change lets in, or out.

import type { DocumentIndex, Overview, Pair, ThresholdData } from "../../data/types";
import { formatCount, formatQuantity, formatScore, showLine, showName } from "../../data/text";
import { link } from "../../router";
import { formatThreshold } from "./ThresholdCharts";

interface PairsProps {
  pairs: Pair[];
  /** How many of them are on the accepted side of the threshold. */
  numAbove: number;
  data: ThresholdData;
  chosen: number;
  documents: DocumentIndex;
  overview: Overview;
}

export function ThresholdPairs({ pairs, numAbove, data, chosen, documents, overview }: PairsProps) {
  if (!pairs.length) return <p class="note">There is no verified pair near this threshold.</p>;
  const above = pairs.slice(0, numAbove);
  const below = pairs.slice(numAbove);
  const rest = { data, chosen, documents, overview };
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Pairs nearest to the threshold">
      <table class="threshold-pairs">
        <caption>
          The pairs nearest to the threshold {formatThreshold(chosen)}, by descending score; each leads to its place in the text
        </caption>
        <thead>
          <tr>
            <th scope="col" class="number">
              Score
            </th>
            <th scope="col">Against this run</th>
            <th scope="col">How they belong together</th>
            <th scope="col" class="number">
              Words
            </th>
            <th scope="col">One document</th>
            <th scope="col">The other one</th>
          </tr>
        </thead>
        <tbody>
          {!above.length && <None text="No verified pair reaches it." />}
          {above.map((pair, at) => (
            <Row key={at} pair={pair} {...rest} />
          ))}
        </tbody>
        <tbody>
          <tr class="threshold-line">
            <th scope="rowgroup" colSpan={6}>
              Threshold {formatThreshold(chosen)}: pairs above this line reach it, pairs below do not
            </th>
          </tr>
          {!below.length && <None text="The run verified no pair with a lower score." />}
          {below.map((pair, at) => (
            <Row key={at} pair={pair} {...rest} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function None({ text }: { text: string }) {
  return (
    <tr>
      <td colSpan={6} class="muted">
        {text}
      </td>
    </tr>
  );
}

type RowProps = Omit<PairsProps, "pairs" | "numAbove"> & { pair: Pair };

/** What would become of a pair that the run accepted, or did not. */
function describeChange({ score, isAccepted }: Pair, threshold: number, chosen: number): { text: string; mark: string } {
  if (isAccepted) {
    if (score >= chosen) return { text: "stays accepted", mark: "" };
    // A person's verdict accepts a pair whatever its score.
    return score < threshold ? { text: "accepted whatever its score", mark: "" } : { text: "− goes", mark: "goes" };
  }
  if (score < chosen) return { text: "stays out", mark: "" };
  // Facts that differ, or a verdict, keep a pair out whatever its score.
  return score >= threshold ? { text: "out whatever its score", mark: "" } : { text: "+ may come in", mark: "comes" };
}

function Row({ pair, data, chosen, documents, overview }: RowProps) {
  const change = describeChange(pair, data.threshold, chosen);
  const relation = overview.wording.relations[pair.relation]?.name ?? showName(pair.relation);
  const sides = [
    { document: pair.left, begin: pair.leftBegin, end: pair.leftEnd },
    { document: pair.right, begin: pair.rightBegin, end: pair.rightEnd },
  ];
  return (
    <tr>
      <td class="number">{formatScore(pair.score, 3)}</td>
      <td>{change.mark ? <strong class={`change-${change.mark}`}>{change.text}</strong> : <span class="muted">{change.text}</span>}</td>
      <td>
        {relation} <span class="muted small">({showName(pair.level)})</span>
      </td>
      <td class="number" title={formatQuantity(pair.words, "word")}>
        {formatCount(pair.words)}
      </td>
      {sides.map(({ document, begin, end }, side) => (
        <td key={side}>
          <bdi>{showLine(overview.outlets[documents.outlet[document] ?? -1]?.outlet ?? "", 50)}</bdi>
          <br />
          <a class="small" href={link("document", documents.id[document] ?? "", { at: `${begin}-${end}` })}>
            <bdi>{showLine(documents.title[document] ?? documents.source[document] ?? "", 70)}</bdi>
          </a>
        </td>
      ))}
    </tr>
  );
}
