// Clusters of repeated text by relation, and what each relation means.

import { formatCount, formatQuantity, showName } from "../../data/text";
import type { Overview } from "../../data/types";
import { ShareBar } from "../../parts/ShareBar";
import { link } from "../../router";

export function OverviewClusters({ overview }: { overview: Overview }) {
  const { clusters, numClusters, numAcceptedPairs, wording } = overview;
  const rows = [...clusters].sort((a, b) => b.count - a.count);
  const most = rows[0]?.count ?? 0;
  return (
    <section aria-labelledby="overview-clusters">
      <h2 id="overview-clusters">Text that stands in several documents</h2>
      {numClusters === 0 ? (
        <p>No text was found to stand in more than one document.</p>
      ) : (
        <>
          <div class="scroll" tabIndex={0} role="region" aria-label="Clusters by relation">
            <table class="overview-clusters">
              <caption>
                {formatQuantity(numClusters, "cluster")}, built from{" "}
                {formatQuantity(numAcceptedPairs, "accepted pair")}, by how the copies relate. A cluster tells who
                ran the text first and shows what differs.
              </caption>
              <thead>
                <tr>
                  <th scope="col">Relation</th>
                  <th scope="col" class="number">Clusters</th>
                  <th scope="col">What it means</th>
                </tr>
              </thead>
              <tbody>
                {rows.map(({ relation, count }) => (
                  <tr key={relation}>
                    <th scope="row">
                      {count > 0 ? (
                        <a href={link("clusters", null, { relation })}>
                          {wording.relations[relation]?.name ?? showName(relation)}
                        </a>
                      ) : (
                        (wording.relations[relation]?.name ?? showName(relation))
                      )}
                      <ShareBar portions={[{ fill: "shared", part: count }]} whole={most} />
                    </th>
                    <td class="number">{formatCount(count)}</td>
                    <td>{wording.relations[relation]?.about ?? ""}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p>
            <a href={link("clusters")}>All clusters</a> · <a href={link("outlets")}>Which outlets share text</a>
          </p>
        </>
      )}
    </section>
  );
}
