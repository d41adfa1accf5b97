import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openScenario, type CrashLoad, type Scenario } from './support/scenario';

jest.setTimeout(170_000);

let scenario: Scenario;
let folder: string;
let clockFile: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'loadline-clock-'));
  clockFile = join(folder, 'shift');
  await setClock(0);
  scenario = await openScenario('clock');
});
afterEach(async () => {
  await scenario.stop();
  await rm(folder, { recursive: true, force: true });
});

const setClock = (days: number): Promise<void> => writeFile(clockFile, String(days * 86_400_000));
const environment = (zone: string): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_OPTIONS: `--require=${join(__dirname, 'support', 'shifted-clock.js')}`,
  LOADLINE_CLOCK_FILE: clockFile,
  TZ: zone,
});

test.each([
  [10, 'Pacific/Kiritimati'],
  [-10, 'Pacific/Niue'],
  [400, 'Asia/Kathmandu'],
])(
  "a worker's clock that jumps by %d days in %s, while another has the time, loses and doubles nothing",
  async (days, zone) => {
    const env = environment(zone);
    const hold = { tag: 'publish:lock', moment: 'before', do: 'hold', activity: 'loadline.publish' } as const;
    const holding = await scenario.worker({ failpoints: [hold], env });
    const loads: CrashLoad[] = [await scenario.day('merge')];
    const first = await scenario.start(loads[0]!);
    await holding.reached();
    await setClock(days);
    // One starts with the wrong time, and one with the right one.
    await scenario.worker({ env });
    await scenario.worker();
    for (const mode of ['append', 'replace-partition', 'merge'] as const) loads.push(await scenario.day(mode));
    const others = await Promise.all(loads.slice(1).map((load) => scenario.start(load)));
    await setClock(-days);
    holding.resume();
    for (const load of [first, ...others]) expect((await load.result()).outcome).toBe('loaded');
    await scenario.expectExactlyOnce(loads);
  },
);
