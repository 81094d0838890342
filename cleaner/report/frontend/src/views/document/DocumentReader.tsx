// The text of a document, the explanation of what is selected in it, and the ways through it.

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ClusterIndex, DocumentDetail, DocumentIndex, Overview, Span, View } from "../../data/types";
import { CodePoints, formatCount } from "../../data/text";
import { type Place, replaceQuery } from "../../router";
import { DocumentLegend, SHARED } from "./DocumentLegend";
import { DocumentPanel } from "./DocumentPanel";
import { Ribbon } from "./DocumentRibbon";
import {
  countFates,
  countWords,
  findFate,
  findSpan,
  findWindow,
  findWindowBegin,
  findWindowEnd,
  isStop,
  readRange,
} from "./DocumentSpans";
import { DocumentText } from "./DocumentText";
import { DocumentViews, readShown } from "./DocumentViews";

interface ReaderProps {
  detail: DocumentDetail;
  documents: DocumentIndex;
  clusters: ClusterIndex;
  overview: Overview;
  number: number;
  place: Place;
}

type Step = { by: 1 | -1; of: "any" | "stops" };
const KEYS: Record<string, Step> = {
  n: { by: 1, of: "stops" },
  p: { by: -1, of: "stops" },
  ArrowRight: { by: 1, of: "any" },
  ArrowLeft: { by: -1, of: "any" },
};

