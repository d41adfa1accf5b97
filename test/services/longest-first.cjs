const { default: Sequencer } = require('@jest/test-sequencer');

// Jest knows how long a file takes only where it has run before. Begun last, one of these would run alone for minutes.
const longest = [
  'crash/sizes',
  'bigquery/conformance',
  'snowflake/conformance',
  'crash/random-kills',
  'crash/fuzz/fuzz',
  'crash/hot-restart',
];

/** Each shares one stand-in with the conformance suite, which it would only slow down. */
const onStandin = /warehouses\/(?:snowflake|bigquery)\/([^/]+)$/;

/** Files that take minutes begin first, wherever nothing has run yet; those of stand-ins come last, two of different ones side by side. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const found = longest.findIndex((name) => path.endsWith(`${name}.test.ts`));
      if (found >= 0) return found;
      return onStandin.test(path) ? longest.length + 1 : longest.length;
    };
    const title = ({ path }) => onStandin.exec(path)?.[1] ?? '';
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b) || title(a).localeCompare(title(b)));
  }
};
