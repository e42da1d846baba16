// act.ts: one act of a sheet or a page: busy while it is under way, and in words what went wrong. The words belong inside the sheet,
// above the button: what stands on the page lies behind the sheet. What was written stays, so that the same button can be pressed again.
import { useRef, useState } from 'preact/hooks';
import type { Problem } from '../api.ts';
import { errorText } from '../text.ts';

export interface Acting {
  busy: boolean;
  trouble: string | null;
  say(words: string | null): void;
  /** Runs it unless one is running. `wordsOf` may have better words for a refusal than its code has. */
  act(run: () => Promise<unknown>, wordsOf?: (problem: Problem) => string | null): Promise<void>;
}

export function useAct(): Acting {
  const running = useRef(false);
  const [busy, setBusy] = useState(false);
  const [trouble, say] = useState<string | null>(null);
  const act: Acting['act'] = async (run, wordsOf) => {
    if (running.current) return;
    running.current = true;
    const pressed = document.activeElement;
    setBusy(true);
    const shown = showWork();
    say(null);
    try {
      await run();
    } catch (e) {
      const problem = e as Problem;
      say(wordsOf?.(problem) ?? errorText(problem.actCode));
    }
    running.current = false;
    shown();
    setBusy(false);
    requestAnimationFrame(() => giveBack(pressed));
  };
  return { busy, trouble, say, act };
}

/** A button that could not be pressed meanwhile lost the focus: it gets it back, and with the words above it comes into view again. */
function giveBack(pressed: Element | null): void {
  if (pressed instanceof HTMLElement && pressed.isConnected && document.activeElement === document.body) pressed.focus();
}

const SLOW_MS = 600;
let slow = 0;

/** What takes longer is seen to be under way: a bar runs along the top of the page and of the sheet. Returns how to end it. */
function showWork(): () => void {
  const mark = (by: number) => {
    slow += by;
    document.documentElement.toggleAttribute('data-busy', slow > 0);
  };
  let on = false;
  const timer = setTimeout(() => { on = true; mark(1); }, SLOW_MS);
  return () => {
    clearTimeout(timer);
    if (on) mark(-1);
  };
}
