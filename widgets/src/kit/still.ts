/** The picture that a notebook keeps of a widget, as it is now: the notebook's saving takes it. */
import { record, text, tried, type Checked } from './check';
import { asMessage, tell } from './link';

const STILL = record({ text: text(1_000_000), svg: text(20_000_000) });
export type Still = Checked<typeof STILL>;

/** An element of a widget that knows its still picture. */
export type Pictured = HTMLElement & { minichainStill?: Still };

/** What is needed of a widget's model. */
interface Talker {
  on(name: 'msg:custom', callback: (value: unknown) => void): void;
  off(name: 'msg:custom', callback: (value: unknown) => void): void;
  send(message: unknown): void;
}

/** Milliseconds: without news before a picture is asked for, and the longest wait for one. */
const QUIET = 800;
const LONGEST = 10_000;
const DONE_BY_HAND = ['input', 'change', 'click', 'keyup', 'pointerup'] as const;

/**
 * Ask Python for a still picture a while after something has changed, and keep the answer with the
 * element. The first state is that of the output itself, so it asks for nothing.
 */
export function keepStill(
  model: Talker,
  element: Pictured,
  quiet = QUIET
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let since = 0;
  let asked = false;
  let begun = false;
  const ask = (): void => {
    timer = undefined;
    since = 0;
    asked = true;
    tell(model, { t: 'still' });
  };
  const later = (): void => {
    if (asked) return;
    const now = Date.now();
    if (since === 0) since = now;
    clearTimeout(timer);
    timer = setTimeout(ask, Math.min(quiet, Math.max(0, since + LONGEST - now)));
  };
  const hear = (value: unknown): void => {
    const message = asMessage(value);
    if (message?.t !== 'still') {
      if (begun) later();
      begun = true;
      return;
    }
    asked = false;
    const still = tried(STILL, message, 'still');
    if (still.ok) element.minichainStill = still.value;
  };
  model.on('msg:custom', hear);
  for (const kind of DONE_BY_HAND) element.addEventListener(kind, later);
  return () => {
    clearTimeout(timer);
    model.off('msg:custom', hear);
    for (const kind of DONE_BY_HAND) element.removeEventListener(kind, later);
  };
}
