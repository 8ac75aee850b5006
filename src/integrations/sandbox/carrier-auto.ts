import type { Logger } from '../../platform/logger';
import type { Books } from './books';
import { nextCode, type CarrierDesk } from './carrier-desk';
import { toStatus, type AutoMove } from './carrier-book';

/** Moves shipments that were handed over, one step every `stepMs`, while it is switched on. */
export class CarrierAuto {
  readonly #books: Books;
  readonly #desk: CarrierDesk;
  readonly #logger: Logger;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(books: Books, desk: CarrierDesk, logger: Logger) {
    this.#books = books;
    this.#desk = desk;
    this.#logger = logger;
  }

  /** Goes on with every shipment that is under way, by the setting kept in the books. */
  start(): void {
    this.stop();
    if (!this.#books.carrier.auto.enabled) return;
    for (const shipment of this.#books.carrier.shipments()) {
      if (shipment.handedOverAt !== null) this.follow(shipment.trackingNo);
    }
  }

  async set(auto: AutoMove): Promise<void> {
    await this.#books.write({ type: 'carrier.auto', ...auto });
    this.start();
  }

  /** Sets the timer for a shipment's next step, if it has one. */
  follow(trackingNo: string): void {
    const { enabled, stepMs } = this.#books.carrier.auto;
    const shipment = this.#books.carrier.findShipment(trackingNo);
    if (!enabled || !shipment || nextCode(toStatus(shipment)) === null) return;
    clearTimeout(this.#timers.get(trackingNo));
    const timer = setTimeout(() => this.#move(trackingNo), stepMs);
    this.#timers.set(trackingNo, timer.unref());
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #move(trackingNo: string): void {
    this.#timers.delete(trackingNo);
    this.#desk.step(trackingNo).then(
      () => this.follow(trackingNo),
      (err: unknown) => this.#logger.error({ err, trackingNo }, 'auto move failed'),
    );
  }
}
