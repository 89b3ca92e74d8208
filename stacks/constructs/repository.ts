import type { Project } from '../../pipeline/manifest/names.ts';
import { repositoryName } from '../../pipeline/manifest/names.ts';
import type { Manifest } from '../../pipeline/manifest/types.ts';
import { Construct, EcrLifecyclePolicy, EcrRepository, EcrRepositoryPolicy } from '../cdktf.ts';
import { LIFECYCLE_RULES } from './lifecycle-rules.ts';
import { policyDocument } from './policy.ts';

interface RepositoryProperties {
  readonly project: Project;
  readonly manifest: Manifest;
  readonly keyArn: string;
}

/** Images of one service: tags never move, every push is scanned. */
export class Repository extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, { project, manifest, keyArn }: RepositoryProperties) {
    super(scope, id);
    const repository = new EcrRepository(this, 'repository', {
      name: repositoryName(project.app, manifest.name),
      imageTagMutability: 'IMMUTABLE',
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: [{ encryptionType: 'KMS', kmsKey: keyArn }],
    });
    this.url = repository.repositoryUrl;
    new EcrLifecyclePolicy(this, 'lifecycle', {
      repository: repository.name,
      policy: JSON.stringify({ rules: LIFECYCLE_RULES }),
    });
    if (manifest.kind === 'function') letLambdaPull(this, repository, project);
  }
}

function letLambdaPull(scope: Construct, repository: EcrRepository, { accountId, region }: Project): void {
  new EcrRepositoryPolicy(scope, 'lambda', {
    repository: repository.name,
    policy: policyDocument([
      {
        Sid: 'LambdaPulls',
        Effect: 'Allow',
        Principal: { Service: 'lambda.amazonaws.com' },
        Action: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:lambda:${region}:${accountId}:function:*` } },
      },
    ]),
  });
}
