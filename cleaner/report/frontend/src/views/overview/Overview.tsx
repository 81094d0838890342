// What a reader sees first: how much was removed and why, and where to look further.

import { formatQuantity, showText } from "../../data/text";
import type { ViewProps } from "../../main";
import { link } from "../../router";
import { OverviewAlarms } from "./OverviewAlarms";
import { OverviewClusters } from "./OverviewClusters";
import { OverviewFacts } from "./OverviewFacts";
import { OverviewFiles } from "./OverviewFiles";
import { OverviewFunnel } from "./OverviewFunnel";
import { OverviewKinds } from "./OverviewKinds";
import { OverviewOutlets } from "./OverviewOutlets";
import { OverviewQuality } from "./OverviewQuality";
import { OverviewRejected } from "./OverviewRejected";

export function Overview({ report, place }: ViewProps) {
  const { overview } = report;
  const { clustersElsewhere, documentsElsewhere } = overview.sizes;
  const moved = [
    clustersElsewhere ? formatQuantity(clustersElsewhere, "cluster") : "",
    documentsElsewhere ? formatQuantity(documentsElsewhere, "document") : "",
  ].filter(Boolean);
  return (
    <>
      <h1>{showText(overview.title)}</h1>
      <OverviewAlarms alarms={overview.alarms} />
      <p class="overview-statement">{showText(overview.statement.join(" "))}</p>
      <OverviewFacts overview={overview} />
      {overview.numDocuments > 0 && (
        <div class="overview-halves">
          <OverviewFunnel title="Words, step by step" noun="word" steps={overview.wordSteps} />
          <OverviewFunnel title="Documents, step by step" noun="document" steps={overview.documentSteps} />
        </div>
      )}
      <OverviewKinds overview={overview} />
      {overview.outlets.length > 0 && <OverviewOutlets overview={overview} place={place} />}
      <OverviewClusters overview={overview} />
      <OverviewQuality overview={overview} />
      <OverviewRejected overview={overview} />
      <OverviewFiles files={overview.files} />
      {moved.length > 0 && (
        <p class="note">
          To keep this page small, the heaviest texts ({moved.join(" and ")}) were moved into pages in the folder{" "}
          <code>report-data/</code> beside it. They are reached from each <a href={link("clusters")}>cluster</a> or{" "}
          <a href={link("documents")}>document</a>; keep the folder with this page when you move it.
        </p>
      )}
    </>
  );
}
