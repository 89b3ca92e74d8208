import { bucketName, ciRoleName, type Project } from '../../pipeline/manifest/names.ts';
import { createArns } from '../arns.ts';
import { allow, type Statement } from '../constructs/policy.ts';
import { apiStatements } from './api.ts';
import {
  imageStatements,
  ledgerStatements,
  parameterReadStatements,
  pullStatements,
  readStatements,
  stateReadStatements,
  stateStatements,
} from './common.ts';
import { linkedRoleStatements, networkStatements } from './network.ts';
import { dataStatements, edgeStatements } from './platform.ts';
import { previewObjectStatements, roleStatements, serviceStatements } from './services.ts';

/** One role of the pipeline. */
export interface CiRoleDefinition {
  readonly name: string;
  readonly description: string;
  /** Ends of the `sub` claims that may take it on. */
  readonly contexts: readonly string[];
  readonly ref?: string;
  readonly policies: Readonly<Record<string, readonly Statement[]>>;
}

const MAIN = 'refs/heads/main';

/** The roles of the workflows, each with what its jobs do and nothing more. */
export function ciRoles(project: Project): readonly CiRoleDefinition[] {
  return [
    buildRole(project),
    planRole(project),
    deployRole(project, 'staging'),
    deployRole(project, 'production'),
    previewRole(project),
  ];
}

/** Plans of main and of pull requests: sees everything, changes nothing. The sample models are the only content that a plan compares. */
function planRole(project: Project): CiRoleDefinition {
  const { bucket } = createArns(project);
  const models = ['staging', 'production'].map(
    (environment) => `${bucket(bucketName(project, environment, 'models'))}/*`,
  );
  return {
    name: ciRoleName(project.app, 'plan'),
    description: 'Plans every stack: of main to see what drifted, of a pull request to see what it changes',
    contexts: [`ref:${MAIN}`, 'pull_request'],
    policies: {
      read: readStatements(),
      state: [
        ...stateReadStatements(project),
        ...parameterReadStatements(project, ['account', 'staging', 'production']),
        allow(['s3:GetObject', 's3:GetObjectTagging'], models),
      ],
    },
  };
}

function buildRole(project: Project): CiRoleDefinition {
  return {
    name: ciRoleName(project.app, 'build'),
    description: 'Builds images on main, and creates repositories of new services',
    contexts: [`ref:${MAIN}`],
    policies: {
      read: readStatements(),
      state: [...stateStatements(project, ['account']), ...parameterReadStatements(project, ['account'])],
      images: [...imageStatements(project), ...repositoryStatements(project)],
    },
  };
}

function deployRole(project: Project, environment: 'staging' | 'production'): CiRoleDefinition {
  return {
    name: ciRoleName(project.app, `deploy-${environment}`),
    description: `Provisions and releases ${environment}`,
    contexts: [`environment:${environment}`],
    ref: MAIN,
    policies: {
      read: readStatements(),
      state: [
        ...stateStatements(project, [`${environment}-*`]),
        ...parameterReadStatements(project, ['account', environment]),
        ...ledgerStatements(project, [environment]),
        ...pullStatements(project),
      ],
      network: networkStatements(project, environment),
      edge: edgeStatements(project, environment),
      data: dataStatements(project, environment),
      services: serviceStatements(project, environment),
      api: apiStatements(project, environment),
      roles: [...roleStatements(project, environment), ...linkedRoleStatements(project)],
    },
  };
}

function previewRole(project: Project): CiRoleDefinition {
  return {
    name: ciRoleName(project.app, 'preview'),
    description: 'Builds, opens, closes and sweeps previews; everything it touches is named pr-*',
    contexts: ['environment:preview'],
    // Only main's own workflow files: one that a pull request changed runs at another ref.
    ref: MAIN,
    policies: {
      read: readStatements(),
      state: [
        ...stateStatements(project, ['preview-pr-*']),
        ...parameterReadStatements(project, ['account', 'staging', 'pr-*']),
        ...ledgerStatements(project, ['pr-*']),
        // What a pull request does not change is staging's, so its preview asks what staging serves.
        ...ledgerStatements(project, ['staging'], 'read'),
        // How the sweep finds what is left of previews, whatever it is.
        allow(['tag:GetResources'], ['*']),
      ],
      images: imageStatements(project),
      services: [
        ...serviceStatements(project, 'preview'),
        ...previewObjectStatements(project),
        // Synthetic rows for tables that are empty.
        allow(['dynamodb:Scan', 'dynamodb:BatchWriteItem'], [createArns(project).table('pr-*')]),
      ],
      roles: roleStatements(project, 'preview'),
    },
  };
}

/** A new service needs its repository before its first image; other changes of the account are made by a person. */
function repositoryStatements(project: Project): Statement[] {
  const { repository, parameter } = createArns(project);
  const actions = [
    'CreateRepository',
    'PutLifecyclePolicy',
    'SetRepositoryPolicy',
    'PutImageScanningConfiguration',
    'TagResource',
  ];
  return [
    allow(
      actions.map((action) => `ecr:${action}`),
      [repository(`${project.app}/*`)],
    ),
    allow(['ssm:PutParameter', 'ssm:AddTagsToResource'], [parameter(`/${project.app}/account/platform/*`)]),
  ];
}
