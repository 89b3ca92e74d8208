import type { ParameterTier, ParameterType } from '@aws-sdk/client-ssm';
import type { Cloud } from '../../cloud.ts';
import { arn } from '../kit/arn.ts';
import { AwsError } from '../kit/service.ts';
import type { Tags } from '../kit/tags.ts';

export interface ParameterVersion {
  readonly version: number;
  readonly type: ParameterType;
  readonly value: string;
  readonly tier: ParameterTier;
  /** Milliseconds since the epoch. */
  readonly modified: number;
  readonly labels: readonly string[];
  readonly description?: string;
  readonly keyId?: string;
  readonly dataType: string;
  readonly allowedPattern?: string;
}

export interface StoredParameter {
  readonly name: string;
  /** Oldest first; at most the newest 100 are kept, as AWS does. */
  readonly versions: readonly ParameterVersion[];
  readonly tags: Tags;
}

const STANDARD_SIZE = 4096;
const ADVANCED_SIZE = 8192;

export function parameterArn(cloud: Cloud, name: string): string {
  return arn(cloud, 'ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`);
}

/** Finds a version by `name`, `name:3`, `name:label` or an ARN with or without such a selector. */
export function selectVersion(
  parameters: (name: string) => StoredParameter | undefined,
  reference: string,
): { readonly parameter: StoredParameter; readonly version: ParameterVersion; readonly selector?: string } | undefined {
  const { name, selector } = parseReference(reference);
  const parameter = parameters(name) ?? parameters(name.replace(/^\//, ''));
  const latest = parameter?.versions.at(-1);
  if (!parameter || !latest) return undefined;
  if (!selector) return { parameter, version: latest };
  const version = parameter.versions.find((v) => String(v.version) === selector || v.labels.includes(selector));
  if (version) return { parameter, version, selector: `:${selector}` };
  const message = `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`;
  throw new AwsError('ParameterVersionNotFound', message);
}

function parseReference(reference: string): { name: string; selector?: string } {
  const path = reference.replace(/^arn:[^:]+:ssm:[^:]*:[^:]*:parameter/, '');
  const [name = '', selector] = path.split(':');
  return selector ? { name, selector } : { name };
}

export function notFound(name: string): AwsError {
  return new AwsError('ParameterNotFound', `Parameter ${name} not found.`);
}

export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

export function checkName(name: string): void {
  if (!/^[\w.\-/]+$/.test(name)) {
    throw invalid('Parameter name: can only contain letters, numbers and the symbols . - _ and /.');
  }
  if (/^\/?(aws|ssm)/i.test(name)) {
    throw invalid('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).');
  }
  if (name.includes('/') && !name.startsWith('/')) throw invalid('Parameter name must be a fully qualified name.');
  if (name.split('/').length > 16) throw invalid('Parameter name: a hierarchy can have at most 15 levels.');
}

/** The tier that a value is kept in, or the error that AWS answers when the value does not fit into the tier asked for. */
export function tierFor(value: string, asked: ParameterTier): ParameterTier {
  const size = Buffer.byteLength(value);
  if (size > ADVANCED_SIZE) {
    throw invalid(`Advanced tier parameters support a maximum parameter value of ${ADVANCED_SIZE} characters.`);
  }
  if (asked === 'Intelligent-Tiering') return size > STANDARD_SIZE ? 'Advanced' : 'Standard';
  if (asked === 'Standard' && size > STANDARD_SIZE) {
    throw invalid(
      `Standard tier parameters support a maximum parameter value of ${STANDARD_SIZE} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html`,
    );
  }
  return asked;
}
