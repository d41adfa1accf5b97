import { join } from 'node:path';
import type { WarehouseCapabilities } from '../../activities/warehouses/warehouse';
import { archive } from './areas/archive';
import { badInput } from './areas/bad-input';
import { claims } from './areas/claims';
import { crash } from './areas/crash';
import { holds } from './areas/holds';
import { identity } from './areas/identity';
import { losses } from './areas/losses';
import { modes } from './areas/modes';
import { names } from './areas/names';
import { publish } from './areas/publish';
import { sets } from './areas/sets';
import { undo } from './areas/undo';
import { values } from './areas/values';
import type { ConformanceOptions, OpenHarness } from './harness';
import { Matrix } from './matrix';
import { globalRunner, Suite } from './suite';
import { openGround, type Ground } from './support/ground';

const areas = [claims, identity, modes, publish, losses, sets, values, badInput, holds, names, crash, undo, archive];

/**
 * Registers the tests that every warehouse has to pass, whatever it is: claims and fences, modes, the publish protocol,
 * sets, values, bad input, quarantine and holds, names, and processes that are killed. They act through the warehouse's own
 * operations; what they need beside those is the harness. At the end a matrix tells, guarantee by guarantee, what was shown.
 *
 * What the warehouse is without is said by `capabilities.without`, with why: those tests are skipped and named `n/a`.
 * Needs no package beside `loadline` and a test runner.
 *
 * @throws an error where there are neither global test functions nor a `runner`
 *
 * @example
 * ```ts
 * import { warehouseConformance, type OpenHarness, type WarehouseCapabilities } from 'loadline/testing';
 *
 * declare const acmeCapabilities: WarehouseCapabilities;
 * declare const openHarness: OpenHarness;
 *
 * warehouseConformance(acmeCapabilities, openHarness, { module: require.resolve('./acme-harness') });
 * ```
 */
export function warehouseConformance(
  capabilities: WarehouseCapabilities,
  openHarness: OpenHarness,
  options: ConformanceOptions = {},
): void {
  const runner = options.runner ?? globalRunner();
  const matrix = new Matrix(capabilities, options.proof ?? capabilities.proof);
  const suite = new Suite(withoutProcesses(capabilities, options), options, runner, matrix);
  let ground: Ground | undefined;
  runner.describe(`The warehouse ${capabilities.name}`, () => {
    runner.beforeAll(async () => {
      ground = await openGround(await openHarness());
      suite.ground = ground;
    }, suite.timeoutMs);
    runner.afterAll(async () => {
      matrix.tell(options.report ?? reportFile(capabilities.name));
      await ground?.close();
    }, suite.timeoutMs);
    for (const area of areas) area(suite);
  });
}

/** In a folder, because one run may test several warehouses. */
function reportFile(name: string): string | undefined {
  const folder = process.env['LOADLINE_CONFORMANCE_REPORTS'];
  return folder ? join(folder, `${name}.md`) : undefined;
}

/** Without a module there is nothing that another process could open. */
function withoutProcesses(capabilities: WarehouseCapabilities, { module }: ConformanceOptions): WarehouseCapabilities {
  if (module !== undefined) return capabilities;
  const why = 'no `module` was given';
  return { ...capabilities, without: { processes: why, ...capabilities.without } };
}
