// One document: its whole text, what became of every part of it, and why.

import type { DocumentIndex, Overview } from "../../data/types";
import { findLink, formatCount, formatDate, formatPercent, formatQuantity, showLine, showName } from "../../data/text";
import type { ViewProps } from "../../main";
import { Load } from "../../parts/Load";
import { link } from "../../router";
import { DocumentReader } from "./DocumentReader";

export function Document({ report, place }: ViewProps) {
  return (
    <Load load={report.documents} inputs={[report]}>
      {(documents) => {
        const number = findDocument(documents, place.name);
        if (number === null) {
          return (
            <p role="alert" class="note">
              The run has no document “<bdi>{showLine(place.name, 120)}</bdi>”. <a href={link("documents")}>All documents</a>
            </p>
          );
        }
        return (
          <>
            <Head documents={documents} overview={report.overview} number={number} />
            <Load
              load={async () => ({ detail: await report.document(number), clusters: await report.clusters() })}
              inputs={[report, number]}
            >
              {({ detail, clusters }) =>
                detail.text ? (
                  <DocumentReader key={number} {...{ detail, clusters, documents, number, place }} overview={report.overview} />
                ) : (
                  <p class="note">The document has no text.</p>
                )
              }
            </Load>
          </>
        );
      }}
    </Load>
  );
}

/** The number of a document by its id or its source. */
function findDocument({ id, source }: DocumentIndex, name: string): number | null {
  const found = id.indexOf(name);
  const other = found < 0 ? source.indexOf(name) : found;
  return other < 0 ? null : other;
}

interface HeadProps {
  documents: DocumentIndex;
  overview: Overview;
  number: number;
}

function Head({ documents, overview, number }: HeadProps) {
  const source = showLine(documents.source[number] ?? "", 400);
  const title = documents.title[number];
  const outlet = overview.outlets[documents.outlet[number] ?? -1]?.outlet ?? "";
  const url = documents.url[number] ?? null;
  const address = findLink(url);
  const language = documents.language[number];
  const truncated = documents.truncated[number];
  const words = documents.words[number] ?? 0;
  const kept = documents.keptWords[number] ?? 0;
  const shared = documents.sharedWords[number] ?? 0;
  return (
    <>
      <p class="small">
        <a href={link("documents")}>All documents</a>
      </p>
      <h1 dir="auto">{title ? showLine(title, 300) : source}</h1>
      <p class="muted document-facts">
        <a href={link("documents", null, { outlet })}>
          <bdi>{showLine(outlet, 100)}</bdi>
        </a>{" "}
        · {formatDate(documents.published[number] ?? null)} · <bdi>{source}</bdi>
        {language && <> · language: {showLine(language, 40)}</>}
        {url && (
          <>
            {" · "}
            {address ? (
              <a href={address} rel="noopener noreferrer nofollow">
                <bdi>{showLine(address, 120)}</bdi>
              </a>
            ) : (
              <bdi>{showLine(url, 120)}</bdi>
            )}
          </>
        )}
      </p>
      <p>
        <strong>
          {formatCount(kept)} of {formatQuantity(words, "word")} kept
        </strong>{" "}
        ({formatPercent(kept, words)}) in the {overview.view} view, which the corpus holds.{" "}
        {shared > 0 && <>{formatQuantity(shared, "word")} of the text, kept or not, {shared === 1 ? "stands" : "stand"} in other documents too.</>}
      </p>
      {truncated && (
        <p class="alarm">
          The article was cut short {overview.wording.truncations[truncated] ?? showName(truncated)}: this is only its beginning.
        </p>
      )}
    </>
  );
}
