import {
  Client,
  Connection,
  type ConnectionOptions,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

type ConnectOptions = ReturnType<typeof loadClientConnectConfig>['connectionOptions'];

export interface TemporalSettings {
  readonly TEMPORAL_ADDRESS: string;
  readonly TEMPORAL_NAMESPACE: string;
}

/**
 * How often a call to the engine is tried again: enough for a connection that was just replaced. The SDK's own ten
 * tries go on beyond a call's deadline, and whoever calls has a way without the engine.
 */
export function engineInterceptors(): NonNullable<ConnectionOptions['interceptors']> {
  return [makeGrpcRetryInterceptor(defaultGrpcRetryOptions({ maxAttempts: 3 }))];
}

export interface TemporalTarget {
  readonly connectionOptions: ConnectOptions;
  readonly namespace: string;
}

/**
 * Where the engine is: Temporal's own environment variables and profile file (address, TLS, API key), with our
 * defaults. Good for a client's `Connection` and a worker's `NativeConnection` alike.
 */
export function temporalTarget(settings: TemporalSettings): TemporalTarget {
  const loaded = loadClientConnectConfig();
  return {
    connectionOptions: {
      ...loaded.connectionOptions,
      address: loaded.connectionOptions.address ?? settings.TEMPORAL_ADDRESS,
    },
    namespace: loaded.namespace ?? settings.TEMPORAL_NAMESPACE,
  };
}

/**
 * A client on a lazy connection: made without the engine, it connects at the first call, so a process boots while
 * Temporal is down. `connection.ensureConnected()` is the readiness probe; close the connection at shutdown.
 */
export function createTemporalClient(settings: TemporalSettings): {
  client: Client;
  connection: Connection;
} {
  const target = temporalTarget(settings);
  const connection = Connection.lazy({
    ...target.connectionOptions,
    connectTimeout: '5s',
    interceptors: engineInterceptors(),
  });
  return { client: new Client({ connection, namespace: target.namespace }), connection };
}
