// Jest runs the same TypeScript that Node runs: types are stripped by Node itself, nothing is compiled.
const { stripTypeScriptTypes } = require('node:module');

module.exports = {
  process(source) {
    return { code: stripTypeScriptTypes(source, { mode: 'strip' }) };
  },
};
