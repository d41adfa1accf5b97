// A user's workflow, as the histories of the case have it.
const { load } = require('../../dist/workflows');

module.exports = { pipeline: (request) => load(request) };
