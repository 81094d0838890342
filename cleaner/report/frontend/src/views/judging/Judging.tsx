// A person says of doubtful and of sampled pairs whether they are the same, one key a pair.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { DocumentIndex, JudgingData, Overview } from "../../data/types";
import { measurePrecision } from "./verdicts";
import { formatCount, formatQuantity } from "../../data/text";
import type { ViewProps } from "../../main";
import { Load } from "../../parts/Load";
import { type Place, readPlace, replaceQuery } from "../../router";
import { JudgingAnswers, useAnswerKeys } from "./JudgingAnswers";
import { JudgingFile } from "./JudgingFile";
import { JudgingFilters, JudgingList } from "./JudgingList";
import { JudgingPair } from "./JudgingPair";
import { type Action, listOffers, type Offer, useSession } from "./JudgingSession";

const WHY = { borderline: "least sure first", sample: "sample of the accepted ones" };

export function Judging({ report, place }: ViewProps) {
  return (
    <>
      <h1>Judging</h1>
      <p class="muted">
        Say of pairs of passages whether they are the same: first those of which the run was least sure, then some drawn by
        chance from all accepted ones, which tell how precise the run is. The verdicts go into a file that holds no text, and
        that the next run applies.
      </p>
      <Load
        load={async () => {
          const [data, documents] = await Promise.all([report.judging(), report.documents()]);
          return { data, documents, offers: listOffers(data) };
        }}
        inputs={[report]}
      >
        {({ offers, ...loaded }) =>
          offers.length ? (
            <Judge {...loaded} {...{ offers, place }} overview={report.overview} />
          ) : (
            <p class="note">The run has no verified pair, so there is nothing to judge.</p>
          )
        }
      </Load>
    </>
  );
}

interface JudgeProps {
  data: JudgingData;
  documents: DocumentIndex;
  offers: Offer[];
  overview: Overview;
  place: Place;
}

function readFirst(place: Place, count: number): number | null {
  const number = Number.parseInt(place.query.get("pair") ?? "", 10);
  return number >= 1 && number <= count ? number - 1 : null;
}

function Judge({ data, documents, offers, overview, place }: JudgeProps) {
  const relation = place.query.get("relation") ?? "";
  const isOpenOnly = place.query.get("show") === "open";
  const listed = useMemo(
    () => offers.flatMap(({ pair }, at) => (!relation || pair.relation === relation ? [at] : [])),
    [offers, relation],
  );
  const { session, act } = useSession(overview.run, data, offers, listed, readFirst(place, offers.length));
  const { verdicts, at } = session;
  const heading = useRef<HTMLHeadingElement>(null);
  const [said, setSaid] = useState("");
  useEffect(() => {
    replaceQuery(readPlace(window.location.hash), { pair: offers[at] ? at + 1 : null });
  }, [at]);
  useEffect(() => {
    // Only a link or a typed address leads elsewhere: what this page itself writes may be late.
    const follow = (event: HashChangeEvent) => {
      const asked = event.isTrusted ? readFirst(readPlace(window.location.hash), offers.length) : null;
      if (asked !== null) act({ do: "go", at: asked });
    };
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, [offers]);
  useEffect(() => {
    if (offers[at] && !listed.includes(at)) act({ do: "go", at: listed.find((other) => isOpen(other)) ?? listed[0] ?? 0 });
  }, [listed]);

  const isOpen = (other: number) => !verdicts.has(offers[other]?.name ?? "");
  const answer = (action: Action, text: string) => {
    const isIdle = action.do === "undo" ? !session.answers.length : action.do !== "go" && !offers[at];
    if (!isIdle) act(action);
    setSaid(!isIdle ? text : action.do === "undo" ? "There is nothing to undo." : "");
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: "nearest" });
  };
  const [areKeysOn, setKeysOn] = useState(true);
  useAnswerKeys(areKeysOn, answer);

  const offer = offers[at];
  const numJudged = useMemo(() => offers.filter((_, other) => !isOpen(other)).length, [offers, verdicts]);
  const numLeft = offer ? offers.filter((other, index) => index >= at && isOpen(index) && other.pair.why === offer.pair.why).length : 0;
  const shown = isOpenOnly ? listed.filter((other) => isOpen(other) || other === at) : listed;
  const firstOpen = listed.find(isOpen);
  return (
    <>
      <JudgingFilters {...{ offers, overview, place }} />
      <h2 ref={heading} tabIndex={-1} class="judging-heading">
        {offer ? `Pair ${formatCount(at + 1)} of ${formatCount(offers.length)}` : "That was the last pair"}
      </h2>
      <div class="judging-progress">
        <progress max={offers.length} value={numJudged} aria-label="Pairs judged" />{" "}
        <span>
          {formatCount(numJudged)} of {formatCount(offers.length)} judged
          {offer && (
            <>
              ; {WHY[offer.pair.why]}: {formatCount(numLeft)} to go
            </>
          )}
        </span>{" "}
        <span role="status" class="muted">
          {said}
        </span>
      </div>
      {offer ? (
        <JudgingPair
          {...{ offer, documents, overview }}
          threshold={data.threshold}
          verdict={verdicts.get(offer.name)?.verdict ?? null}
          note={session.drafts.get(offer.name) ?? verdicts.get(offer.name)?.note ?? ""}
          onNote={(note) => act({ do: "note", note })}
        />
      ) : (
        <p class="note">
          All pairs {relation ? "of this relation " : ""}are judged or skipped.{" "}
          {firstOpen !== undefined && (
            <button type="button" onClick={() => answer({ do: "go", at: firstOpen }, "")}>
              Go to the first skipped one
            </button>
          )}
        </p>
      )}
      <JudgingAnswers
        isOver={!offer}
        canUndo={session.answers.length > 0}
        verdict={offer ? (verdicts.get(offer.name)?.verdict ?? null) : null}
        areKeysOn={areKeysOn}
        setKeysOn={setKeysOn}
        answer={answer}
      />
      <Precision {...{ verdicts, documents, data, offers }} />
      <JudgingFile {...{ session, act, data }} command={overview.command} />
      <JudgingList {...{ offers, overview, verdicts, at, listed: shown }} go={(other) => answer({ do: "go", at: other }, "")} />
    </>
  );
}

interface PrecisionProps extends Pick<JudgeProps, "data" | "documents" | "offers"> {
  verdicts: ReturnType<typeof useSession>["session"]["verdicts"];
}

function Precision({ verdicts, documents, data, offers }: PrecisionProps) {
  const ids = useMemo(() => new Set(documents.id), [documents]);
  const found = useMemo(() => measurePrecision(verdicts, ids), [verdicts, ids]);
  const numSample = offers.filter(({ line }) => line.sample).length;
  return (
    <>
      <h2>How precise the run is</h2>
      <p>
        {found ? (
          <>
            <strong>Precision {found.value.toFixed(2)}</strong>: {formatCount(found.same)} of {formatQuantity(found.judged, "sampled pair")}{" "}
            judged {found.judged === 1 ? "is" : "are"} the same (95 % interval {found.low.toFixed(2)} to {found.high.toFixed(2)}).
          </>
        ) : (
          "No pair of the sample is judged yet."
        )}{" "}
        <span class="muted">
          {formatQuantity(numSample, "pair")} of the {formatCount(data.numAccepted)} accepted ones were drawn by chance.
        </span>
      </p>
    </>
  );
}
