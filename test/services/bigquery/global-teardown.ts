import './global-setup';

/** Ends what the setup started. */
export default async function stopServices(): Promise<void> {
  await globalThis.stopBigQuery?.();
}
