import type { PutParameterRequest } from '@aws-sdk/client-ssm';
import type { Input } from '../kit/input.ts';
import { AwsError } from '../kit/service.ts';
import { tagsOf } from '../kit/tags.ts';
import { checkName, invalid, type ParameterVersion, type StoredParameter, tierFor } from './parameters.ts';

const KEPT_VERSIONS = 100;

/** The parameter as it is after a PutParameter. Pure; throws what AWS answers. */
export function putVersion(
  before: StoredParameter | undefined,
  input: Input<PutParameterRequest>,
  now: number,
): StoredParameter {
  checkName(input.Name);
  if (before && !input.Overwrite) {
    throw new AwsError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  if (input.Overwrite && input.Tags?.length) {
    throw invalid(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    );
  }
  const version = newVersion(before?.versions.at(-1), input, now);
  return {
    name: input.Name,
    versions: [...(before?.versions ?? []), version].slice(-KEPT_VERSIONS),
    tags: before?.tags ?? tagsOf(input.Tags),
  };
}

function newVersion(
  before: ParameterVersion | undefined,
  input: Input<PutParameterRequest>,
  modified: number,
): ParameterVersion {
  const type = input.Type ?? before?.type;
  if (!type) throw invalid('A parameter type is required when you create a parameter.');
  const description = input.Description ?? before?.description;
  const allowedPattern = input.AllowedPattern ?? before?.allowedPattern;
  checkPattern(input.Value, allowedPattern);
  return {
    version: (before?.version ?? 0) + 1,
    type,
    value: input.Value,
    tier: tierFor(input.Value, input.Tier ?? before?.tier ?? 'Standard'),
    modified,
    labels: [],
    dataType: input.DataType ?? before?.dataType ?? 'text',
    ...(description ? { description } : {}),
    ...(allowedPattern ? { allowedPattern } : {}),
    ...(type === 'SecureString' ? { keyId: input.KeyId ?? before?.keyId ?? 'alias/aws/ssm' } : {}),
  };
}

function checkPattern(value: string, pattern: string | undefined): void {
  if (!pattern) return;
  let expression: RegExp;
  try {
    expression = new RegExp(pattern);
  } catch {
    throw new AwsError('InvalidAllowedPatternException', `The pattern ${pattern} is not a regular expression.`);
  }
  if (!expression.test(value)) {
    const message = `Parameter value, cannot be validated against allowedPattern: ${pattern}`;
    throw new AwsError('ParameterPatternMismatchException', message);
  }
}
