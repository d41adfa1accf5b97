'use strict';
/**
 * A workflow interceptor of the tests' own bundle: a dead worker is noticed after 5 s instead of 30 s, and tried again
 * sooner. Nothing else of the activities' options is changed.
 */
const interceptors = () => ({
  outbound: [
    {
      scheduleActivity(input, next) {
        const retry = { ...input.options.retry, initialInterval: '300ms', maximumInterval: '1s' };
        return next({ ...input, options: { ...input.options, heartbeatTimeout: '5s', retry } });
      },
    },
  ],
});

module.exports = { interceptors };
