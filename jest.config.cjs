module.exports = {
  testEnvironment: '<rootDir>/tools/jest-environment.cjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tools/jest-strip-types.cjs' },
  testMatch: ['<rootDir>/{actions,pipeline,stacks,services,local,bench,test,tools}/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '<rootDir>/test/peers/', '<rootDir>/test/proofs/'],
  modulePathIgnorePatterns: ['<rootDir>/.slipway', '<rootDir>/cdktf.out'],
  testSequencer: '<rootDir>/tools/jest-sequencer.cjs',
  testTimeout: 90_000,
  // Jest leaves one core idle; on two cores that would be half of the machine.
  maxWorkers: '100%',
};
