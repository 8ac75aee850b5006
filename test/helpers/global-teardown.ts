/** Ends what the global set-up started. */
export default async function globalTeardown(): Promise<void> {
  const services = globalThis.testServices;
  globalThis.testServices = undefined;
  await services?.stop();
}
