import { type Project, stateBucketName, stateKeyAlias } from '../pipeline/manifest/names.ts';
import type { Manifest } from '../pipeline/manifest/types.ts';
import { createArns } from './arns.ts';
import { AwsProvider, type Construct, S3Backend, TerraformStack } from './cdktf.ts';
import { writeStack } from './write-stack.ts';

export const TERRAFORM_VERSION = '>= 1.11.0';

/** What every stack is made from. */
export interface StackInput {
  readonly project: Project;
  readonly manifests: readonly Manifest[];
  /** Absolute path of the repository. */
  readonly root: string;
  /** `account`, `staging`, `production` or `pr-<n>`. */
  readonly environment: string;
  /** Of a preview only. */
  readonly preview?: PreviewInput;
}

export interface PreviewInput {
  /** Where its numbers on staging's listener begin; no two previews have the same. See rule-priority.ts. */
  readonly place: number;
  /** Services that it runs itself; the others are staging's. Absent: all. */
  readonly deployed?: readonly string[];
  /** Requests to staging's own host reach it, too, if they carry the header `x-slipway-preview: pr-<n>`: those of programs, and of services. */
  readonly header?: boolean;
  /** It has all that staging has, tables and buckets of its own included. */
  readonly full?: boolean;
}

/** Services that a stack runs: all, but for a preview of some. */
export const deployedServices = ({
  manifests,
  preview,
}: Pick<StackInput, 'manifests' | 'preview'>): readonly Manifest[] =>
  manifests.filter(({ name }) => preview?.deployed?.includes(name) ?? true);

/** A stack with its own state in the project's bucket and an AWS provider that refuses every other account. */
export class SlipwayStack extends TerraformStack {
  readonly input: StackInput;
  /** What was written last. */
  synthesized: Readonly<Record<string, unknown>> = {};

  constructor(scope: Construct, id: string, input: StackInput) {
    super(scope, id);
    this.input = input;
    this.synthesizer = {
      synthesize: (session) => {
        this.synthesized = writeStack(this, session);
      },
    };
    const { project, environment } = input;
    this.addOverride('terraform.required_version', TERRAFORM_VERSION);
    const backend = new S3Backend(this, {
      bucket: stateBucketName(project),
      key: `${id}.tfstate`,
      region: project.region,
      encrypt: true,
      ...(id === 'bootstrap' ? {} : { kmsKeyId: createArns(project).alias(stateKeyAlias(project)) }),
    });
    // CDKTF 0.21 has no type for the lock file that replaced the DynamoDB lock table.
    backend.addOverride('use_lockfile', true);
    new AwsProvider(this, 'aws', {
      region: project.region,
      allowedAccountIds: [project.accountId],
      defaultTags: [
        { tags: { Application: project.app, Environment: environment, ManagedBy: 'terraform', Service: id } },
      ],
    });
  }

  /**
   * CDKTF resolves everything twice, to find references to other stacks and to read their states. We have none: stacks talk through parameters, and
   * semantics/references.ts refuses what a stack does not have itself.
   */
  override prepareStack(): void {
    // Nothing to prepare.
  }
}
