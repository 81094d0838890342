// A document's text with the fate of every stretch marked in it.

import { memo } from "preact/compat";
import { useMemo } from "preact/hooks";
import type { DocumentDetail, View, Wording } from "../../data/types";
import { type CodePoints, showText } from "../../data/text";
import { link } from "../../router";
import { SHARED } from "./DocumentLegend";
import { cutBlocks, findBreaks, findFate, isStop, nameKind, nameMark, type Piece, type Range, splitLead } from "./DocumentSpans";

interface Shared {
  id: string;
  detail: DocumentDetail;
  points: CodePoints;
  /** The view by which fates are told. */
  view: View;
  wording: Wording;
  /** Removed text stands in it too. */
  isWhole: boolean;
  highlighted: ReadonlySet<string>;
}

interface Chosen {
  /** Number of the span that is explained. */
  selected: number | null;
  /** Number of the span that the tab key leads to. */
  tabStop: number | null;
}

interface TextProps extends Shared, Chosen {
  language: string | null;
  /** The part of the text that is in the page. */
  shown: Range;
  at: Range | null;
}

const LANGUAGE = /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i;

export function DocumentText({ language, shown, at, selected, tabStop, ...shared }: TextProps) {
  const { detail, points } = shared;
  const blocks = useMemo(
    () => cutBlocks(detail.spans, shown, findBreaks(points, shown), at),
    [detail, points, shown.begin, shown.end, at?.begin, at?.end],
  );
  return (
    <div class="text document-text" dir="auto" lang={language && LANGUAGE.test(language) ? language : ""}>
      {blocks.map((pieces, order) => {
        const [first, last] = [pieces[0]?.span ?? 0, pieces.at(-1)?.span ?? 0];
        const within = (span: number | null) => (span !== null && first <= span && span <= last ? span : null);
        return (
          <Block
            key={pieces[0]?.begin}
            {...shared}
            pieces={pieces}
            isContinued={order > 0}
            selected={within(selected)}
            tabStop={within(tabStop)}
          />
        );
      })}
    </div>
  );
}

interface BlockProps extends Shared, Chosen {
  pieces: Piece[];
  /** The block begins a new line by itself: a line's end that it begins with is left out. */
  isContinued: boolean;
}

const Block = memo(function Block({ pieces, isContinued, ...props }: BlockProps) {
  const { detail, points, view, isWhole, wording } = props;
  const parts = useMemo(() => pieces.map((piece) => splitLead(points, piece)), [pieces, points]);
  let lastMark = "";
  return (
    <div>
      {pieces.map((piece, order) => {
        const span = detail.spans[piece.span];
        const [lead = "", rest = ""] = parts[order] ?? [];
        if (!span) return null;
        const fate = findFate(span, view);
        if (fate === "removed" && !isWhole) return null;
        const mark = isStop(span, view) ? nameMark(span, fate, wording) : "";
        // What goes on in the next span is not named again.
        const shownMark = mark !== lastMark && rest ? mark : "";
        if (rest || mark) lastMark = mark;
        const shownLead = isContinued && !order ? lead.replace(/^\n/, "") : lead;
        return <Stretch key={piece.begin} {...props} piece={piece} lead={shownLead} rest={rest} mark={shownMark} />;
      })}
    </div>
  );
});

interface StretchProps extends Shared, Chosen {
  piece: Piece;
  lead: string;
  rest: string;
  mark: string;
}

function Stretch({ id, detail, view, wording, highlighted, selected, tabStop, piece, lead, rest, mark }: StretchProps) {
  const span = detail.spans[piece.span];
  if (!span) return null;
  const fate = findFate(span, view);
  const isHighlighted = highlighted.has(fate === "shared" ? SHARED : fate === "removed" ? span.kind : "");
  const classes = [
    "stretch",
    fate,
    span.kind === "duplicate" && fate === "removed" && "copied",
    isHighlighted && "highlighted",
    piece.isAt && "at",
    selected === piece.span && "selected",
  ];
  const attributes = {
    class: classes.filter(Boolean).join(" "),
    "data-span": piece.span,
    tabIndex: piece.isFirst && piece.span === tabStop ? 0 : -1,
  };
  const content = (
    <>
      {showText(lead)}
      {mark && <span class="mark" data-mark={mark} />}
      {fate === "removed" ? <del>{showText(rest)}</del> : <span class="words">{showText(rest)}</span>}
    </>
  );
  if (!isStop(span, view)) return <span {...attributes}>{content}</span>;
  const reason = wording.reasons[span.reason] ?? span.reason.replaceAll("_", " ");
  return (
    <a
      {...attributes}
      href={link("document", id, { at: `${span.begin}-${span.end}` })}
      aria-current={selected === piece.span ? "true" : undefined}
      title={`${fate === "removed" ? "Removed" : "Kept"}: ${nameKind(span.kind, wording)}. ${showText(reason)}`}
    >
      {content}
    </a>
  );
}
