// The members of a cluster in order of time, and the choice of the one that others are compared to.

import { findLink, formatDate, formatPercent, showLine } from "../../data/text";
import type { DocumentIndex, Member } from "../../data/types";
import { link } from "../../router";

interface ClusterMembersProps {
  members: Member[];
  /** How many of them are shown. */
  shown: number;
  documents: DocumentIndex;
  /** Names of all outlets. */
  names: string[];
  /** Number of the member that the others are compared to. */
  base: number;
  onBase: (member: number) => void;
}

/** The document of a member, where the passage stands. */
export function linkMember(member: Member, documents: DocumentIndex): string {
  return link("document", documents.id[member.document] ?? "", { at: `${member.begin}-${member.end}` });
}

export function ClusterMembers({ members, shown, documents, names, base, onBase }: ClusterMembersProps) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Documents of the cluster">
      <table class="cluster-members">
        <caption>Documents in order of time; those without a date come last.</caption>
        <thead>
          <tr>
            <th scope="col" class="number">
              No.
            </th>
            <th scope="col">Outlet</th>
            <th scope="col">Published</th>
            <th scope="col">Document</th>
            <th scope="col" class="number">
              Similarity
            </th>
            <th scope="col">Compare</th>
          </tr>
        </thead>
        <tbody>
          {members.slice(0, shown).map((member, at) => (
            <Row
              key={at}
              number={at + 1}
              {...{ member, documents, names }}
              isBase={at === base}
              onBase={() => onBase(at)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  member: Member;
  number: number;
  documents: DocumentIndex;
  names: string[];
  isBase: boolean;
  onBase: () => void;
}

function Row({ member, number, documents, names, isBase, onBase }: RowProps) {
  const { document } = member;
  const url = findLink(documents.url[document] ?? null);
  const title = showLine(documents.title[document] ?? "", 140) || "(no title)";
  return (
    <tr class={isBase ? "cluster-base" : undefined}>
      <td class="number">{number}</td>
      <th scope="row">
        <bdi>{showLine(names[documents.outlet[document] ?? -1] ?? "", 80)}</bdi>
        {member.isRepresentative && <span class="cluster-badge">representative</span>}
      </th>
      <td>{formatDate(documents.published[document] ?? null)}</td>
      <td>
        <a href={linkMember(member, documents)}>
          <bdi lang={documents.language[document] ?? ""}>{title}</bdi>
        </a>
        <br />
        <span class="muted small">
          <bdi>{showLine(documents.source[document] ?? "", 160)}</bdi>
          {url && (
            <>
              {" "}
              <a href={url} rel="noopener noreferrer nofollow">
                on the web
              </a>
            </>
          )}
        </span>
      </td>
      <td class="number">{member.isRepresentative ? "–" : formatPercent(member.similarity)}</td>
      <td>
        <button
          type="button"
          aria-pressed={isBase}
          onClick={onBase}
          aria-label={`Compare the others with number ${number}`}
        >
          {isBase ? "Base" : "Use as base"}
        </button>
      </td>
    </tr>
  );
}
