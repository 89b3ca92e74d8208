import { bridges } from '../bridges/index.ts';
import type { ResourceDefinition } from '../engine/definition.ts';
import { apiGateway } from './api-gateway.ts';
import { audit } from './audit.ts';
import { companions } from './companions.ts';
import { dns } from './dns.ts';
import { iam } from './iam.ts';
import { instances } from './instances.ts';
import { monitoring } from './monitoring.ts';
import { network } from './network.ts';
import { routing } from './routing.ts';
import { security } from './security.ts';
import { securityGroups } from './security-groups.ts';
import { users } from './users.ts';

/** Every resource type that the local cloud supports. Terraform refuses all others by name, since the schema lacks them. */
export const resources: Readonly<Record<string, ResourceDefinition>> = {
  ...network,
  ...routing,
  ...securityGroups,
  ...instances,
  ...iam,
  ...security,
  ...dns,
  ...audit,
  ...monitoring,
  ...companions,
  ...apiGateway,
  ...users,
  ...bridges,
};
