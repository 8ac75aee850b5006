import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { MailResult, Mailer, OutgoingMail } from './mailer';
import { classifySmtpFailure, toSmtpFailure } from './smtp-outcome';
import { WatchedBody } from './watched-body';

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 30_000;
const MESSAGE_ID_DOMAIN = 'throughline';

export interface SmtpMailerOptions {
  /** `smtp://[user:password@]host[:port]` or `smtps://…`. */
  readonly url: string;
  readonly connectTimeoutMs?: number;
  /** How long the server may be silent before the mail's fate is `unknown` (or `deferred`, before it was handed over). */
  readonly answerTimeoutMs?: number;
}

function toConnectionOptions(options: SmtpMailerOptions): SMTPConnection.Options {
  const url = new URL(options.url);
  const isSecure = url.protocol === 'smtps:';
  const connectTimeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  return {
    host: url.hostname,
    port: url.port === '' ? (isSecure ? 465 : 25) : Number(url.port),
    secure: isSecure,
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
  };
}

async function composeMime(mail: OutgoingMail): Promise<Buffer> {
  const composer = new MailComposer({
    messageId: `<${mail.messageId}@${MESSAGE_ID_DOMAIN}>`,
    from: mail.from,
    // An object is taken as one address; a string could smuggle in more recipients by a comma.
    to: { name: '', address: mail.to },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    headers: {
      'X-Throughline-Message': mail.messageId,
      'X-Throughline-Template': mail.template,
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return await composer.compile().build();
}

function toSender(from: string): string {
  return /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from;
}

function openConnection(connection: SMTPConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.connect((err) => (err ? reject(err) : resolve()));
  });
}

/**
 * Mails by SMTP, each on a connection of its own: a pooled one may be found closed in the middle of a mail, and
 * pools then send again by themselves. The outcome says whether the server can have taken the mail.
 */
export class SmtpMailer implements Mailer {
  readonly #options: SMTPConnection.Options;
  readonly #auth: SMTPConnection.AuthenticationType | null;
  readonly #open = new Set<SMTPConnection>();

  constructor(options: SmtpMailerOptions) {
    const url = new URL(options.url);
    const credentials = {
      user: decodeURIComponent(url.username),
      pass: decodeURIComponent(url.password),
    };
    this.#auth = url.username === '' ? null : { ...credentials, credentials };
    this.#options = toConnectionOptions(options);
  }

  async send(mail: OutgoingMail): Promise<MailResult> {
    const body = new WatchedBody(await composeMime(mail));
    const connection = new SMTPConnection(this.#options);
    this.#open.add(connection);
    try {
      const response = await this.#transmit(connection, mail, body);
      return { kind: 'sent', providerId: /queued as (\S+)/i.exec(response)?.[1] ?? mail.messageId };
    } catch (err) {
      return classifySmtpFailure(toSmtpFailure(err), body.isHandedOver);
    } finally {
      this.#open.delete(connection);
      connection.quit();
      connection.close();
    }
  }

  close(): void {
    for (const connection of this.#open) connection.close();
  }

  /** Resolves with the server's answer to the whole message. */
  async #transmit(connection: SMTPConnection, mail: OutgoingMail, body: WatchedBody) {
    const lost = new Promise<never>((_, reject) => {
      connection.on('error', reject);
      connection.once('end', () => reject(new Error('Connection closed')));
    });
    // Raced below only while a step runs; a loss after the answer is of no interest.
    lost.catch(() => undefined);
    await Promise.race([openConnection(connection), lost]);
    if (this.#auth) await Promise.race([this.#login(connection, this.#auth), lost]);
    return await Promise.race([this.#sendBody(connection, mail, body), lost]);
  }

  #login(connection: SMTPConnection, auth: SMTPConnection.AuthenticationType): Promise<void> {
    return new Promise((resolve, reject) => {
      connection.login(auth, (err) => (err ? reject(err) : resolve()));
    });
  }

  #sendBody(connection: SMTPConnection, mail: OutgoingMail, body: WatchedBody): Promise<string> {
    const envelope = { from: toSender(mail.from), to: [mail.to], size: body.size };
    return new Promise((resolve, reject) => {
      connection.send(envelope, body, (err, info) => {
        if (err) reject(err);
        else resolve(info.response);
      });
    });
  }
}
