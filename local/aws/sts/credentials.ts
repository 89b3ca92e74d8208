import type { Cloud } from '../../cloud.ts';
import { openSessions } from './sessions.ts';

const TEN_YEARS = 10 * 365 * 24 * 3600;

const known = new WeakMap<Cloud, Map<string, Readonly<Record<string, string>>>>();

/**
 * Credentials that AWS hands to a task or function by other means, as environment variables: those of its role, else the local cloud's own. All containers
 * of a role share one session, which lasts as long as they do.
 */
export function containerCredentials(cloud: Cloud, roleArn: string | undefined): Readonly<Record<string, string>> {
  if (!roleArn) return { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
  const ofCloud = known.get(cloud) ?? new Map<string, Readonly<Record<string, string>>>();
  known.set(cloud, ofCloud);
  const credentials = ofCloud.get(roleArn) ?? open(cloud, roleArn);
  ofCloud.set(roleArn, credentials);
  return credentials;
}

function open(cloud: Cloud, roleArn: string): Readonly<Record<string, string>> {
  const { Credentials } = openSessions(cloud).open({ roleArn, sessionName: 'container', seconds: TEN_YEARS });
  return {
    AWS_ACCESS_KEY_ID: Credentials.AccessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey ?? '',
    AWS_SESSION_TOKEN: Credentials.SessionToken ?? '',
  };
}
