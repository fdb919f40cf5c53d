/**
 * The messages that nobody has looked at yet.
 * A new run makes everything before it out of date, so a backlog holds one run at most; should even
 * that be too long, it gives up and says that the whole state must be asked for.
 */
export class Backlog {
  constructor(private readonly limit = 1000) {}

  /** Whether messages were dropped that only the whole state can make up for. */
  get overflown(): boolean {
    return this.full;
  }

  push(message: unknown): void {
    const kind = kindOf(message);
    if (kind === 'begin' || kind === 'state') {
      this.clear();
    }
    if (kind === 'note' && kindOf(this.messages.at(-1)) === 'note') {
      this.messages.pop();
    }
    if (this.messages.length >= this.limit) {
      this.messages = [];
      this.full = true;
    }
    if (!this.full) {
      this.messages.push(message);
    }
  }

  /** Hand over all messages, in their order, and be empty. */
  take(): unknown[] {
    const messages = this.messages;
    this.clear();
    return messages;
  }

  clear(): void {
    this.messages = [];
    this.full = false;
  }

  private messages: unknown[] = [];
  private full = false;
}

function kindOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 't' in message ? message.t : undefined;
}
