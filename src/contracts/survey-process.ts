/** Input of `survey/order/{orderId}`. */
export interface SurveyInput {
  readonly orderId: string;
  readonly customerId: string;
}

/** What the survey's workflow knows: an id, a state, a deadline. */
export interface SurveyStep {
  /** `off`: the policy `surveyDelay` is switched off, nothing was made. */
  readonly state: 'off' | 'waiting' | 'sent' | 'answered' | 'expired' | 'skipped' | 'opted_out';
  readonly inviteId: string;
  /** Until when the state lasts by itself (ISO, UTC); null: no deadline. */
  readonly until: string | null;
  /** A reminder is due at `until`; else the survey closes there. */
  readonly isReminderDue: boolean;
}
