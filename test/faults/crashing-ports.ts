import type { WorkflowClientInterceptor } from '@temporalio/client';

import type { Carrier } from '../../src/integrations/carrier';
import type { Mailer } from '../../src/integrations/mailer';
import type { PaymentGateway } from '../../src/integrations/payment-gateway';
import type { CrashPoints } from './points';

/** The gateway with a crash point before and after each call. */
export function crashingGateway(gateway: PaymentGateway, points: CrashPoints): PaymentGateway {
  return {
    provider: gateway.provider,
    authorize: (r) => points.around('gateway.authorize', () => gateway.authorize(r)),
    capture: (r) => points.around('gateway.capture', () => gateway.capture(r)),
    void: (r) => points.around('gateway.void', () => gateway.void(r)),
    refund: (r) => points.around('gateway.refund', () => gateway.refund(r)),
    find: (key) => points.around('gateway.find', () => gateway.find(key)),
  };
}

/** The carrier with a crash point before and after each call. */
export function crashingCarrier(carrier: Carrier, points: CrashPoints): Carrier {
  return {
    code: carrier.code,
    book: (r) => points.around('carrier.book', () => carrier.book(r)),
    find: (key) => points.around('carrier.find', () => carrier.find(key)),
    void: (r) => points.around('carrier.void', () => carrier.void(r)),
    handedOver: (no) => points.around('carrier.handedOver', () => carrier.handedOver(no)),
    intercept: (no) => points.around('carrier.intercept', () => carrier.intercept(no)),
  };
}

/** The mail server with a crash point before and after each mail. */
export function crashingMailer(mailer: Mailer, points: CrashPoints): Mailer {
  return {
    send: (mail) => points.around(`mailer.send(${mail.template})`, () => mailer.send(mail)),
    close: () => mailer.close(),
  };
}

/** The engine, as far as activities call it, with a crash point before and after each call. */
export function crashingEngine(points: CrashPoints): WorkflowClientInterceptor {
  return {
    signal: (input, next) => points.around('engine.signal', () => next(input)),
    startWithDetails: (input, next) =>
      points.around(`engine.start(${input.workflowType})`, () => next(input)),
    startUpdateWithStart: (input, next) =>
      points.around('engine.updateWithStart', () => next(input)),
  };
}
