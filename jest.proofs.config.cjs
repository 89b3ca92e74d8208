// Long proofs (processes killed at every call, 100,000 requests): minutes each, one at a time, because they measure. See test/proofs/README.md.
module.exports = {
  ...require('./jest.config.cjs'),
  testMatch: ['<rootDir>/test/proofs/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 600_000,
  maxWorkers: 1,
};
