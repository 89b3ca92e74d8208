import type { ParameterStringFilter } from '@aws-sdk/client-ssm';
import { AwsError } from '../kit/service.ts';
import type { ParameterVersion, StoredParameter } from './parameters.ts';

/** Whether a parameter passes all filters of DescribeParameters or GetParametersByPath. */
export function passes(parameter: StoredParameter, filters: readonly ParameterStringFilter[] = []): boolean {
  const latest = parameter.versions.at(-1);
  return latest !== undefined && filters.every((filter) => passesOne(parameter, latest, filter));
}

/** Whether `name` lies under `path`: directly, or at any depth. */
export function isUnder(name: string, path: string, recursive: boolean): boolean {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return name.startsWith(prefix) && (recursive || !name.slice(prefix.length).includes('/'));
}

function passesOne(parameter: StoredParameter, latest: ParameterVersion, filter: ParameterStringFilter): boolean {
  const { Key: key = '', Values: values = [], Option: option = key === 'Path' ? 'OneLevel' : 'Equals' } = filter;
  if (key === 'Path') return values.some((path) => isUnder(parameter.name, path, option === 'Recursive'));
  const actual = attribute(parameter, latest, key);
  if (values.length === 0) return actual.length > 0;
  return values.some((value) => actual.some((text) => compare(text, value, option)));
}

function attribute(parameter: StoredParameter, latest: ParameterVersion, key: string): readonly string[] {
  if (key.startsWith('tag:')) return [parameter.tags[key.slice(4)]].filter((value) => value !== undefined);
  switch (key) {
    case 'Name':
      return [parameter.name];
    case 'Type':
      return [latest.type];
    case 'Tier':
      return [latest.tier];
    case 'DataType':
      return [latest.dataType];
    case 'KeyId':
      return latest.keyId ? [latest.keyId] : [];
    case 'Label':
      return latest.labels;
    default:
      throw new AwsError('InvalidFilterKey', `The filter key ${key} is not supported by the local cloud.`);
  }
}

function compare(actual: string, wanted: string, option: string): boolean {
  if (option === 'Equals') return actual === wanted;
  if (option === 'BeginsWith') return actual.startsWith(wanted) || actual.startsWith(`/${wanted}`);
  if (option === 'Contains') return actual.includes(wanted);
  throw new AwsError('InvalidFilterOption', `The filter option ${option} is not valid.`);
}
