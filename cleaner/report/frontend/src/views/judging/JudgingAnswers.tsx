// The answers to a pair, as buttons and as the keys of `clean judge`.

import { useEffect, useRef } from "preact/hooks";
import type { Verdict } from "./verdicts";
import type { Action } from "./JudgingSession";

interface AnswerKey {
  key: string;
  /** How the key is shown. */
  name: string;
  label: string;
  said: string;
  action: Action;
  about: string;
}

export const ANSWERS: readonly AnswerKey[] = [
  {
    ...{ key: "s", name: "s", label: "Same", said: "Judged the same.", action: { do: "judge", verdict: "same" } },
    about: "one text is a copy or a rewrite of the other, or both of a third",
  },
  {
    ...{ key: "d", name: "d", label: "Different", said: "Judged different.", action: { do: "judge", verdict: "different" } },
    about: "it is not, whatever words they share",
  },
  {
    ...{ key: "b", name: "b", label: "Boilerplate", said: "Judged boilerplate.", action: { do: "judge", verdict: "boilerplate" } },
    about: "neither belongs to an article",
  },
  { key: " ", name: "space", label: "Skip", said: "Skipped.", action: { do: "skip" }, about: "no verdict" },
  { key: "u", name: "u", label: "Undo", said: "The last answer is taken back.", action: { do: "undo" }, about: "takes the last answer back" },
];

type Answer = (action: Action, said: string) => void;

/** Controls that need the space bar, or letters, for themselves. */
const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
const PRESSED_BY_SPACE = "button, summary, input, a";

export function useAnswerKeys(isOn: boolean, answer: Answer): void {
  const current = useRef(answer);
  current.current = answer;
  useEffect(() => {
    if (!isOn) return undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest(TYPING) || (event.key === " " && target?.closest(PRESSED_BY_SPACE))) return;
      const found = ANSWERS.find(({ key }) => key === event.key.toLowerCase());
      if (!found) return;
      event.preventDefault();
      current.current(found.action, found.said);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [isOn]);
}

interface AnswersProps {
  isOver: boolean;
  canUndo: boolean;
  verdict: Verdict | null;
  areKeysOn: boolean;
  setKeysOn: (isOn: boolean) => void;
  answer: Answer;
}

export function JudgingAnswers({ isOver, canUndo, verdict, areKeysOn, setKeysOn, answer }: AnswersProps) {
  return (
    <>
      <div class="judging-answers" role="group" aria-label="Verdict">
        {ANSWERS.map(({ name, label, said, action, about }) => (
          <button
            key={name}
            type="button"
            title={about}
            disabled={action.do === "undo" ? !canUndo : isOver}
            aria-pressed={action.do === "judge" ? action.verdict === verdict : undefined}
            onClick={() => answer(action, said)}
          >
            {label} {areKeysOn && <kbd>{name}</kbd>}
          </button>
        ))}
      </div>
      <details class="judging-meanings">
        <summary>What the verdicts mean, and the keys</summary>
        <dl>
          {ANSWERS.map(({ name, label, about }) => (
            <div key={name}>
              <dt>
                {label} <kbd>{name}</kbd>
              </dt>
              <dd>{about}</dd>
            </div>
          ))}
        </dl>
        <label>
          <input type="checkbox" checked={areKeysOn} onChange={(event) => setKeysOn(event.currentTarget.checked)} /> answer with
          single keys
        </label>
      </details>
    </>
  );
}
