import { ActivityFailure, ApplicationFailure, currentUpdateInfo } from '@temporalio/workflow';
import type { CommandInput } from '../contracts/order-process';

/** An update of the Web UI has no command row yet; its own id stands for one. */
export function toStepInput(input: CommandInput): CommandInput {
  if (input.commandId !== undefined) return input;
  return { ...input, updateId: currentUpdateInfo()?.id ?? '' };
}

/** A step's refusal becomes the update's own failure; anything else stays what it is. */
export function toUpdateRefusal(err: unknown): unknown {
  if (!(err instanceof ActivityFailure && err.cause instanceof ApplicationFailure)) return err;
  const { message, type, details } = err.cause;
  return ApplicationFailure.nonRetryable(message, type, ...(details ?? []));
}
