// Removed text by kind, the most frequent first.

import { useMemo } from "preact/hooks";
import { formatCount, formatPercent, formatQuantity, showName } from "../../data/text";
import type { Overview } from "../../data/types";
import { MoreRows, useMoreRows } from "../../parts/MoreRows";
import { type Fill, ShareBar } from "../../parts/ShareBar";
import { link } from "../../router";

/** The colour of a kind: that of its part in all other bars. */
function findFill(kind: string): Fill {
  return kind === "duplicate" ? "shared" : kind === "truncated" ? "agency" : "boilerplate";
}

export function OverviewKinds({ overview }: { overview: Overview }) {
  const { kinds, outlets, wording } = overview;
  const rows = useMemo(() => [...kinds].sort((a, b) => b.words - a.words || b.chars - a.chars), [kinds]);
  const [shown, showMore] = useMoreRows(rows, 8);
  const all = useMemo(() => outlets.reduce((sum, { words }) => sum + words, 0), [outlets]);
  const removed = rows.reduce((sum, { words }) => sum + words, 0);
  const missing = Object.entries(wording.kinds).filter(([name]) => !rows.some(({ kind }) => kind === name));
  return (
    <section aria-labelledby="overview-kinds">
      <h2 id="overview-kinds">Why text was removed</h2>
      {rows.length === 0 ? (
        <p>Nothing was removed.</p>
      ) : (
        <>
          <div class="scroll" tabIndex={0} role="region" aria-label="Removed text by kind">
            <table class="overview-kinds">
              <caption>
                {formatCount(removed)} removed words by kind. Each removed stretch has one kind, one reason and one
                rule; a document shows them in place.
              </caption>
              <thead>
                <tr>
                  <th scope="col">Kind</th>
                  <th scope="col" class="number">Words</th>
                  <th scope="col" class="number">Of removed</th>
                  <th scope="col" class="number">Of all</th>
                  <th scope="col">What it is</th>
                  <th scope="col">Where</th>
                </tr>
              </thead>
              <tbody>
                {rows.slice(0, shown).map(({ kind, words, chars, documents }) => (
                  <tr key={kind}>
                    <th scope="row">
                      {wording.kinds[kind]?.label ?? showName(kind)}
                      <ShareBar portions={[{ fill: findFill(kind), part: words }]} whole={rows[0]?.words ?? 0} />
                    </th>
                    <td class="number">
                      {formatCount(words)}
                      {!words && <span class="small muted"> ({formatQuantity(chars, "character")})</span>}
                    </td>
                    <td class="number">{formatPercent(words, removed)}</td>
                    <td class="number">{formatPercent(words, all)}</td>
                    <td>{wording.kinds[kind]?.about ?? ""}</td>
                    <td>
                      <a href={link("documents", null, { kind })}>
                        {formatQuantity(documents, "document")}
                        <span class="unseen"> that lost {wording.kinds[kind]?.label ?? showName(kind)}</span>
                      </a>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <MoreRows shown={shown} count={rows.length} noun="kind" showMore={showMore} />
          {missing.length > 0 && (
            <p class="small muted">Not found in this run: {missing.map(([, { label }]) => label).join(", ")}.</p>
          )}
        </>
      )}
    </section>
  );
}
