/**
 * The program that bundles workflows in a process of its own. Ctrl-C and a service manager's SIGTERM reach it beside
 * the worker, which is the one to decide what comes of them; it ends with the worker at the latest. The source map
 * names lines but does not hold the sources, which would be in memory twice. It is text run by `node -e`, so that it
 * needs no file that is found from sources and from the built package alike.
 */
export const bundleProgram = `
process.on('disconnect', () => process.exit());
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
const { sdk, workflowsPath, interceptors, alias } = JSON.parse(process.argv[1]);
const { bundleWorkflowCode, DefaultLogger } = require(sdk);
const log = [];
let errors = [];
const listen = (compiler) => compiler.hooks.done.tap('loadline', (stats) => {
  errors = stats.toJson({ all: false, errors: true, moduleTrace: true }).errors ?? [];
});
bundleWorkflowCode({
  workflowsPath,
  workflowInterceptorModules: interceptors,
  webpackConfigHook: (config) => ({
    ...config,
    devtool: 'inline-nosources-source-map',
    plugins: [...(config.plugins ?? []), { apply: listen }],
    resolve: { ...config.resolve, alias: { ...config.resolve.alias, ...alias } },
  }),
  logger: new DefaultLogger('INFO', ({ level, message }) => log.push({ level, message })),
})
  .then(({ code }) => ({ code }), (error) => ({ error: error.message, errors }))
  .then((result) => process.send({ ...result, log }, () => process.disconnect()));
`;
