// Inputs that were set aside, by reason and one by one.

import { formatCount, formatQuantity, showLine, showName } from "../../data/text";
import type { Overview } from "../../data/types";
import { MoreRows, useMoreRows } from "../../parts/MoreRows";

const MAX_DETAIL_CHARS = 400;

export function OverviewRejected({ overview }: { overview: Overview }) {
  const { rejected, rejections } = overview;
  const [shown, showMore] = useMoreRows(rejections);
  const total = rejected.reduce((sum, { count }) => sum + count, 0);
  const hidden = total - rejections.length;
  return (
    <section aria-labelledby="overview-set-aside">
      <h2 id="overview-set-aside">Inputs set aside</h2>
      {total === 0 ? (
        <p>Every input could be read.</p>
      ) : (
        <>
          <p>
            {formatQuantity(total, "input")} could not be used:{" "}
            {rejected.map(({ reason, count }) => `${formatCount(count)} ${showName(reason)}`).join(", ")}.
          </p>
          <details open={rejections.length <= 5}>
            <summary>Which ones</summary>
            <div class="scroll" tabIndex={0} role="region" aria-label="List of inputs set aside">
              <table>
                <caption>Inputs that are not in the corpus, and why</caption>
                <thead>
                  <tr>
                    <th scope="col">Source</th>
                    <th scope="col">Reason</th>
                    <th scope="col">Detail</th>
                  </tr>
                </thead>
                <tbody>
                  {rejections.slice(0, shown).map(({ source, reason, detail }, at) => (
                    <tr key={at}>
                      <th scope="row">
                        <bdi>{showLine(source, 300)}</bdi>
                      </th>
                      <td>{showName(reason)}</td>
                      <td dir="auto">{showLine(detail, MAX_DETAIL_CHARS)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <MoreRows shown={shown} count={rejections.length} noun="input" showMore={showMore} />
          </details>
          {hidden > 0 && (
            <p class="note">
              {formatQuantity(hidden, "further input")} {hidden === 1 ? "is" : "are"} listed in <code>rejected.jsonl</code> only.
            </p>
          )}
        </>
      )}
    </section>
  );
}
