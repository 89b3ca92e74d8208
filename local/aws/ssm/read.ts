import type * as ssm from '@aws-sdk/client-ssm';
import type { Cloud } from '../../cloud.ts';
import type { Collection } from '../../state/store.ts';
import type { Input } from '../kit/input.ts';
import { page } from '../kit/page.ts';
import { isUnder, passes } from './filters.ts';
import {
  invalid,
  notFound,
  type ParameterVersion,
  parameterArn,
  type StoredParameter,
  selectVersion,
} from './parameters.ts';

/** Everything that reads parameters. */
export function readOperations(cloud: Cloud, parameters: Collection<StoredParameter>) {
  const all = () => parameters.entries().map(([, parameter]) => parameter);
  const find = (reference: string) => selectVersion((name) => parameters.get(name), reference);

  function findOrNothing(name: string) {
    try {
      return find(name);
    } catch {
      return undefined;
    }
  }

  return {
    GetParameter(input: Input<ssm.GetParameterRequest>): ssm.GetParameterResult {
      const found = find(input.Name);
      if (!found) throw notFound(input.Name);
      const parameter = output(cloud, found.parameter, found.version, input.WithDecryption);
      return { Parameter: found.selector ? { ...parameter, Selector: found.selector } : parameter };
    },
    GetParameters(input: Input<ssm.GetParametersRequest>): ssm.GetParametersResult {
      if (input.Names.length > 10) throw invalid('Member must have length less than or equal to 10');
      const found = input.Names.map((name) => ({ name, found: findOrNothing(name) }));
      return {
        Parameters: found.flatMap((f) =>
          f.found ? [output(cloud, f.found.parameter, f.found.version, input.WithDecryption)] : [],
        ),
        InvalidParameters: found.flatMap((f) => (f.found ? [] : [f.name])),
      };
    },
    GetParametersByPath(input: Input<ssm.GetParametersByPathRequest>): ssm.GetParametersByPathResult {
      if (!input.Path.startsWith('/'))
        throw invalid(
          'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
        );
      const under = all().filter(
        (p) => isUnder(p.name, input.Path, input.Recursive ?? false) && passes(p, input.ParameterFilters),
      );
      const { items, next } = page(under, {
        key: (p) => p.name,
        after: input.NextToken,
        limit: input.MaxResults ?? 10,
      });
      return {
        Parameters: items.flatMap((p) => p.versions.slice(-1).map((v) => output(cloud, p, v, input.WithDecryption))),
        NextToken: next,
      };
    },
    GetParameterHistory(input: Input<ssm.GetParameterHistoryRequest>): ssm.GetParameterHistoryResult {
      const parameter = parameters.get(input.Name);
      if (!parameter) throw notFound(input.Name);
      const versions = parameter.versions.map((version) => ({
        ...metadata(cloud, parameter, version),
        Value: readable(version, input.WithDecryption),
        Labels: [...version.labels],
      }));
      return { Parameters: versions };
    },
    DescribeParameters(input: Input<ssm.DescribeParametersRequest>): ssm.DescribeParametersResult {
      const matching = all().filter((parameter) => passes(parameter, input.ParameterFilters));
      const { items, next } = page(matching, {
        key: (p) => p.name,
        after: input.NextToken,
        limit: input.MaxResults ?? 50,
      });
      return {
        Parameters: items.flatMap((p) => p.versions.slice(-1).map((v) => metadata(cloud, p, v))),
        NextToken: next,
      };
    },
  };
}

function output(cloud: Cloud, parameter: StoredParameter, version: ParameterVersion, decrypt: boolean | undefined) {
  return {
    Name: parameter.name,
    Type: version.type,
    Value: readable(version, decrypt),
    Version: version.version,
    LastModifiedDate: new Date(version.modified),
    ARN: parameterArn(cloud, parameter.name),
    DataType: version.dataType,
  };
}

/** A SecureString is only readable to who asks for decryption. */
function readable(version: ParameterVersion, decrypt: boolean | undefined): string {
  if (version.type !== 'SecureString' || decrypt) return version.value;
  return `kms:${version.keyId}:${Buffer.from(String(version.modified)).toString('base64')}`;
}

function metadata(cloud: Cloud, parameter: StoredParameter, version: ParameterVersion): ssm.ParameterMetadata {
  return {
    Name: parameter.name,
    ARN: parameterArn(cloud, parameter.name),
    Type: version.type,
    KeyId: version.keyId,
    LastModifiedDate: new Date(version.modified),
    LastModifiedUser: `arn:aws:iam::${cloud.accountId}:root`,
    Description: version.description,
    AllowedPattern: version.allowedPattern,
    Version: version.version,
    Tier: version.tier,
    Policies: [],
    DataType: version.dataType,
  };
}
