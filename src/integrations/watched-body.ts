import { Readable } from 'node:stream';

/**
 * A message body that remembers whether anybody began to read it. The SMTP client reads it only after the server
 * has answered DATA with 354, so up to then the server cannot have the message.
 */
export class WatchedBody extends Readable {
  readonly size: number;
  #content: Buffer | null;
  #isHandedOver = false;

  constructor(content: Buffer) {
    super();
    this.size = content.length;
    this.#content = content;
  }

  /** From here on the server may have the whole message. */
  get isHandedOver(): boolean {
    return this.#isHandedOver;
  }

  override _read(): void {
    this.#isHandedOver = true;
    if (this.#content !== null) this.push(this.#content);
    this.#content = null;
    this.push(null);
  }
}
