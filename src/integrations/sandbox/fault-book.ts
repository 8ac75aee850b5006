import type { Fault, FaultService, JournalRecord } from './records';

export interface InjectedFault {
  readonly service: FaultService;
  readonly mode: string;
  readonly operation: string;
  readonly key: string | null;
  readonly at: string;
}

/** Which faults are set and which calls they have hit; reads only, it changes by `apply` alone. */
export class FaultBook {
  readonly #faults = new Map<FaultService, Fault>();
  readonly #injected: InjectedFault[] = [];

  apply(record: JournalRecord): void {
    if (record.type === 'fault.set') this.#set(record.service, record.fault);
    else if (record.type === 'fault.hit') {
      const { service, mode, operation, key, at } = record;
      this.#injected.push({ service, mode, operation, key, at });
      this.#useUp(service);
    }
  }

  /** The fault that hits this operation now, if any. */
  find(service: FaultService, operation: string): Fault | null {
    const fault = this.#faults.get(service);
    if (!fault || (fault.only !== null && !fault.only.includes(operation))) return null;
    return fault;
  }

  current(): Record<string, Fault> {
    return Object.fromEntries(this.#faults);
  }

  /** Every call that a fault has hit, oldest first. */
  injected(): readonly InjectedFault[] {
    return this.#injected;
  }

  #set(service: FaultService, fault: Fault | null): void {
    if (fault) this.#faults.set(service, fault);
    else this.#faults.delete(service);
  }

  #useUp(service: FaultService): void {
    const fault = this.#faults.get(service);
    if (fault?.times == null) return;
    this.#set(service, fault.times > 1 ? { ...fault, times: fault.times - 1 } : null);
  }
}
