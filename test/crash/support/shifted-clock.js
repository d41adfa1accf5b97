'use strict';
/**
 * Shifts the clock of the process that loads it by as many milliseconds as the file of LOADLINE_CLOCK_FILE says at the
 * moment, so that it jumps while the process runs.
 */
const { readFileSync } = require('node:fs');

const RealDate = Date;
const now = RealDate.now.bind(RealDate);
let shift = 0;
setInterval(() => {
  shift = Number(readFileSync(process.env.LOADLINE_CLOCK_FILE, 'utf8')) || 0;
}, 20).unref();

class ShiftedDate extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(now() + shift);
    else super(...args);
  }
  static now() {
    return now() + shift;
  }
}
globalThis.Date = ShiftedDate;
