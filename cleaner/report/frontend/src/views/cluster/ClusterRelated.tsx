// What else of the representative's document stands elsewhere: other clusters that it is in, by the
// outlets that share them. A story is seldom one cluster: some print all of it, some a sentence.

import { formatCount, formatQuantity, showLine } from "../../data/text";
import type { ClusterIndex, DocumentDetail } from "../../data/types";
import { link } from "../../router";

interface Shared {
  outlet: number;
  clusters: Set<number>;
  words: number;
}

/** Outlets that share text of a document in other clusters than one, most words first. */
export function findShared(detail: DocumentDetail, index: ClusterIndex, cluster: number): Shared[] {
  const found = new Map<number, Shared>();
  const others = new Set(detail.spans.map((span) => span.cluster).filter((other) => other !== null));
  others.delete(cluster);
  const inside = new Set(index.outlets[cluster]);
  for (const other of others) {
    for (const outlet of index.outlets[other] ?? []) {
      if (inside.has(outlet)) continue;
      const shared = found.get(outlet) ?? { outlet, clusters: new Set(), words: 0 };
      shared.clusters.add(other);
      shared.words += index.words[other] ?? 0;
      found.set(outlet, shared);
    }
  }
  return [...found.values()].sort((a, b) => b.words - a.words || a.outlet - b.outlet);
}

const MAX_OUTLETS = 20;

interface RelatedProps {
  detail: DocumentDetail;
  index: ClusterIndex;
  cluster: number;
  names: string[];
  /** The outlet of the representative. */
  outlet: number;
}

export function ClusterRelated({ detail, index, cluster, names, outlet }: RelatedProps) {
  const shared = findShared(detail, index, cluster);
  if (!shared.length) return null;
  return (
    <>
      <h2>Who else has a part of it</h2>
      <p>
        The representative’s document shares other passages with{" "}
        {formatQuantity(shared.length, "more outlet")}:
      </p>
      <ul class="related">
        {shared.slice(0, MAX_OUTLETS).map(({ outlet: other, clusters, words }) => {
          const [only] = clusters;
          const address =
            clusters.size === 1 && only !== undefined
              ? link("cluster", index.id[only] ?? "")
              : link("clusters", null, { outlet: names[outlet], outlet2: names[other] });
          return (
            <li key={other}>
              <bdi>{showLine(names[other] ?? "", 60)}</bdi>:{" "}
              <a href={address}>
                {formatQuantity(clusters.size, "passage")}, {formatQuantity(words, "word")}
              </a>
            </li>
          );
        })}
      </ul>
      {shared.length > MAX_OUTLETS && (
        <p class="muted">and {formatCount(shared.length - MAX_OUTLETS)} more outlets with fewer words.</p>
      )}
    </>
  );
}
