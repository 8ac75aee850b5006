/** Jest reads `testTimeout` only at the top level, so each project passes its own through `globals`. */
declare const TEST_TIMEOUT_MS: number;

jest.setTimeout(TEST_TIMEOUT_MS);
