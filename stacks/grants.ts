import { clusterName, ledgerTableName, type Project } from '../pipeline/manifest/names.ts';
import type { Manifest } from '../pipeline/manifest/types.ts';
import { createArns } from './arns.ts';
import { allow, type Statement } from './constructs/policy.ts';

/** What `grants` of a manifest stand for. */
export const grantStatements = ({ grants = [] }: Manifest, project: Project): readonly Statement[] =>
  grants.includes('wake-previews') ? wakeStatements(project) : [];

/** Starting services of previews, and taking the rule away that leads to the waking page instead of to them. Nothing of staging itself. */
export function wakeStatements(project: Project): readonly Statement[] {
  const { regional, table } = createArns(project);
  const host = clusterName('staging');
  return [
    allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [table(ledgerTableName(project.app))], {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['pr-*'] },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    }),
    allow(['ecs:DescribeServices', 'ecs:UpdateService'], [regional('ecs', `service/${host}/pr-*`)]),
    // These have no finer choice.
    allow(
      [
        'ecs:ListServices',
        'elasticloadbalancing:DescribeTargetGroups',
        'elasticloadbalancing:DescribeListeners',
        'elasticloadbalancing:DescribeRules',
        'elasticloadbalancing:DescribeTargetHealth',
      ],
      ['*'],
    ),
    allow(
      ['elasticloadbalancing:DeleteRule'],
      [regional('elasticloadbalancing', `listener-rule/app/${project.app}-staging/*`)],
      { StringLike: { 'aws:ResourceTag/Environment': 'pr-*' } },
    ),
  ];
}
