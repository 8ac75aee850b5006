import { startTestServices, type TestServices } from '../../scripts/runtime/test-services';
import type { TestContext } from './context';
import { prepareTemplate } from './template';

export interface OwnServers extends TestServices {
  readonly context: TestContext;
}

/** PostgreSQL and Temporal for one test file alone, which may end them and start them again. */
export async function startOwnServers(): Promise<OwnServers> {
  const services = await startTestServices({ durable: true });
  try {
    return { ...services, context: await prepareTemplate(services) };
  } catch (err) {
    await services.stop();
    throw err;
  }
}
