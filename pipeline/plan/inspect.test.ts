import { inspectStack } from './inspect.ts';

/** An expression of Terraform. */
const expression = (text: string): string => `\${${text}}`;
const filed = (path: string): string => expression(`filebase64("${expression('path.module')}${path}")`);

const BUCKET = 'demo-123456789012-state';
const good = {
  '//': { metadata: {} },
  terraform: {
    backend: {
      s3: { bucket: BUCKET, key: 'staging-app.tfstate', region: 'us-east-1', encrypt: true, use_lockfile: true },
    },
    required_providers: { aws: { source: 'aws', version: '6.25.0' } },
    required_version: '>= 1.11.0',
  },
  provider: { aws: [{ region: 'us-east-1', allowed_account_ids: ['1'], default_tags: [{ tags: {} }] }] },
  data: { aws_ssm_parameter: { p: { name: '/a' } } },
  resource: {
    aws_s3_object: {
      o: { content_base64: filed('/../../../services/inference/models/a/1/model.onnx') },
    },
  },
};

test('what our stacks are made of is taken', () => {
  expect(inspectStack('staging-app', good, BUCKET)).toEqual([]);
});

test.each<[string, object]>([
  ['a program as a data source', { data: { external: { x: { program: ['sh'] } } } }],
  ['a request over HTTP', { data: { http: { x: { url: 'https://example.org' } } } }],
  [
    'the state of another stack as an object',
    { data: { aws_s3_object: { s: { bucket: BUCKET, key: 'production-data.tfstate' } } } },
  ],
  [
    'a function that is run while it is read',
    { data: { aws_lambda_invocation: { i: { function_name: 'f', input: '{}' } } } },
  ],
  ['a provisioner', { resource: { aws_vpc: { v: { provisioner: [{ 'local-exec': { command: 'env' } }] } } } }],
  ['another provider', { terraform: { ...good.terraform, required_providers: { evil: { source: 'a/b' } } } }],
  [
    'another source of the provider',
    { terraform: { ...good.terraform, required_providers: { aws: { source: 'a/b' } } } },
  ],
  ['an endpoint of its own', { provider: { aws: [{ endpoints: [{ sts: 'https://example.org' }] }] } }],
  ['a module', { module: { m: { source: 'git::https://example.org' } } }],
  [
    'the state of another stack',
    { terraform: { ...good.terraform, backend: { s3: { bucket: BUCKET, key: 'production-data.tfstate' } } } },
  ],
  ['a state elsewhere', { terraform: { ...good.terraform, backend: { http: { address: 'https://example.org' } } } }],
  [
    'a file of the machine',
    { resource: { aws_ssm_parameter: { p: { insecure_value: expression('file("/proc/self/environ")') } } } },
  ],
  ['a file by way of an output', { output: { o: { value: expression('templatefile("/etc/passwd", {})') } } }],
  [
    'a seed that leaves the checkout',
    {
      resource: {
        aws_s3_object: { o: { content_base64: filed('/../services/../../../etc/passwd') } },
      },
    },
  ],
])('%s is refused', (_what, change) => {
  const problems = inspectStack('staging-app', { ...good, ...change }, BUCKET);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^staging-app: /);
});
