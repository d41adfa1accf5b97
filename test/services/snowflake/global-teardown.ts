import './global-setup';

/** Ends what the setup started. */
export default async function stopStandin(): Promise<void> {
  await globalThis.stopSnowflake?.();
}
