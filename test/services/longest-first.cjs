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

/** Files that take minutes begin first, wherever nothing has run yet. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const found = longest.findIndex((name) => path.endsWith(`${name}.test.ts`));
      return found < 0 ? longest.length : found;
    };
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
};
