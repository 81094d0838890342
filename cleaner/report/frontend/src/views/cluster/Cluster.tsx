// One cluster: who ran it when, its documents, and what differs between them.

import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { formatPercent, formatQuantity, showLine, showName } from "../../data/text";
import type { ClusterIndex, DocumentIndex, Member, Overview } from "../../data/types";
import type { ViewProps } from "../../main";
import { Load } from "../../parts/Load";
import { MoreRows, useMoreRows } from "../../parts/MoreRows";
import { link, type Place, replaceQuery } from "../../router";
import { ClusterComparison, type Layout } from "./ClusterComparison";
import { ClusterMembers } from "./ClusterMembers";
import { ClusterNavigation, Permalink } from "./ClusterNavigation";
import { ClusterRelated } from "./ClusterRelated";
import { RelationBadge } from "../clusters/Clusters";
import { ClusterTimeline } from "./ClusterTimeline";

const STEP = 25;
/** What similarity counts: a changed word breaks three runs of three words, so it weighs more in articles. */
const SIMILARITY: Record<string, string> = {
  document: "the share of all runs of three words that both articles have",
  sentence: "the share of its words that stand there too",
};
const LEVELS: Record<string, string> = {
  document: "whole articles",
  sentence: "passages of articles",
  quotation: "quotations",
};

export function Cluster({ report, place }: ViewProps) {
  const names = useMemo(() => report.overview.outlets.map(({ outlet }) => outlet), [report]);
  const load = () => Promise.all([report.clusters(), report.documents()]);
  return (
    <Load load={load} inputs={[report]}>
      {([index, documents]) => {
        const cluster = index.id.indexOf(place.name);
        if (cluster < 0) return <Missing name={place.name} hidden={report.overview.numClusters - index.id.length} />;
        return (
          <>
            <ClusterNavigation index={index} cluster={cluster} names={names} place={place} />
            <Head index={index} cluster={cluster} overview={report.overview} />
            <Load load={() => report.members(cluster)} inputs={[report, cluster]}>
              {(members) => (
                <Body
                  {...{ members, documents, names, place }}
                  overview={report.overview}
                  related={(document, outlet) => (
                    <Load load={() => report.document(document)} inputs={[report, document]}>
                      {(detail) => <ClusterRelated {...{ detail, index, cluster, names, outlet }} />}
                    </Load>
                  )}
                />
              )}
            </Load>
          </>
        );
      }}
    </Load>
  );
}

function Missing({ name, hidden }: { name: string; hidden: number }) {
  return (
    <p role="alert">
      There is no cluster “{showLine(name, 60)}” in this page
      {hidden > 0 && `; ${formatQuantity(hidden, "cluster")} of the run are only in clusters.jsonl beside it`}.{" "}
      <a href={link("clusters")}>Go to all clusters</a>
    </p>
  );
}

function Head({ index, cluster, overview }: { index: ClusterIndex; cluster: number; overview: Overview }) {
  const relation = index.relation[cluster] ?? "";
  const why = index.why[cluster] ?? "";
  const level = index.level[cluster] ?? "";
  const [lowest, median] = [index.minSimilarity[cluster] ?? 0, index.medianSimilarity[cluster] ?? 0];
  return (
    <>
      <h1 dir="auto">{showLine(index.heading[cluster] ?? "", 200)}</h1>
      <p>
        <RelationBadge overview={overview} relation={relation} /> {overview.wording.relations[relation]?.about}
      </p>
      <p>
        {formatQuantity(index.members[cluster] ?? 0, "document")} of{" "}
        {formatQuantity(index.outlets[cluster]?.length ?? 0, "outlet")} ({LEVELS[level] ?? showName(level)};{" "}
        {formatQuantity(index.words[cluster] ?? 0, "word")}). Similarity to the representative: lowest{" "}
        {formatPercent(lowest)}, median {formatPercent(median)} ({SIMILARITY[level] ?? SIMILARITY.sentence}). Why the representative was chosen:{" "}
        {overview.wording.representatives[why] ?? showName(why)}
      </p>
      <Permalink id={index.id[cluster] ?? ""} />
    </>
  );
}

interface BodyProps {
  members: Member[];
  documents: DocumentIndex;
  names: string[];
  place: Place;
  overview: Overview;
  /** Who else shares text of a document, of an outlet of a number. */
  related: (document: number, outlet: number) => ComponentChildren;
}

/** The number of the member that the address names as the base, else of the representative. */
function readBase(members: Member[], place: Place): number {
  const base = Number(place.query.get("base") ?? 0) - 1;
  if (members[base]) return base;
  return Math.max(
    0,
    members.findIndex(({ isRepresentative }) => isRepresentative),
  );
}

function Body({ members, documents, names, place, overview, related }: BodyProps) {
  const [shown, showMore] = useMoreRows(members, STEP);
  const negations = useMemo(() => new Set(overview.wording.negations), [overview]);
  const runs = useMemo(
    () =>
      members.map(({ document, isRepresentative }) => ({
        outlet: documents.outlet[document] ?? -1,
        published: documents.published[document] ?? null,
        isRepresentative,
      })),
    [members, documents],
  );
  const representative = members.find(({ isRepresentative }) => isRepresentative)?.document ?? 0;
  const base = readBase(members, place);
  const chosen = members[base];
  const layout: Layout = place.query.get("layout") === "one" ? "one" : "sides";
  const others = members.map((member, at) => ({ member, at })).filter(({ at }) => at !== base);
  const more = <MoreRows shown={shown} count={members.length} noun="document" showMore={showMore} />;
  return (
    <>
      <h2>Who ran it when</h2>
      <ClusterTimeline runs={runs} names={names} />
      <ClusterMembers
        {...{ members, shown, documents, names, base }}
        onBase={(member) => replaceQuery(place, { base: member + 1 })}
      />
      {more}
      {related(representative, documents.outlet[representative] ?? -1)}
      <h2>What differs</h2>
      <Key layout={layout} onLayout={(name) => replaceQuery(place, { layout: name === "one" ? name : "" })} />
      {chosen &&
        others
          .slice(0, shown)
          .map(({ member, at }) => (
            <ClusterComparison
              key={`${base} ${at}`}
              base={chosen}
              baseNumber={base + 1}
              number={at + 1}
              {...{ member, documents, names, negations, layout }}
            />
          ))}
      {more}
    </>
  );
}

function Key({ layout, onLayout }: { layout: Layout; onLayout: (layout: Layout) => void }) {
  return (
    <div class="comparison-key">
      <ul class="small" aria-label="Marks">
        <li>
          <del>only in the base</del>
        </li>
        <li>
          <ins>only in the other</ins>
        </li>
        <li>
          <ins class="typography">only</ins> punctuation, capitals or accents
        </li>
        <li>
          <ins class="fact" data-fact="figure">
            25
          </ins>{" "}
          a figure, name or negation that differs, told by word lists and capitals: read it to be sure
        </li>
      </ul>
      <fieldset>
        <legend class="small muted">Show the two texts</legend>
        {(["sides", "one"] as const).map((name) => (
          <label key={name}>
            <input type="radio" name="layout" checked={layout === name} onChange={() => onLayout(name)} />{" "}
            {name === "sides" ? "side by side" : "in one"}
          </label>
        ))}
      </fieldset>
    </div>
  );
}
