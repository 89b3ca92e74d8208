import type { ResourceDefinition } from '../engine/definition.ts';
import { logGroup } from './log-group.ts';
import { secret, secretVersion } from './secret.ts';
import { ssmParameter } from './ssm-parameter.ts';

/** Types whose resources belong to a served AWS service: Terraform and the SDK see the same thing. */
export const bridges: Readonly<Record<string, ResourceDefinition>> = {
  aws_cloudwatch_log_group: logGroup,
  aws_secretsmanager_secret: secret,
  aws_secretsmanager_secret_version: secretVersion,
  aws_ssm_parameter: ssmParameter,
};
