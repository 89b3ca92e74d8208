// Tests against independent tools: skopeo, docker-registry, the AWS CLI, a Docker engine, Chromium. .ci/run installs these.
module.exports = {
  ...require('./jest.config.cjs'),
  testMatch: ['<rootDir>/test/peers/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
