import type { LevelByScope } from '../../workflow/plan/permissions.ts';

/**
 * What a GITHUB_TOKEN needs for an operation: one of the scopes at this level. An operation that is not listed needs
 * `metadata: read`, which every token has. `administration` is a scope that GITHUB_TOKEN never gets.
 * Source: GitHub's "Permissions required for GitHub Apps"; the OpenAPI description does not say.
 */
const NEEDS: Readonly<Record<string, string>> = {
  'issues/get': 'read issues pull-requests',
  'issues/list-for-repo': 'read issues',
  'issues/create': 'write issues',
  'issues/update': 'write issues pull-requests',
  'issues/list-labels-on-issue': 'read issues pull-requests',
  'issues/add-labels': 'write issues pull-requests',
  'issues/remove-label': 'write issues pull-requests',
  'issues/list-comments': 'read issues pull-requests',
  'issues/get-comment': 'read issues pull-requests',
  'issues/create-comment': 'write issues pull-requests',
  'issues/update-comment': 'write issues pull-requests',
  'issues/delete-comment': 'write issues pull-requests',
  'pulls/list': 'read pull-requests',
  'pulls/get': 'read pull-requests',
  'pulls/list-files': 'read pull-requests',
  'pulls/create': 'write pull-requests',
  'pulls/update': 'write pull-requests',
  'pulls/merge': 'write contents',
  'repos/list-pull-requests-associated-with-commit': 'read pull-requests',
  'repos/get-branch': 'read contents',
  'repos/get-content': 'read contents',
  'repos/list-commits': 'read contents',
  'repos/get-commit': 'read contents',
  'repos/compare-commits-with-basehead': 'read contents',
  'git/get-ref': 'read contents',
  'git/create-ref': 'write contents',
  'git/update-ref': 'write contents',
  'git/delete-ref': 'write contents',
  'repos/list-deployments': 'read deployments',
  'repos/get-deployment': 'read deployments',
  'repos/create-deployment': 'write deployments',
  'repos/delete-deployment': 'write deployments',
  'repos/list-deployment-statuses': 'read deployments',
  'repos/create-deployment-status': 'write deployments',
  'repos/get-all-environments': 'read actions',
  'repos/get-environment': 'read actions',
  'actions/list-repo-workflows': 'read actions',
  'actions/create-workflow-dispatch': 'write actions',
  'actions/list-workflow-runs': 'read actions',
  'actions/list-workflow-runs-for-repo': 'read actions',
  'actions/get-reviews-for-run': 'read actions',
  'actions/get-workflow-run': 'read actions',
  'actions/cancel-workflow-run': 'write actions',
  'actions/list-jobs-for-workflow-run': 'read actions',
  'actions/list-environment-variables': 'read variables',
  'actions/list-repo-variables': 'read variables',
  'actions/get-repo-variable': 'read variables',
  'actions/create-repo-variable': 'write variables',
  'actions/update-repo-variable': 'write variables',
  'actions/get-custom-oidc-sub-claim-for-repo': 'read actions',
  'actions/set-custom-oidc-sub-claim-for-repo': 'write actions',
};

/** Whether a token with these permissions may call an operation. */
export function isPermitted(operation: string, permissions: LevelByScope): boolean {
  const [level, ...scopes] = (NEEDS[operation] ?? 'read metadata').split(' ');
  return scopes.some((scope) => {
    const held = scope === 'metadata' ? 'read' : permissions[scope];
    return held === 'write' || (level === 'read' && held === 'read');
  });
}
