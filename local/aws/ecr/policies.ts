import type * as ecr from '@aws-sdk/client-ecr';
import type { Input } from '../kit/input.ts';
import { AwsError } from '../kit/service.ts';
import type { EcrContext } from './image-operations.ts';
import { invalid } from './repositories.ts';

/** Lifecycle and resource policies of repositories: kept, checked for shape, not executed. */
export function policyOperations({ cloud, repositories }: EcrContext) {
  const registryId = cloud.accountId;
  return {
    PutLifecyclePolicy(input: Input<ecr.PutLifecyclePolicyRequest>): ecr.PutLifecyclePolicyResponse {
      const { repositoryName, lifecyclePolicyText: text } = input;
      checkDocument(text, 'rules', 'lifecyclePolicyText');
      repositories.save({ ...repositories.find(repositoryName), lifecyclePolicy: text });
      return { registryId, repositoryName, lifecyclePolicyText: text };
    },
    GetLifecyclePolicy(input: Input<ecr.GetLifecyclePolicyRequest>): ecr.GetLifecyclePolicyResponse {
      const { name, lifecyclePolicy } = repositories.find(input.repositoryName);
      if (!lifecyclePolicy) throw missing('LifecyclePolicyNotFoundException', 'Lifecycle', name, registryId);
      return { registryId, repositoryName: name, lifecyclePolicyText: lifecyclePolicy };
    },
    DeleteLifecyclePolicy(input: Input<ecr.DeleteLifecyclePolicyRequest>): ecr.DeleteLifecyclePolicyResponse {
      const { lifecyclePolicy, ...repository } = repositories.find(input.repositoryName);
      const { name } = repository;
      if (!lifecyclePolicy) throw missing('LifecyclePolicyNotFoundException', 'Lifecycle', name, registryId);
      repositories.save(repository);
      return { registryId, repositoryName: name, lifecyclePolicyText: lifecyclePolicy };
    },
    SetRepositoryPolicy(input: Input<ecr.SetRepositoryPolicyRequest>): ecr.SetRepositoryPolicyResponse {
      const { repositoryName, policyText } = input;
      checkDocument(policyText, 'Statement', 'policyText');
      repositories.save({ ...repositories.find(repositoryName), policy: policyText });
      return { registryId, repositoryName, policyText };
    },
    GetRepositoryPolicy(input: Input<ecr.GetRepositoryPolicyRequest>): ecr.GetRepositoryPolicyResponse {
      const { name, policy } = repositories.find(input.repositoryName);
      if (!policy) throw missing('RepositoryPolicyNotFoundException', 'Repository', name, registryId);
      return { registryId, repositoryName: name, policyText: policy };
    },
    DeleteRepositoryPolicy(input: Input<ecr.DeleteRepositoryPolicyRequest>): ecr.DeleteRepositoryPolicyResponse {
      const { policy, ...repository } = repositories.find(input.repositoryName);
      const { name } = repository;
      if (!policy) throw missing('RepositoryPolicyNotFoundException', 'Repository', name, registryId);
      repositories.save(repository);
      return { registryId, repositoryName: name, policyText: policy };
    },
  };
}

function checkDocument(text: string, member: string, parameter: string): void {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    document = undefined;
  }
  if (typeof document === 'object' && document !== null && member in document) return;
  throw invalid(`Invalid parameter at '${parameter}': expected a JSON document with ${member}`);
}

function missing(name: string, kind: string, repository: string, registryId: string): AwsError {
  const message = `${kind} policy does not exist for the repository with name '${repository}' in the registry with id '${registryId}'`;
  return new AwsError(name, message);
}
