import { randomBytes } from 'node:crypto';
import { ciRoleName } from '../../../pipeline/manifest/names.ts';
import type { Cloud } from '../../cloud.ts';
import type { GitHub } from '../../github/types.ts';
import type { Ports } from '../ports.ts';
import { localProject } from './project.ts';

/** Sets what README.md asks a person to set on GitHub: variables, secrets and environments. */
export function createRepositorySettings(github: GitHub, options: { cloud: Cloud; ports: Ports; base: string }): void {
  const { cloud, ports, base } = options;
  const project = localProject(ports);
  const role = (name: string): string => `arn:aws:iam::${cloud.accountId}:role/${ciRoleName(project.app, name)}`;
  github.setVariables({
    AWS_REGION: project.region,
    SLIPWAY_APP: project.app,
    SLIPWAY_ACCOUNT_ID: project.accountId,
    SLIPWAY_DOMAIN: project.domain,
    SLIPWAY_URL_PATTERN: project.urlPattern,
    SLIPWAY_OIDC_SUBJECT: project.oidcSubject ?? '',
    SLIPWAY_ARCHITECTURE: project.architecture ?? '',
    SLIPWAY_BASE_IMAGE: base,
    // As on GitHub, nothing asks for approval unless somebody sets this (docs/releases.md).
    SLIPWAY_APPROVAL: process.env['SLIPWAY_APPROVAL'] ?? '',
    SLIPWAY_APPROVERS: process.env['SLIPWAY_APPROVERS'] ?? '',
    // CI would run this repository's own tests inside the local cloud, for every push.
    SLIPWAY_SKIP_CI: 'true',
    AWS_ROLE_BUILD: role('build'),
    AWS_ROLE_PLAN: role('plan'),
    AWS_ROLE_PREVIEW: role('preview'),
    SENTRY_URL: cloud.endpoints.sentry,
    SENTRY_ORG: 'local',
  });
  github.setVariables({ AWS_ROLE_PREVIEW: role('preview') }, 'preview');
  for (const environment of ['staging', 'production']) {
    github.setVariables({ AWS_ROLE_DEPLOY: role(`deploy-${environment}`) }, environment);
    github.protectEnvironment(environment, ['main']);
  }
  github.setSecrets({ SENTRY_AUTH_TOKEN: randomBytes(16).toString('hex') });
}
