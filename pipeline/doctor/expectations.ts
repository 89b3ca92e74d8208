import { ciRoleName, PREVIEW_SECRETS, type Project, secretName } from '../manifest/names.ts';
import { runsIn } from '../manifest/placement.ts';
import type { Manifest } from '../manifest/types.ts';

const MAIN = 'refs/heads/main';

export interface ExpectedRole {
  readonly name: string;
  /** Ends of the subjects that have to be able to take it on, with the ref that their runs have. */
  readonly contexts: readonly { readonly context: string; readonly ref: string }[];
}

/** Roles of the pipeline, and which jobs take them on. */
export const expectedRoles = ({ app }: Project): readonly ExpectedRole[] => [
  { name: ciRoleName(app, 'build'), contexts: [{ context: `ref:${MAIN}`, ref: MAIN }] },
  {
    name: ciRoleName(app, 'plan'),
    contexts: [
      { context: `ref:${MAIN}`, ref: MAIN },
      { context: 'pull_request', ref: 'refs/pull/1/merge' },
    ],
  },
  { name: ciRoleName(app, 'preview'), contexts: [{ context: 'environment:preview', ref: MAIN }] },
  ...['staging', 'production'].map((environment) => ({
    name: ciRoleName(app, `deploy-${environment}`),
    contexts: [{ context: `environment:${environment}`, ref: MAIN }],
  })),
];

export interface ExpectedVariable {
  /** '' is the repository. */
  readonly environment: string;
  readonly name: string;
  readonly value: string;
}

/** Variables without which no workflow finds its role. */
export function expectedVariables({ app, accountId }: Project): readonly ExpectedVariable[] {
  const role = (name: string): string => `arn:aws:iam::${accountId}:role/${ciRoleName(app, name)}`;
  return [
    { environment: '', name: 'AWS_ROLE_BUILD', value: role('build') },
    { environment: '', name: 'AWS_ROLE_PLAN', value: role('plan') },
    { environment: 'preview', name: 'AWS_ROLE_PREVIEW', value: role('preview') },
    ...['staging', 'production'].map((environment) => ({
      ...{ environment, name: 'AWS_ROLE_DEPLOY', value: role(`deploy-${environment}`) },
    })),
  ];
}

export interface ExpectedQuota {
  readonly name: string;
  readonly service: string;
  readonly code: string;
  readonly atLeast: number;
}

/** Quotas that new accounts have too low, and what staging, production and five previews need. */
export const QUOTAS: readonly ExpectedQuota[] = [
  { name: 'Fargate on-demand vCPUs', service: 'fargate', code: 'L-3032A538', atLeast: 6 },
  { name: 'Fargate Spot vCPUs', service: 'fargate', code: 'L-36FBB829', atLeast: 8 },
  // The NAT instance; accounts that have never started one may have none.
  { name: 'EC2 on-demand vCPUs', service: 'ec2', code: 'L-1216C47A', atLeast: 2 },
  { name: 'Lambda concurrent executions', service: 'lambda', code: 'L-B99A9384', atLeast: 100 },
  { name: 'target groups per load balancer', service: 'elasticloadbalancing', code: 'L-D96D2DE7', atLeast: 40 },
];

/** Secrets that a person has to give a value: of staging, production and all previews together. */
export function expectedSecrets({ app }: Project, manifests: readonly Manifest[]): readonly string[] {
  const ids = manifests.flatMap((manifest) =>
    ['staging', 'production', PREVIEW_SECRETS].flatMap((environment) =>
      runsIn(manifest, environment === PREVIEW_SECRETS ? 'staging' : environment)
        ? Object.values(manifest.secrets ?? {}).map((secret) => secretName(app, environment, secret))
        : [],
    ),
  );
  return [...new Set(ids)].sort();
}
