// The page: a bar of views, and the view that the address names.

import { type ComponentType, render } from "preact";
import { useEffect, useRef } from "preact/hooks";
import "./report.css";
import { Report } from "./data/report";
import { link, type Place, usePlace } from "./router";
import { Cluster } from "./views/cluster/Cluster";
import { Clusters } from "./views/clusters/Clusters";
import { Document } from "./views/document/Document";
import { Documents } from "./views/documents/Documents";
import { Judging } from "./views/judging/Judging";
import { Outlets } from "./views/outlets/Outlets";
import { Overview } from "./views/overview/Overview";
import { Threshold } from "./views/threshold/Threshold";

export interface ViewProps {
  report: Report;
  place: Place;
}

/** The views in the bar, and below each the view of one of its things. */
const VIEWS: { name: string; label: string; view: ComponentType<ViewProps>; of?: string }[] = [
  { name: "overview", label: "Overview", view: Overview },
  { name: "clusters", label: "Repeated text", view: Clusters },
  { name: "cluster", label: "Cluster", view: Cluster, of: "clusters" },
  { name: "outlets", label: "Outlets", view: Outlets },
  { name: "documents", label: "Documents", view: Documents },
  { name: "document", label: "Document", view: Document, of: "documents" },
  { name: "threshold", label: "Threshold", view: Threshold },
  { name: "judging", label: "Judging", view: Judging },
];

function Page({ report }: { report: Report }) {
  const place = usePlace();
  const main = useRef<HTMLElement>(null);
  const shown = VIEWS.find(({ name }) => name === place.view);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${shown?.label ?? "Not found"} · ${report.overview.title}`;
    if (!isFirst.current) {
      main.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    isFirst.current = false;
  }, [place.view, place.name]);
  const View = shown?.view;
  return (
    <>
      <a class="skip" href="#content" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the content
      </a>
      <header class="bar">
        <p class="title">{report.overview.title}</p>
        <nav aria-label="Views">
          <ul>
            {VIEWS.filter(({ of }) => !of).map(({ name, label }) => (
              <li key={name}>
                <a href={link(name)} aria-current={name === shown?.name ? "page" : name === shown?.of ? "true" : undefined}>
                  {label}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main id="content" ref={main} tabIndex={-1}>
        {report.overview.mainPage && (
          <p class="note">
            This page holds a part of the texts only. <a href={`${report.overview.mainPage}#/overview`}>The whole report</a>
          </p>
        )}
        {View ? (
          <View report={report} place={place} />
        ) : (
          <p role="alert">
            There is no view called “{place.view}”. <a href={link("overview")}>Go to the overview</a>
          </p>
        )}
      </main>
    </>
  );
}

async function start(): Promise<void> {
  const root = document.getElementById("page");
  if (!root) return;
  try {
    const report = await Report.open(document);
    root.textContent = "";
    render(<Page report={report} />, root);
  } catch (error) {
    const needed = "DecompressionStream" in window ? "" : "This browser is too old for the report. ";
    root.textContent = `${needed}The report cannot be shown: ${String(error)}. \`clean report\` prints the same facts.`;
  }
}

void start();
