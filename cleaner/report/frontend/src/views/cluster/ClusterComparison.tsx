// One member of a cluster against the base: the two passages with what differs marked.

import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { type Change, compareTexts, countChanges, FACTS, isSameText, type Piece, unmarkEnd } from "../../difference/compare";
import { formatDate, formatPercent, formatQuantity, showLine, showText } from "../../data/text";
import type { DocumentIndex, Member } from "../../data/types";
import { Difference } from "../../difference/Difference";
import { linkMember } from "./ClusterMembers";

const SENTENCE_END = /[.!?…。！？]["'”’»)\]]*\s*$/;

export type Layout = "sides" | "one";

interface ClusterComparisonProps {
  base: Member;
  baseNumber: number;
  member: Member;
  number: number;
  documents: DocumentIndex;
  /** Names of all outlets. */
  names: string[];
  negations: Set<string>;
  layout: Layout;
}

export function ClusterComparison(props: ClusterComparisonProps) {
  const { base, baseNumber, member, number, documents, names, negations, layout } = props;
  const pieces = useMemo(() => {
    const found = compareTexts(base.text, member.text, negations);
    return unmarkEnd(found, base.hidden > 0, member.hidden > 0);
  }, [base.text, member.text, base.hidden, member.hidden, negations]);
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const shown = { pieces, opened, onOpen: (piece: number) => setOpened(new Set([...opened, piece])) };
  const name = (of: Member) => names[documents.outlet[of.document] ?? -1] ?? "";
  const side = { documents, names };
  const baseHeading = (
    <>
      {base.isRepresentative ? "Representative" : "Base"}: {baseNumber}. <bdi>{showLine(name(base), 60)}</bdi>
    </>
  );
  const published = documents.published[member.document] ?? null;
  return (
    <section class="comparison">
      <h3>
        {number}. <bdi>{showLine(name(member), 80)}</bdi>
        <span class="muted small">
          {" "}
          {formatDate(published)}
          {!member.isRepresentative && ` · similarity to the representative ${formatPercent(member.similarity)}`}
        </span>
      </h3>
      <Summary pieces={pieces} />
      {isSameText(pieces) ? (
        <Passage {...side} member={member} heading={null}>
          <Difference {...shown} side="other" />
        </Passage>
      ) : layout === "one" ? (
        <Passage {...side} member={member} heading={null}>
          <Difference {...shown} side="both" />
        </Passage>
      ) : (
        <div class="comparison-sides">
          <Passage {...side} member={base} heading={baseHeading}>
            <Difference {...shown} side="base" />
          </Passage>
          <Passage
            {...side}
            member={member}
            heading={
              <>
                {number}. <bdi>{showLine(name(member), 60)}</bdi>
              </>
            }
          >
            <Difference {...shown} side="other" />
          </Passage>
        </div>
      )}
    </section>
  );
}

/** The text before a passage from its first whole word on; what begins the document is whole. */
function readBefore({ before, begin }: Member): string {
  const isWhole = !before || Array.from(before).length >= begin;
  return isWhole ? before : `…${before.replace(/^\S{0,20}\s+(?=\S)/, "")}`;
}

/** The text after a passage up to its last whole word. */
function readAfter({ after }: Member): string {
  return !after || SENTENCE_END.test(after) ? after : `${after.replace(/\s+\S{0,20}$/, "")}…`;
}

/** Says what differs before the reader looks for it. */
function Summary({ pieces }: { pieces: Piece[] }) {
  const change = useMemo(() => countChanges(pieces), [pieces]);
  if (isSameText(pieces)) return <p>Word for word the same.</p>;
  const words = [
    change.cutWords && `${formatQuantity(change.cutWords, "word")} only in the base`,
    change.addedWords && `${formatQuantity(change.addedWords, "word")} only here`,
    change.typographyWords &&
      `${formatQuantity(change.typographyWords, "word")} with other punctuation, capitals or accents`,
  ].filter(Boolean);
  return (
    <p>
      {change.facts.size > 0 && <strong class="comparison-facts">Differs in: {listFacts(change)}</strong>}{" "}
      {words.length > 0 && <span class="muted">{words.join(", ")}.</span>}{" "}
      {change.isUnmarked && "A part that differs too much, or is not here as a whole, is not marked."}
    </p>
  );
}

function listFacts({ facts }: Change): string {
  return [...facts].map(([fact, count]) => (count === 1 ? FACTS[fact].one : `${count} ${FACTS[fact].many}`)).join(", ");
}

interface PassageProps {
  member: Member;
  documents: DocumentIndex;
  heading: ComponentChildren;
  children: ComponentChildren;
}

function Passage({ member, documents, heading, children }: PassageProps) {
  const address = linkMember(member, documents);
  return (
    <div class="passage">
      <p class="passage-heading small muted">
        {heading && <>{heading} · </>}
        <a href={address}>in its document</a>
      </p>
      <div class="text" dir="auto" lang={documents.language[member.document] ?? ""}>
        <span class="context">{showText(readBefore(member))}</span>
        {children}
        <span class="context">{showText(readAfter(member))}</span>
      </div>
      {member.hidden > 0 && (
        <p class="small">
          {formatQuantity(member.hidden, "more character")} {member.hidden === 1 ? "is" : "are"} not shown here;{" "}
          <a href={address}>read the document</a>.
        </p>
      )}
    </div>
  );
}
