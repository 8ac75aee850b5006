import {
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import type { CommandInput, CommandResult, OrderChange } from '../contracts/order-process';
import type { OrderAction } from '../domain/order-actions';
import { carriersOf, steps } from './activities';
import { toStepInput, toUpdateRefusal } from './command-updates';
import * as messages from './messages';
import { amend } from './order-amend';
import type { OrderRun } from './order-run';

type CommandUpdate = UpdateDefinition<CommandResult, [CommandInput]>;
type Perform = (input: CommandInput) => Promise<OrderChange>;

interface CommandSpec {
  readonly message: CommandUpdate;
  /** The action that the transition table must allow; null: the warehouse's, decided by its own rows. */
  readonly action: OrderAction | null;
  readonly description: string;
  readonly perform: Perform;
  /** What the answer waits for after the step; default nothing. */
  readonly until?: () => boolean;
}

/**
 * Handlers run their own step. The order's row lock puts steps one after the other and the step checks again under
 * it, so what a validator saw a moment ago is never trusted.
 */
export function handleOrderMessages(run: OrderRun): void {
  const { orderId } = run;
  const isUndone = () =>
    run.state.phase !== 'cancel' &&
    run.state.hasOpenedPackages !== true &&
    !run.isDoing('unbooking');
  setHandler(
    messages.place,
    async () => {
      await condition(run.hasBegun);
      return { status: run.state.status };
    },
    { description: 'place the order (sent with the start)' },
  );
  setHandler(
    messages.factRecorded,
    (fact) => CancellationScope.nonCancellable(() => run.hear(fact)),
    {
      description: 'a recorded fact concerns this order',
    },
  );
  listenForCancellation(run);

  const commands: readonly CommandSpec[] = [
    {
      message: messages.approve,
      action: 'approve',
      description: 'let a held order go on: { reasonCode }',
      perform: (input) => steps.approveReview({ orderId, ...input }),
    },
    {
      message: messages.reject,
      action: 'reject',
      description: 'end a held order: { reasonCode }',
      perform: (input) => steps.rejectReview({ orderId, ...input }),
      until: isUndone,
    },
    {
      message: messages.cancel,
      action: 'cancel',
      description: 'cancel the whole order: { reasonCode } (units are named through the API)',
      perform: (input) => steps.cancelOrder({ orderId, cause: 'requested', ...input }),
      until: isUndone,
    },
    {
      message: messages.amend,
      action: 'amend',
      description: 'change the order (through the API: addresses never enter a history)',
      perform: (input) => amend(run, input),
    },
    {
      message: messages.hold,
      action: 'hold',
      description: 'keep the order from the warehouse: { reasonCode }',
      perform: (input) => steps.holdOrder({ orderId, ...input }),
    },
    {
      message: messages.release,
      action: 'release',
      description: 'release a hold: { holdId, reasonCode }',
      perform: (input) => steps.releaseHold({ orderId, ...input }),
    },
    {
      message: messages.resolveShortage,
      action: 'resolve-shortage',
      description:
        'choose for a short order: { choice: "wait" | "split" | "cancel_lines" | "cancel", reasonCode }',
      perform: (input) => steps.resolveShortage({ orderId, ...input }),
      until: isUndone,
    },
    {
      message: messages.decideSubstitution,
      action: null,
      description: 'the answer to an offered substitute (through the page)',
      perform: (input) => steps.decideSubstitution({ orderId, ...input }),
    },
    {
      message: messages.moveFulfillment,
      action: 'move-fulfillment',
      description: 'move a fulfilment order to another location (through the API)',
      perform: (input) => steps.moveFulfillment({ orderId, ...input }),
    },
    {
      message: messages.retryPayment,
      action: 'retry-payment',
      description: 'another means of payment (through the API: a token never enters a history)',
      perform: (input) => steps.retryPayment({ orderId, ...input }),
      until: () => run.state.phase !== 'pay' || run.state.waitCode === 'payment',
    },
    {
      message: messages.recordPayment,
      action: 'record-payment',
      description: 'money came outside (through the API)',
      perform: (input) => steps.recordPayment({ orderId, ...input }),
      until: () => run.state.phase !== 'pay' || run.state.waitCode === 'payment',
    },
    {
      message: messages.addNote,
      action: 'notes',
      description: 'add a note (its text comes through the API)',
      perform: (input) => steps.addNote({ orderId, ...input }),
    },
    {
      message: messages.pack,
      action: null,
      description: 'pack a fulfilment order and book the carrier',
      perform: (input) =>
        run.doing('booking', () =>
          run.cancellable(() =>
            carriersOf('book the carrier').bookShipments({ orderId, ...input }),
          ),
        ),
    },
    {
      message: messages.reportShort,
      action: null,
      description: 'units are not on the shelf (through the API)',
      perform: (input) => steps.reportShort({ orderId, ...input }),
      until: isUndone,
    },
    {
      message: messages.handOver,
      action: null,
      description: 'hand a fulfilment order over: { fulfillmentOrderId }',
      perform: (input) => steps.handOver({ orderId, ...input }),
    },
    {
      message: messages.resolveDelivery,
      action: null,
      description:
        'decide on a shipment: { shipmentId, action: "wait" | "redeliver" | "resend" | "refund", reasonCode }',
      perform: (input) => steps.resolveDelivery({ orderId, ...input }),
    },
    {
      message: messages.interceptShipment,
      action: null,
      description: 'call a parcel back from the carrier (through the API)',
      perform: (input) =>
        carriersOf('call the parcel back').interceptShipment({ orderId, ...input }),
    },
    {
      message: messages.disputeDelivery,
      action: null,
      description: 'the customer did not get a shipment: { shipmentId, reasonCode }',
      perform: (input) => steps.disputeDelivery({ orderId, ...input }),
    },
  ];
  for (const command of commands) handleCommand(run, command);
}

function handleCommand(
  run: OrderRun,
  { message, action, description, perform, until }: CommandSpec,
): void {
  setHandler<CommandResult, [CommandInput], CommandUpdate>(
    message,
    (input) =>
      CancellationScope.nonCancellable(async () => {
        await condition(run.hasBegun);
        run.apply(await refusing(run, perform(toStepInput(input))));
        run.showStage();
        if (until !== undefined) await condition(until);
        return { status: run.state.status };
      }),
    {
      description,
      validator: () => {
        if (action !== null) validate(run, action);
      },
    },
  );
}

function validate(run: OrderRun, action: OrderAction): void {
  // With a step under way the tables may be ahead of what is known here: then the command's own step decides.
  if (!run.hasBegun() || run.isPerforming()) return;
  const allowed = run.allowedActions();
  if (allowed.includes(action)) return;
  // Of an open order the step decides: it knows which units are named, and which are canceled already.
  if (action === 'cancel' && !isOver(run)) return;
  throw refusal(run, `${action} is not legal for an order that is ${run.state.status}`, {
    ...offersOf(run, action),
  });
}

function isOver({ state }: OrderRun): boolean {
  return state.phase === 'over' && state.status !== 'canceled';
}

function refusal(run: OrderRun, detail: string, extra: object = {}): ApplicationFailure {
  const currentStatus = run.state.status;
  return ApplicationFailure.nonRetryable(detail, 'illegal_transition', {
    detail,
    extra: { currentStatus, allowedActions: run.allowedActions(), ...extra },
  });
}

/** What can still be done about goods that have left. */
function offersOf(run: OrderRun, action: OrderAction): { readonly offers?: readonly string[] } {
  const hasLeft = run.state.fulfillments.some(({ closed }) => closed);
  return action === 'cancel' && hasLeft ? { offers: ['return', 'intercept'] } : {};
}

/** A step's refusal, or a cancel that cut it short, becomes the update's own failure; anything else stays what it is. */
async function refusing(run: OrderRun, step: Promise<OrderChange>): Promise<OrderChange> {
  try {
    return await step;
  } catch (err) {
    if (isCancellation(err)) throw refusal(run, 'the order was canceled meanwhile');
    throw toUpdateRefusal(err);
  }
}

/** "Request cancellation" of the Web UI means what `cancel` means: legal or without effect, never a torn order. */
function listenForCancellation(run: OrderRun): void {
  void CancellationScope.current().cancelRequested.catch(() =>
    CancellationScope.nonCancellable(async () => {
      await condition(run.hasBegun);
      if (run.allowedActions().includes('cancel'))
        await run.cancelFor('requested', { updateId: 'request-cancellation' });
    }),
  );
}
