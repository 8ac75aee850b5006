import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Logger } from '../../platform/logger';
import type { Books } from './books';
import { delayIfSlow, takeFault } from './faults';
import { parseMail } from './mail-parse';

const MAX_MAIL_BYTES = 5 * 1024 * 1024;

class SmtpRefusal extends Error {
  override readonly name = 'SmtpRefusal';
  readonly responseCode: number;

  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

type Answer = (err?: Error | null, message?: string) => void;

async function readAll(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Takes mails by SMTP, without TLS, and keeps them before it says so. Faults: `down` is a 421 in place of the greeting,
 * `error` a 550 for the recipient, `slow` a late answer to the message, `timeout_after_effect` keeps the mail and drops
 * the connection.
 */
export class MailServer {
  readonly #books: Books;
  readonly #logger: Logger;
  readonly #server: SMTPServer;
  readonly #sockets = new Map<number, Socket>();

  constructor(books: Books, logger: Logger) {
    this.#books = books;
    this.#logger = logger;
    this.#server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      disableReverseLookup: true,
      logger: false,
      size: MAX_MAIL_BYTES,
      socketTimeout: 120_000,
      closeTimeout: 500,
      onConnect: (_session, done) => this.#reply(this.#onConnect(), done),
      onRcptTo: (_address, _session, done) => this.#reply(this.#onRecipient(), done),
      onData: (stream, session, done) => this.#reply(this.#onMessage(stream, session), done),
    });
    this.#server.on('error', (err: Error) => this.#logger.warn({ err }, 'smtp session failed'));
    this.#server.server.on('connection', (socket: Socket) => this.#track(socket));
  }

  /** Resolves with the port, chosen by the system for 0. */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address: AddressInfo | string | null = this.#server.server.address();
    return typeof address === 'object' && address ? address.port : port;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(resolve));
  }

  #track(socket: Socket): void {
    const port = socket.remotePort ?? 0;
    this.#sockets.set(port, socket);
    socket.once('close', () => this.#sockets.delete(port));
  }

  #reply(work: Promise<string | null>, done: Answer): void {
    work.then(
      (message) => (message === null ? done(null) : done(null, message)),
      (err: unknown) => done(err instanceof Error ? err : new Error('unknown')),
    );
  }

  async #onConnect(): Promise<null> {
    if (this.#books.faults.find('mail', 'message')?.mode !== 'down') return null;
    await takeFault(this.#books, { service: 'mail', operation: 'message', key: null });
    throw new SmtpRefusal(421, 'Service not available (injected fault)');
  }

  async #onRecipient(): Promise<null> {
    if (this.#books.faults.find('mail', 'message')?.mode !== 'error') return null;
    await takeFault(this.#books, { service: 'mail', operation: 'message', key: null });
    throw new SmtpRefusal(550, 'Mailbox unavailable (injected fault)');
  }

  async #onMessage(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
    const raw = await readAll(stream);
    if (stream.sizeExceeded) throw new SmtpRefusal(552, 'Message too large');
    const { mailFrom, rcptTo } = session.envelope;
    const to = rcptTo.map(({ address }) => address);
    const mails = await parseMail(raw, { from: mailFrom ? mailFrom.address : '', to });
    const key = mails[0]?.headers['x-throughline-message'] ?? null;
    const mode = this.#books.faults.find('mail', 'message')?.mode;
    const fault =
      mode === 'slow' || mode === 'timeout_after_effect'
        ? await takeFault(this.#books, { service: 'mail', operation: 'message', key })
        : null;
    await this.#books.write(...mails.map((mail) => ({ type: 'mail.received' as const, mail })));
    await delayIfSlow(fault);
    if (fault?.mode === 'timeout_after_effect') this.#sockets.get(session.remotePort)?.destroy();
    return `OK: queued as ${mails[0]?.id ?? 'none'}`;
  }
}
