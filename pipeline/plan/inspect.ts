/**
 * Synthesized stacks may come from a pull request's own code, and Terraform runs what they name. A plan with an identity in the cloud therefore reads only
 * what cannot start a program or leave the checkout: resources and data of the AWS provider, with the backend in our bucket.
 */
export function inspectStack(stack: string, json: unknown, bucket: string): string[] {
  if (!isRecord(json)) return [`${stack}: is no JSON object`];
  const { terraform, provider, resource, data, output, locals, variable, import: imports, '//': _, ...others } = json;
  return [
    ...Object.keys(others).map((key) => `"${key}" is not used by stacks`),
    ...inspectTerraform(stack, terraform, bucket),
    ...inspectProviders(provider),
    ...keysOf(resource).flatMap((type) => (/^aws_\w+$/.test(type) ? [] : [`type ${type}`])),
    ...keysOf(data).flatMap((type) => (READ.has(type) ? [] : [`data ${type}`])),
    ...[imports ?? []].flat().flatMap((one) => {
      const to = String(Object(one).to);
      return /^aws_\w+\.[\w-]+$/.test(to) ? [] : [`import into ${to}`];
    }),
    ...findings({ imports, resource, data, output, locals, variable, provider }),
  ].map((what) => `${stack}: ${what}, which a plan with an identity in the cloud does not run`);
}

/** Data that stacks read. Others would be read with the plan's role: an object of the state bucket, whose text a comment then shows. */
const READ = new Set(['aws_ssm_parameter', 'aws_route53_zone', 'aws_iam_policy_document']);

const keysOf = (kind: unknown): string[] => Object.keys(isRecord(kind) ? kind : {});

function inspectTerraform(stack: string, terraform: unknown, bucket: string): string[] {
  if (!isRecord(terraform)) return ['no terraform block'];
  const { backend, required_providers: providers, required_version: _, ...others } = terraform;
  const s3 = isRecord(backend) && isRecord(backend['s3']) ? backend['s3'] : undefined;
  const sources = Object.entries(isRecord(providers) ? providers : {});
  return [
    ...Object.keys(others).map((key) => `terraform.${key}`),
    ...(s3?.['bucket'] === bucket && s3['key'] === `${stack}.tfstate` && Object.keys(Object(backend)).length === 1
      ? []
      : ['a state that is not its own']),
    ...Object.keys(s3 ?? {}).flatMap((key) =>
      ['bucket', 'key', 'region', 'encrypt', 'use_lockfile', 'kms_key_id'].includes(key) ? [] : [`backend.${key}`],
    ),
    ...sources.flatMap(([name, value]) =>
      name === 'aws' && isRecord(value) && value['source'] === 'aws' ? [] : [`provider ${name}`],
    ),
  ];
}

/** An endpoint or a role of somebody's own would be handed our signatures. */
const PROVIDER_KEYS = ['region', 'allowed_account_ids', 'default_tags', 'alias'];

function inspectProviders(providers: unknown): string[] {
  return Object.entries(isRecord(providers) ? providers : {}).flatMap(([name, settings]) =>
    name === 'aws'
      ? [settings]
          .flat()
          .flatMap((one) =>
            Object.keys(isRecord(one) ? one : {}).flatMap((key) =>
              PROVIDER_KEYS.includes(key) ? [] : [`provider.aws.${key}`],
            ),
          )
      : [`provider ${name}`],
  );
}

const FILES = /\b(?:file\w*|templatefile|pathexpand|abspath)\s*\(/g;
/** The one way in which our stacks read a file: an object of a service's bucket, by its path in the checkout. */
const SEED = /^\$\{filebase64\("\$\{path\.module\}\/(?:\.\.\/)*services\/[\w./-]+"\)\}$/;

/** Provisioners and functions that read files, wherever they stand. */
function findings(value: unknown, key = ''): string[] {
  if (typeof value === 'string') {
    const reads = value.match(FILES) ?? [];
    const isSeed = SEED.test(value) && !value.replace(/^(.*?)services\//, '').includes('..');
    return reads.length === 0 || isSeed ? [] : [`${key}: ${reads[0]}...)`];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    name === 'provisioner' || name === 'connection'
      ? [`${key}.${name}`]
      : findings(part, key ? `${key}.${name}` : name),
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
