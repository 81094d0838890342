// All clusters, with filters and an order that stand in the address.

import { useMemo } from "preact/hooks";
import { FILTER_KEYS, type Filters, findClusters, readFilters, writeFilters } from "./clusterSearch";
import { formatCount, formatDate, formatPercent, formatQuantity, showLine, showName } from "../../data/text";
import type { ClusterIndex, Overview } from "../../data/types";
import type { ViewProps } from "../../main";
import { List } from "../../parts/List";
import { Load } from "../../parts/Load";
import { link, type Place, readPlace, replaceQuery } from "../../router";
import { ClusterFilters } from "./ClusterFilters";

const MAX_OUTLETS = 4;
const ROW_HEIGHT = 96;

export function Clusters({ report, place }: ViewProps) {
  return (
    <>
      <h1>Repeated text</h1>
      <p>
        Each cluster is one article or passage that stands in several documents, perhaps not word for word. Open one to
        see who ran it when, and what differs.
      </p>
      <Load load={report.clusters} inputs={[report]}>
        {(index) => <Found index={index} overview={report.overview} place={place} />}
      </Load>
    </>
  );
}

interface FoundProps {
  index: ClusterIndex;
  overview: Overview;
  place: Place;
}

function Found({ index, overview, place }: FoundProps) {
  const names = useMemo(() => overview.outlets.map(({ outlet }) => outlet), [overview]);
  const filters = readFilters(place.query);
  const list = writeFilters(filters);
  const { clusters, relations } = useMemo(() => findClusters(index, names, filters), [index, names, list]);
  const change = (changes: Partial<Filters>) => replaceQuery(readPlace(window.location.hash), changes);
  const reset = () => change(Object.fromEntries(FILTER_KEYS.filter((key) => key !== "sort").map((key) => [key, ""])));
  if (!index.id.length) return <p class="note">No text stands in two documents of this run.</p>;
  const count = `${formatCount(clusters.length)} of ${formatQuantity(index.id.length, "cluster")}`;
  return (
    <>
      <ClusterFilters overview={overview} filters={filters} counts={relations} onChange={change} onReset={reset} />
      <p role="status" class="cluster-count">
        {count}
      </p>
      {clusters.length ? (
        <List
          label="Clusters"
          count={clusters.length}
          rowHeight={ROW_HEIGHT}
          listed={list}
          row={(at) => <Row index={index} cluster={clusters[at] ?? 0} overview={overview} list={list} />}
        />
      ) : (
        <p class="note">
          No cluster matches these filters.{" "}
          <button type="button" onClick={reset}>
            Reset the filters
          </button>
        </p>
      )}
    </>
  );
}

interface RowProps {
  index: ClusterIndex;
  cluster: number;
  overview: Overview;
  /** The filters of the list, which the cluster's neighbours are taken from. */
  list: string;
}

function Row({ index, cluster, overview, list }: RowProps) {
  const outlets = index.outlets[cluster] ?? [];
  const shown = outlets.slice(0, MAX_OUTLETS);
  return (
    <a class="cluster-row" href={link("cluster", index.id[cluster] ?? "", { list })}>
      <span class="cluster-heading" dir="auto">
        {showLine(index.heading[cluster] ?? "", 160)}
      </span>
      <span class="cluster-facts">
        <RelationBadge overview={overview} relation={index.relation[cluster] ?? ""} />{" "}
        {formatQuantity(index.members[cluster] ?? 0, "document")} · {formatQuantity(outlets.length, "outlet")}:{" "}
        {shown.map((outlet, at) => (
          <>
            {at > 0 && ", "}
            <bdi>{showLine(overview.outlets[outlet]?.outlet ?? "", 40)}</bdi>
          </>
        ))}
        {outlets.length > shown.length && ` and ${formatCount(outlets.length - shown.length)} more`}
      </span>
      <span class="cluster-facts muted">
        {formatRange(index.first[cluster] ?? null, index.last[cluster] ?? null)} ·{" "}
        {formatQuantity(index.words[cluster] ?? 0, "word")} · lowest similarity{" "}
        {formatPercent(index.minSimilarity[cluster] ?? 0)}
      </span>
    </a>
  );
}

export function RelationBadge({ overview, relation }: { overview: Overview; relation: string }) {
  return <span class="cluster-badge">{overview.wording.relations[relation]?.name ?? showName(relation)}</span>;
}

/** From when to when the members of a cluster were published. */
export function formatRange(first: string | null, last: string | null): string {
  const [begin, end] = [formatDate(first), formatDate(last)];
  return begin === end ? begin : `${begin} to ${end}`;
}
