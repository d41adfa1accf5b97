// Chromium, to take pictures of pages. A maintainer's tool: nothing else needs it.
import { spawnSync } from 'node:child_process';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** The command of the Chromium that is installed. */
export function findChromium() {
  const found = names.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
  if (!found)
    throw new Error(
      `The pictures need Chromium, and none of ${names.join(', ')} is on PATH. On Debian: apt-get install chromium`,
    );
  return found;
}

/** A picture of a page, once it has had the time to show what it loads. */
export function screenshot(chromium, url, file, { width, height, scale = 1 }) {
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const flags = [
    '--headless',
    '--hide-scrollbars',
    `--window-size=${width},${height}`,
    `--force-device-scale-factor=${scale}`,
  ];
  const { status, stderr } = spawnSync(chromium, [
    ...flags,
    ...root,
    '--virtual-time-budget=10000',
    '--allow-file-access-from-files',
    `--screenshot=${file}`,
    url,
  ]);
  if (status !== 0) throw new Error(`Chromium took no picture of ${url}:\n${stderr}`);
}
