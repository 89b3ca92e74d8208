module.exports = {
  testEnvironment: '<rootDir>/tools/jest-environment.cjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tools/jest-strip-types.cjs' },
  testMatch: ['<rootDir>/{actions,pipeline,stacks,services,local,bench,test,tools}/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/.slipway', '<rootDir>/cdktf.out'],
};
