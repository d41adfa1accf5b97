/** The variables of a runner: nothing of the tests, and nothing of the npm that started them. */
export function surroundings(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const ours =
    /^(LOADLINE|TEMPORAL|JEST|PG|GITHUB|GITLAB|CI_|npm_)|^(CI|DATABASE_URL|NODE_OPTIONS|NODE_ENV|INIT_CWD|FORCE_COLOR)$/;
  const rest = Object.entries(process.env).filter(([name]) => !ours.test(name) || name === 'LOADLINE_CACHE');
  return { ...Object.fromEntries(rest), NO_COLOR: '1', npm_config_update_notifier: 'false', ...more };
}
