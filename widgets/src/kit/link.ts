/** Talking with the Python side of a widget: small messages, each with its kind as `t`. */
import type { AnyModel } from '@anywidget/types';

export interface Message {
  readonly t: string;
  readonly [key: string]: unknown;
}

export type Handlers = Readonly<Record<string, (message: Message) => void>>;

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
 * answers with the whole state, because what it sent before the view was loaded is lost.
 * Returns what ends it.
 */
export function listen<T extends Record<string, unknown>>(
  model: AnyModel<T>,
  handlers: Handlers
): () => void {
  const receive = (value: unknown): void => {
    const message = asMessage(value);
    if (message !== null && Object.hasOwn(handlers, message.t)) handlers[message.t]?.(message);
  };
  model.on('msg:custom', receive);
  tell(model, { t: 'ready' });
  return () => model.off('msg:custom', receive);
}