export function DocumentReader({ detail, documents, clusters, overview, number, place }: ReaderProps) {
  const { spans } = detail;
  const points = useMemo(() => new CodePoints(detail.text), [detail]);
  const words = useMemo(() => spans.map((span) => countWords(points.slice(span.begin, span.end))), [spans, points]);
  const shown = readShown(place);
  const view: View = shown === "marked" ? overview.view : shown;
  const isWhole = shown === "marked" || place.query.get("rest") === "1";
  const counts = useMemo(() => countFates(spans, words, view), [spans, words, view]);
  const kinds = place.query.get("kinds") ?? "";
  const highlighted = useMemo(() => new Set(kinds.split(",").filter(Boolean)), [kinds]);
  const at = place.query.get("at");
  const range = useMemo(() => readRange(at, points.length), [at, points]);

  const [part, setPart] = useState(() => findWindow(spans, range?.begin ?? 0, points.length));
  const [selected, setSelected] = useState<number | null>(null);
  /** What is to be brought into sight and focused once it is in the page. */
  const [wanted, setWanted] = useState<{ span: number; atRange: boolean; isFocused: boolean } | null>(null);
  const box = useRef<HTMLDivElement>(null);
  /** The place in the address that a press in this page has put there: it is in sight already. */
  const ownAt = useRef<string | null>(null);

  const isShown = (span: Span) => isWhole || findFate(span, view) !== "removed";
  const isWanted = (span: Span) =>
    isStop(span, view) && (!highlighted.size || highlighted.has(findFate(span, view) === "shared" ? SHARED : span.kind));
  const stops = useMemo(
    () => spans.flatMap((span, index) => (isShown(span) && isWanted(span) ? [index] : [])),
    [spans, view, isWhole, highlighted],
  );

  const reach = (span: number, { atRange = false, isFocused = true } = {}) => {
    const { begin, end } = atRange && range ? range : (spans[span] ?? part);
    if (end <= part.begin || begin >= part.end) setPart(findWindow(spans, begin, points.length));
    setSelected(span);
    setWanted({ span, atRange, isFocused });
  };

  useEffect(() => {
    const isOwn = at === ownAt.current;
    if (!isOwn) ownAt.current = null;
    if (!range || isOwn) return;
    // Mostly white space may come first: what is asked about is what has words.
    let span = findSpan(spans, range.begin);
    const isBlank = (index: number) =>
      !points.slice(Math.max(range.begin, spans[index]?.begin ?? 0), Math.min(range.end, spans[index]?.end ?? 0)).trim();
    while (isBlank(span) && (spans[span + 1]?.begin ?? range.end) < range.end) span++;
    reach(span, { atRange: true });
  }, [at, detail]);

  useEffect(() => {
    if (!wanted) return;
    const found = box.current?.querySelector<HTMLElement>(
      wanted.atRange ? `[data-span="${wanted.span}"].at` : `[data-span="${wanted.span}"]`,
    );
    // Where the screen is narrow, the explanation covers its lower half.
    const isNarrow = window.matchMedia("(max-width: 56rem)").matches;
    found?.scrollIntoView({ block: isNarrow ? "start" : "center" });
    if (wanted.isFocused) found?.focus({ preventScroll: true });
  }, [wanted, part]);

  const move = ({ by, of }: Step, isFocused = true): boolean => {
    const from = selected ?? (by > 0 ? findSpan(spans, part.begin) - 1 : spans.length);
    let next: number | undefined;
    if (of === "stops") {
      next = by > 0 ? stops.find((index) => index > from) : [...stops].reverse().find((index) => index < from);
    } else {
      next = from + by;
      while (spans[next] && !isShown(spans[next] as Span)) next += by;
    }
    if (next === undefined || !spans[next]) return false;
    reach(next, { isFocused });
    return true;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = KEYS[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (move(step)) event.preventDefault();
  };
  const findPressed = (event: Event): number | null => {
    const stretch = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-span]") : null;
    return stretch ? Number(stretch.dataset.span) : null;
  };
  const onPress = (event: MouseEvent) => {
    const span = findPressed(event);
    if (span === null || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    setSelected(span);
    const chosen = spans[span];
    if (!chosen || !isStop(chosen, view)) return;
    ownAt.current = `${chosen.begin}-${chosen.end}`;
    replaceQuery(place, { at: ownAt.current });
  };
  const onFocus = (event: FocusEvent) => {
    const span = findPressed(event);
    if (span !== null) setSelected(span);
  };

  const explained = selected === null ? undefined : spans[selected];
  const position = selected === null ? -1 : stops.indexOf(selected);
  const inPart = stops.find((index) => (spans[index]?.begin ?? 0) >= part.begin) ?? null;
  return (
    <>
      <h2>What became of it</h2>
      <Ribbon spans={spans} view={view} selected={explained ?? null} />
      <DocumentLegend
        counts={counts}
        wording={overview.wording}
        highlighted={highlighted}
        toggle={(kind) => {
          const next = new Set(highlighted);
          if (!next.delete(kind)) next.add(kind);
          replaceQuery(place, { kinds: [...next].join(",") });
        }}
      />
      <h2>Text</h2>
      <DocumentViews place={place} overview={overview} />
      <div class="document-reader" onKeyDown={onKeyDown}>
        <div class="document-column">
          {part.begin > 0 && (
            <button type="button" onClick={() => setPart({ ...part, begin: findWindowBegin(spans, part.begin) })}>
              Show the text before this ({formatCount(part.begin)} characters)
            </button>
          )}
          {!spans.some(isShown) && <p class="note">Nothing of the document is in the {view} view.</p>}
          <div ref={box} onClick={onPress} onFocusCapture={onFocus}>
            <DocumentText
              id={documents.id[number] ?? ""}
              language={documents.language[number] ?? null}
              shown={part}
              at={range}
              tabStop={position >= 0 ? selected : inPart}
              wording={overview.wording}
              {...{ detail, points, view, isWhole, highlighted, selected }}
            />
          </div>
          {part.end < points.length && (
            <button type="button" onClick={() => setPart({ ...part, end: findWindowEnd(spans, part.end, points.length) })}>
              Show more of the text ({formatCount(points.length - part.end)} characters)
            </button>
          )}
        </div>
        <aside class="document-panel" aria-label="Why this part is kept or gone">
          <p class="panel-steps">
            <button type="button" disabled={!stops.length} onClick={() => move({ by: -1, of: "stops" }, false)}>
              Previous
            </button>{" "}
            <button type="button" disabled={!stops.length} onClick={() => move({ by: 1, of: "stops" }, false)}>
              Next
            </button>{" "}
            <span class="muted small">
              {position >= 0 ? `${formatCount(position + 1)} of ` : ""}
              {formatCount(stops.length)} marked{highlighted.size ? " and highlighted" : ""}
            </span>
          </p>
          <div aria-live="polite">
            {explained ? (
              <DocumentPanel
                span={explained}
                text={points.slice(explained.begin, Math.min(explained.end, explained.begin + 2000))}
                {...{ number, view, overview, documents, clusters }}
              />
            ) : (
              <p class="muted">
                Choose a part of the text to see why it is kept or gone. In the text, <kbd>n</kbd> and <kbd>p</kbd> go to the
                next and the previous marked part, the arrow keys to any part.
              </p>
            )}
          </div>
        </aside>
      </div>
    </>
  );
}
