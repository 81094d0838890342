// A text with the words marked in which it differs from another one.

import { useState } from "preact/hooks";
import { FACTS, type Piece } from "./compare";
import { formatCount, showText } from "../data/text";
import { splitWords } from "./words";

/** Longer stretches without a change are collapsed, to these many words at each end. */
const MAX_SAME_WORDS = 40;
const EDGE_WORDS = 8;

const TYPOGRAPHY = "only punctuation, capitals or accents differ";

interface DifferenceProps {
  pieces: Piece[];
  /** Which text is shown; `both`: the two in one, what is cut before what is added. */
  side: "base" | "other" | "both";
  /** Numbers of the collapsed pieces that are open, where something else keeps them. */
  opened?: ReadonlySet<number>;
  onOpen?: (piece: number) => void;
}

export function Difference({ pieces, side, opened, onOpen }: DifferenceProps) {
  const [own, setOwn] = useState<ReadonlySet<number>>(new Set());
  const isOpen = (at: number) => (opened ?? own).has(at);
  const open = onOpen ?? ((at: number) => setOwn(new Set([...own, at])));
  return (
    <>
      {pieces.map((piece, at) => {
        const text = side === "base" ? piece.base : piece.text;
        if (piece.kind === "same") {
          const isLong = piece.words > MAX_SAME_WORDS && !isOpen(at);
          return isLong ? <Collapsed key={at} text={text} onOpen={() => open(at)} /> : showText(text);
        }
        if (piece.kind === "unmarked") return <Unmarked key={at} piece={piece} side={side} />;
        const isShown = side === "both" || (side === "base") === (piece.kind === "cut");
        // In one text, what is only written otherwise stands once, and a change in one line.
        const isReplaced = side === "both" && piece.kind === "cut" && pieces[at + 1]?.kind === "added";
        if (!isShown || (isReplaced && piece.isTypography)) return null;
        return <Changed key={at} piece={piece} isReplaced={isReplaced} />;
      })}
    </>
  );
}

function Changed({ piece, isReplaced }: { piece: Piece; isReplaced: boolean }) {
  const { kind, base, text, fact, isTypography } = piece;
  const Mark = kind === "cut" ? "del" : "ins";
  const whole = base + text;
  // The white space after a word is no difference and is not marked.
  const words = whole.trimEnd();
  const label = fact ? FACTS[fact].label : undefined;
  const title = label ? `${label} differs` : isTypography ? TYPOGRAPHY : undefined;
  return (
    <>
      <Mark class={label ? "fact" : isTypography ? "typography" : undefined} data-fact={label} title={title}>
        {showText(words)}
      </Mark>
      {isReplaced ? whole.slice(words.length).slice(0, 1).replace(/\s/, " ") : whole.slice(words.length)}
    </>
  );
}

function Unmarked({ piece, side }: { piece: Piece; side: DifferenceProps["side"] }) {
  if (side === "base") return <>{showText(piece.base)}</>;
  if (side === "other" || !piece.base || !piece.text)
    return <>{showText(side === "other" ? piece.text : piece.base + piece.text)}</>;
  return (
    <>
      {showText(piece.base)}
      {"\n\n"}
      {showText(piece.text)}
    </>
  );
}

function Collapsed({ text, onOpen }: { text: string; onOpen: () => void }) {
  const words = splitWords(text);
  const middle = words.length - 2 * EDGE_WORDS;
  return (
    <>
      {showText(words.slice(0, EDGE_WORDS).join(""))}
      <button type="button" class="collapsed" onClick={onOpen} title="Show these words">
        … {formatCount(middle)} words the same …
      </button>{" "}
      {showText(words.slice(-EDGE_WORDS).join(""))}
    </>
  );
}
