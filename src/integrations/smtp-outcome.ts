import { z } from 'zod';
import type { MailResult } from './mailer';

export interface SmtpFailure {
  /** The client library's code: `ECONNECTION`, `ETIMEDOUT`, `EENVELOPE`, `EMESSAGE`, … */
  readonly code: string;
  /** The three digits of the server's reply, where it gave one. */
  readonly responseCode: number | null;
}

const ClientError = z.object({
  code: z.string().catch('unexpected'),
  responseCode: z.number().nullable().catch(null),
});

/** Reads what is known of an error of the SMTP client. */
export function toSmtpFailure(err: unknown): SmtpFailure {
  const parsed = ClientError.safeParse(err);
  return parsed.data ?? { code: 'unexpected', responseCode: null };
}

/**
 * What a failed transmission means for the mail. `EMESSAGE` is the server's own answer to the message: 4xx and 5xx
 * say that it was not taken. Any other failure once the message was handed over leaves it open; a 421 there too,
 * since it closes the channel and is not the answer to the message. Before that nothing was taken: 5xx is final,
 * an address the client itself refuses (`EENVELOPE` without a reply) likewise, and the rest may be tried again.
 */
export function classifySmtpFailure(failure: SmtpFailure, isHandedOver: boolean): MailResult {
  const { responseCode } = failure;
  const code = responseCode === null ? failure.code : `smtp_${String(responseCode)}`;
  const isAnswer = failure.code === 'EMESSAGE' && responseCode !== null && responseCode !== 421;
  if (isHandedOver && !isAnswer) return { kind: 'unknown', code };
  if (responseCode !== null) return { kind: responseCode >= 500 ? 'refused' : 'deferred', code };
  const isOwnRefusal = failure.code === 'EENVELOPE' || failure.code === 'EMESSAGE';
  return { kind: isOwnRefusal ? 'refused' : 'deferred', code };
}
