/** Talking with the Python side of a widget: small messages, each with its kind as `t`. */
import type { AnyModel } from '@anywidget/types';

import { record, text, tried, type Check } from './check';

export interface Message {
  readonly t: string;
  readonly [key: string]: unknown;
}

/** Does what a message says, and answers '' or what is wrong with it. */
export type Handler = (message: Message) => string;

/** What to do about messages that pass a check; what else comes changes nothing. */
export function on<T>(check: Check<T>, act: (content: T) => void): Handler {
  return message => {
    const content = tried(check, message, message.t);
    if (!content.ok) return content.error;
    act(content.value);
    return '';
  };
}

const PROBLEM = record({ text: text(2_000) });

/** What came, if it is a message at all. */
export function asMessage(value: unknown): Message | null {
  const isObject = typeof value === 'object' && value !== null;
  return isObject && typeof (value as { t?: unknown }).t === 'string' ? (value as Message) : null;
}

/** Tell Python, unless the notebook was closed: then nobody hears, and Jupyter's comm throws. */
export function tell(model: { send(message: Message): void }, message: Message): void {
  try {
    model.send(message);
  } catch (error) {
    if (!(error instanceof Error && error.message === 'Cannot send')) throw error;
  }
}

/**
 * Hear Python's messages, each by the handler of its kind, and say that the view is ready: Python
 * answers with the whole state, because what it sent before the view was loaded is lost. `problem`
 * shows what went wrong in Python, or what is wrong with a message.
 * Returns what ends it.
 */
export function listen<T extends Record<string, unknown>>(
  model: AnyModel<T>,
  problem: (text: string) => void,
  handlers: Readonly<Record<string, Handler>>
): () => void {
  const all: typeof handlers = {
    problem: on(PROBLEM, ({ text }) => problem(text)),
    ...handlers
  };
  const receive = (value: unknown): void => {
    const message = asMessage(value);
    const handler = message !== null && Object.hasOwn(all, message.t) ? all[message.t] : undefined;
    if (message === null || handler === undefined) return;
    const wrong = handler(message);
    if (wrong !== '') problem(`What came from the kernel cannot be shown. ${wrong}`);
  };
  model.on('msg:custom', receive);
  tell(model, { t: 'ready' });
  return () => model.off('msg:custom', receive);
}
