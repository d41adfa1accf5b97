import { serviceVariables } from '../services';
import { startSnowflake } from './start';

declare global {
  var stopSnowflake: (() => Promise<void>) | undefined;
}

/** Starts the stand-in unless a variable names one that runs, once for all test files. */
export default async function startStandin(): Promise<void> {
  if (process.env[serviceVariables.snowflakeUrl]) return;
  const standin = await startSnowflake();
  globalThis.stopSnowflake = standin.stop;
  process.env[serviceVariables.snowflakeUrl] = standin.url;
}
