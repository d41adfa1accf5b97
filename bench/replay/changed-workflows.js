// The same with two changes: another load key, and another way to ask.
const { load } = require('../../dist/workflows');

module.exports = { pipeline: (request) => load({ ...request, pipeline: `${request.pipeline}-new`, onChanged: 'reprocess' }) };
