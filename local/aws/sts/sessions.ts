import { createHash, randomBytes } from 'node:crypto';
import type { AssumedRoleUser, Credentials } from '@aws-sdk/client-sts';
import type { Cloud } from '../../cloud.ts';

/** Temporary credentials that were handed out, by access key id. */
interface Session {
  readonly arn: string;
  readonly userId: string;
  readonly secretAccessKey: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

export interface Sessions {
  /** Identity behind an access key: a session, else an IAM user of that name. */
  caller(accessKeyId: string): { readonly arn: string; readonly userId: string };
  /** Secret key of a session, or of the local cloud's own user; undefined for any other access key. */
  secretOf(accessKeyId: string): string | undefined;
  open(request: { roleArn: string; sessionName: string; seconds: number }): {
    readonly Credentials: Credentials;
    readonly AssumedRoleUser: AssumedRoleUser;
  };
}

export function openSessions(cloud: Cloud): Sessions {
  const sessions = cloud.store.collection<Session>('sts/sessions');
  return {
    caller(accessKeyId) {
      const session = sessions.get(accessKeyId);
      return session ?? { arn: `arn:aws:iam::${cloud.accountId}:user/${accessKeyId}`, userId: id('AIDA', accessKeyId) };
    },
    secretOf: (accessKeyId) => (accessKeyId === 'local' ? 'local' : sessions.get(accessKeyId)?.secretAccessKey),
    open({ roleArn, sessionName, seconds }) {
      dropExpired();
      const role = roleArn.split('/').at(-1) ?? '';
      const session: Session = {
        arn: `arn:aws:sts::${cloud.accountId}:assumed-role/${role}/${sessionName}`,
        userId: `${id('AROA', roleArn)}:${sessionName}`,
        secretAccessKey: randomBytes(30).toString('base64'),
        expires: cloud.now() + seconds * 1000,
      };
      const accessKeyId = id('ASIA', randomBytes(16).toString('hex'));
      sessions.set(accessKeyId, session);
      return {
        Credentials: {
          AccessKeyId: accessKeyId,
          SecretAccessKey: session.secretAccessKey,
          SessionToken: randomBytes(96).toString('base64'),
          Expiration: new Date(session.expires),
        },
        AssumedRoleUser: { Arn: session.arn, AssumedRoleId: session.userId },
      };
    },
  };

  function dropExpired(): void {
    for (const [key, session] of sessions.entries()) if (session.expires < cloud.now()) sessions.delete(key);
  }
}

/** An id in the form of IAM's unique ids (`AROA` + 17 characters), always the same for the same seed. */
function id(prefix: string, seed: string): string {
  const digits = createHash('sha256').update(seed).digest();
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return prefix + Array.from(digits.subarray(0, 17), (byte) => alphabet[byte % 32]).join('');
}
