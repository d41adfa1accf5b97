import { serviceVariables } from './services';
import { startSnowflake } from './snowflake/start';

/** Starts the stand-ins of warehouses that no variable names yet: once for all test files. */
export default async function startStandins(): Promise<void> {
  if (process.env[serviceVariables.snowflakeUrl]) return;
  const standin = await startSnowflake();
  process.env[serviceVariables.snowflakeUrl] = standin.url;
  globalThis.stopServices = () => standin.stop();
}
