import { fitsPlatform } from './platform.ts';

test.each([
  ['bin/napi-v6/linux/x64/libonnxruntime.so.1', true, false],
  ['bin/napi-v6/linux/arm64/libonnxruntime.so.1', false, true],
  ['bin/napi-v6/darwin/arm64/x.node', false, false],
  ['prebuilds/linux-x64/node.napi.node', true, false],
  ['prebuilds/linux-x64-musl/node.napi.node', false, false],
  ['prebuilds/linux-arm64-gnu/x.node', false, true],
  ['prebuilds/darwin-x64+arm64/x.node', false, false],
  ['lib/linux-utils/index.js', true, true],
  ['lib/arm/index.js', false, false],
  ['index.js', true, true],
])('%s: amd64 %s, arm64 %s', (path, amd64, arm64) => {
  expect(fitsPlatform(path, 'linux/amd64')).toBe(amd64);
  expect(fitsPlatform(path, 'linux/arm64')).toBe(arm64);
});
