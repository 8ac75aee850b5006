import {
  condition,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import type { SurveyActivities } from '../activities/survey-activities';
import type { SurveyInput, SurveyStep } from '../contracts/survey-process';
import { factRecorded } from './messages';

const steps = proxyLocalActivities<SurveyActivities>({
  startToCloseTimeout: '5s',
  localRetryThreshold: '5s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
});

/**
 * Asks the customer once how a completed order went. The tables say how far it is, so a fresh run goes on from there;
 * an answer is taken by the page, this workflow only hears of it.
 */
export async function surveyWorkflow({ orderId, customerId }: SurveyInput): Promise<SurveyStep> {
  let isAnswered = false;
  setHandler(factRecorded, (fact) => {
    if (fact.kind === 'survey_answered') isAnswered = true;
  });

  let step = await steps.openSurvey({ orderId, customerId });
  const ref = { orderId, inviteId: step.inviteId };
  const waitOn = (summary: string) => waitUntil(step, () => isAnswered, summary);

  if (step.state === 'waiting') {
    await waitOn('survey delay');
    step = await steps.inviteToSurvey(ref);
  }
  if (step.state === 'sent' && step.isReminderDue) {
    const answered = await waitOn('survey reminder');
    if (!answered) step = await steps.remindOfSurvey(ref);
  }
  if (step.state === 'sent') {
    await waitOn('survey expiry');
    step = await steps.closeSurvey(ref);
  }

  setCurrentDetails(`The survey is over: **${step.state}**.`);
  return step;
}

/** Waits for the answer until the step's deadline; true when it came. */
async function waitUntil(
  step: SurveyStep,
  isAnswered: () => boolean,
  summary: string,
): Promise<boolean> {
  setCurrentDetails(describe(step, summary));
  if (step.until === null) {
    await condition(isAnswered);
    return true;
  }
  const remainingMs = Date.parse(step.until) - Date.now();
  return remainingMs > 0 ? await condition(isAnswered, remainingMs, { summary }) : isAnswered();
}

function describe(step: SurveyStep, summary: string): string {
  const until = step.until === null ? 'no deadline' : `until ${step.until} (UTC)`;
  const what =
    step.state === 'waiting'
      ? 'Waits before it asks the customer.'
      : 'The customer was asked; waits for the answer.';
  return [`**${step.state}** · ${summary}, ${until}`, what, `Invitation \`${step.inviteId}\``].join(
    '\n\n',
  );
}
