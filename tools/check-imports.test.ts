import { checkFile } from './check-imports.ts';

test.each([
  ['actions/build/main.ts', "import { build } from '../../pipeline/image/build.ts';"],
  ['local/cli/main.ts', "import { deploy } from '../../pipeline/release/deploy.ts';"],
  ['local/aws/ecs/service.ts', "import { AwsError } from '../kit/service.ts';"],
  ['services/web/main.ts', "import { config } from '../kit/config.ts';"],
  ['stacks/app.ts', "import { S3Bucket } from '@cdktf/provider-aws/lib/s3-bucket/index.js';"],
])('%s may say %s', (file, source) => {
  expect(checkFile(file, source)).toEqual([]);
});

test.each([
  ['pipeline/release/deploy.ts', "import { x } from '../../local/cloud.ts';", 'pipeline may not import local/cloud.ts'],
  [
    'pipeline/release/deploy.ts',
    "import { x } from '../../actions/deploy/main.ts';",
    'pipeline may not import actions',
  ],
  [
    'services/web/main.ts',
    "import { x } from '../inference/model.ts';",
    'a service may import services/kit and itself',
  ],
  ['services/kit/log.ts', "import { x } from '../../pipeline/manifest/types.ts';", 'a service may import'],
  ['stacks/app.ts', "import { x } from '../pipeline/rollout/ecs.ts';", 'stacks may not import'],
  ['stacks/app.ts', "import { s3Bucket } from '@cdktf/provider-aws';", 'deep path'],
  ['local/github/api.ts', "import { x } from '../cli/output.ts';", 'only local/cli'],
  ['local/github/api.ts', "const x = await import('../../pipeline/release/deploy.ts');", 'local may not import'],
  ['pipeline/release/deploy.ts', "export { App } from 'cdktf';", 'only stacks'],
])('%s may not say %s', (file, source, message) => {
  expect(checkFile(file, `\n${source}`)).toEqual([{ file, line: 2, message: expect.stringContaining(message) }]);
});
