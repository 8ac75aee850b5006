export interface OutgoingMail {
  /** Our message id; sent as `Message-ID: <id@throughline>` and `X-Throughline-Message`. */
  readonly messageId: string;
  /** Sent as `X-Throughline-Template`. */
  readonly template: string;
  readonly from: string;
  /** One plain address. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export type MailResult =
  | { readonly kind: 'sent'; readonly providerId: string }
  /** The server said no for good; trying again would give the same answer. */
  | { readonly kind: 'refused'; readonly code: string }
  /** Surely not taken; may be tried again later. */
  | { readonly kind: 'deferred'; readonly code: string }
  /** May have been taken: trying again could make a second copy. */
  | { readonly kind: 'unknown'; readonly code: string };

/** Sends one mail at most once per call; never throws for what the server or the network does. */
export interface Mailer {
  send(mail: OutgoingMail): Promise<MailResult>;
  /** Ends open connections; mails under way become `unknown` or `deferred`. */
  close(): void;
}
