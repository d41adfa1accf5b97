import { bigQueryVariables } from './standin-client';
import { startBigQueryStandin } from './start';

declare global {
  var stopBigQuery: (() => Promise<void>) | undefined;
}

/** Starts the stand-in unless the variables name one that runs. */
export default async function startServices(): Promise<void> {
  if (process.env[bigQueryVariables.endpoint]) return;
  const standin = await startBigQueryStandin();
  globalThis.stopBigQuery = standin.stop;
  process.env[bigQueryVariables.endpoint] = standin.endpoint;
  process.env[bigQueryVariables.gcsRoot] = standin.gcsRoot;
}
