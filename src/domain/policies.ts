/** What a policy's value looks like; null always means: the rule is off. */
export type PolicyKind =
  | 'duration'
  | 'silence'
  | 'amounts'
  | 'count'
  | 'velocity'
  | 'channels'
  | 'rates'
  | 'switch'
  | 'choice';

export interface PolicyDefault {
  readonly kind: PolicyKind;
  readonly value: unknown;
  /** Of a `choice`: what it may be. */
  readonly options?: readonly string[];
  readonly about: string;
}

/** Every policy there is, with the value that a new installation starts with. */
export const POLICIES = {
  reviewAmountAboveMinor: {
    kind: 'amounts',
    value: { USD: 100_000 },
    about: 'Orders above this total wait for review',
  },
  reviewFirstOrderAboveMinor: {
    kind: 'amounts',
    value: { USD: 50_000 },
    about: 'First orders above this total wait for review',
  },
  financeReviewAboveMinor: {
    kind: 'amounts',
    value: { USD: 500_000 },
    about: 'Orders above this total need a second review',
  },
  reviewQuantityAbove: {
    kind: 'count',
    value: 100,
    about: 'More units of one item wait for review',
  },
  reviewVelocity: {
    kind: 'velocity',
    value: { orders: 20, per: 'PT1H' },
    about: 'More orders of one person within the time wait for review',
  },
  reviewDeadline: {
    kind: 'duration',
    value: 'P1D',
    about: 'A review that takes longer is escalated and goes on waiting',
  },
  paymentDeadline: {
    kind: 'duration',
    value: 'PT30M',
    about: 'An order not paid by then is canceled',
  },
  authorizationRenewBefore: {
    kind: 'duration',
    value: 'P1D',
    about:
      'So long before a card authorisation ends a new one is taken; not before half of its time is over',
  },
  shortageDeadline: {
    kind: 'duration',
    value: 'P7D',
    about: 'An order still short of stock by then is canceled',
  },
  substitutionDeadline: {
    kind: 'duration',
    value: 'P2D',
    about: 'A substitute not accepted by then is taken as declined',
  },
  promiseRiskLead: {
    kind: 'duration',
    value: 'PT24H',
    about: 'An order not handed over this long before its promise is flagged',
  },
  deliverySla: {
    kind: 'duration',
    value: 'P10D',
    about: 'A shipment not delivered by then is noted as overdue',
  },
  carrierSilence: {
    kind: 'silence',
    value: 'P7D',
    about:
      'A parcel without a scan for longer is lost; one duration, or one per carrier and a default',
  },
  maxDeliveryAttempts: {
    kind: 'count',
    value: 3,
    about: 'With this many failed attempts a person must decide how a parcel goes on',
  },
  lostAction: {
    kind: 'choice',
    options: ['ask', 'refund', 'resend'],
    value: 'ask',
    about: 'What is done about a lost parcel: a person is asked, or it is paid back or sent again',
  },
  returnToSenderRefund: {
    kind: 'choice',
    options: ['items', 'all', 'none'],
    value: 'items',
    about: 'What is refunded when a parcel came back to its sender; all: with shipping',
  },
  surveyDelay: {
    kind: 'duration',
    value: 'P3D',
    about: 'From completion to the survey’s invitation; off: no survey',
  },
  surveyReminder: {
    kind: 'duration',
    value: 'P4D',
    about: 'From the invitation to its one reminder',
  },
  surveyExpiry: {
    kind: 'duration',
    value: 'P14D',
    about: 'From the invitation to the end of its link',
  },
  returnWindow: { kind: 'duration', value: 'P30D', about: 'From delivery to the last return' },
  returnAutoApproveBelowMinor: {
    kind: 'amounts',
    value: {},
    about: 'Returns worth less than this are approved at once',
  },
  returnApprovalDeadline: {
    kind: 'duration',
    value: 'P7D',
    about: 'A return that nobody approved by then is declined',
  },
  returnReceiveDeadline: {
    kind: 'duration',
    value: 'P21D',
    about: 'Goods not received by then: the return expires, or goes on with what came',
  },
  returnRefundShipping: {
    kind: 'choice',
    options: ['full_return', 'never'],
    value: 'full_return',
    about: 'Whether shipping is refunded with the last unit of an order',
  },
  refundApprovalLimitMinor: {
    kind: 'amounts',
    value: { USD: 50_000 },
    about: 'Refunds above this wait for a second person',
  },
  invoiceOn: {
    kind: 'choice',
    options: ['completion', 'hand_over'],
    value: 'completion',
    about: 'One invoice when the order completes, or one per hand-over',
  },
  incidentAfter: {
    kind: 'duration',
    value: 'PT5M',
    about: 'An undo that fails for longer opens an incident',
  },
  disputeHold: {
    kind: 'switch',
    value: true,
    about: 'A dispute holds what is not shipped yet',
  },
  webhookRetryInitial: {
    kind: 'duration',
    value: 'PT5S',
    about: 'From a webhook’s first failure to its next try; doubled each time, ± 20 %',
  },
  webhookRetryMax: {
    kind: 'duration',
    value: 'PT6H',
    about: 'A webhook’s longest pause between two tries',
  },
  webhookRetryFor: {
    kind: 'duration',
    value: 'P3D',
    about: 'A webhook that fails for longer is given up; off: never',
  },
  webhookBlockFor: {
    kind: 'duration',
    value: 'PT5M',
    about:
      'Later webhooks of the same aggregate wait so long for one that fails; off: until it ends',
  },
  trustedChannels: {
    kind: 'channels',
    value: ['web', 'shopify', 'pos', 'phone'],
    about: 'Channels whose e-mail addresses count as verified',
  },
  messageExpiry: {
    kind: 'duration',
    value: 'P3D',
    about: 'A message that could not be sent by then is dropped',
  },
  claimTimeout: {
    kind: 'duration',
    value: 'PT30S',
    about: 'A message in the hands of a dead worker is taken back after this',
  },
  sendRatePerMinute: {
    kind: 'rates',
    value: { email: 6000, sms: 600 },
    about: 'Messages a minute, by channel',
  },
} as const satisfies Readonly<Record<string, PolicyDefault>>;

export type PolicyKey = keyof typeof POLICIES;

/** True for the key of a policy that exists; not for `constructor` and its like. */
export function isPolicyKey(key: string): key is PolicyKey {
  return Object.hasOwn(POLICIES, key);
}
