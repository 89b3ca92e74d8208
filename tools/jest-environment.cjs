// Jest gives every test file globals of its own. Native modules (onnxruntime-node, node:zlib, node:sqlite) compare typed
// arrays with those of the process, so a test must see the process's own.
const { TestEnvironment } = require('jest-environment-node');

module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    for (const name of [
      'ArrayBuffer',
      'SharedArrayBuffer',
      'DataView',
      'Uint8Array',
      'Int8Array',
      'Uint16Array',
      'Int16Array',
      'Uint32Array',
      'Int32Array',
      'Float16Array',
      'Float32Array',
      'Float64Array',
      'BigInt64Array',
      'BigUint64Array',
      'RangeError',
    ]) {
      this.global[name] = globalThis[name];
    }
    // Errors that Node itself throws are errors in a test, too.
    const TestError = this.global.Error;
    Object.defineProperty(TestError, Symbol.hasInstance, {
      value(candidate) {
        return this === TestError
          ? Error.isError(candidate)
          : Function.prototype[Symbol.hasInstance].call(this, candidate);
      },
    });
  }
};
