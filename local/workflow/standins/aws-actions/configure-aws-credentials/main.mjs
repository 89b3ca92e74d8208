import { exportVariable, flag, input, main, mask, refuseInputs, setOutput } from '../../kit/action.mjs';

main(async () => {
  refuseInputs([
    'force-skip-oidc',
    'use-existing-credentials',
    'inline-session-policy',
    'managed-session-policies',
    'role-external-id',
    'role-chaining',
    'web-identity-token-file',
    'aws-access-key-id',
    'aws-secret-access-key',
    'aws-session-token',
  ]);
  const region = input('aws-region');
  const role = input('role-to-assume');
  if (!region) throw new Error('Input required and not supplied: aws-region');
  if (!/^arn:aws[\w-]*:iam::\d{12}:role\/.+/.test(role))
    throw new Error(`role-to-assume '${role}' is not the ARN of a role`);
  const session = await assumeRole({ region, role, token: await identityToken(input('audience')) });
  checkAccount(session.account);
  publish(session, region);
  console.log(`Authenticated as ${session.arn}`);
});

/** The job's identity token; it has one only with `permissions: id-token: write`. */
async function identityToken(audience) {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = process.env;
  if (!url || !token) {
    throw new Error('Credentials could not be loaded: is the job missing the permission `id-token: write`?');
  }
  const response = await fetch(`${url}&audience=${encodeURIComponent(audience)}`, {
    headers: { authorization: `bearer ${token}`, accept: 'application/json' },
  });
  if (!response.ok) throw new Error(`The identity token was refused: ${response.status} ${await response.text()}`);
  const { value } = await response.json();
  mask(value);
  return value;
}

/** STS AssumeRoleWithWebIdentity, an unsigned request of the Query protocol. */
async function assumeRole({ region, role, token }) {
  const endpoint =
    process.env.AWS_ENDPOINT_URL_STS || process.env.AWS_ENDPOINT_URL || `https://sts.${region}.amazonaws.com`;
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: role,
      RoleSessionName: input('role-session-name'),
      WebIdentityToken: token,
      DurationSeconds: input('role-duration-seconds') || '3600',
    }),
  });
  const xml = await response.text();
  const field = (name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
  if (!response.ok)
    throw new Error(`Could not assume role ${role} with OIDC: ${field('Message') || xml.slice(0, 300)}`);
  const arn = field('Arn');
  return {
    arn,
    account: arn.split(':')[4] ?? '',
    accessKeyId: field('AccessKeyId'),
    secretAccessKey: field('SecretAccessKey'),
    sessionToken: field('SessionToken'),
    expiration: field('Expiration'),
  };
}

function checkAccount(account) {
  const allowed = input('allowed-account-ids')
    .split(',')
    .map((id) => id.trim())
    .filter(Boolean);
  if (allowed.length > 0 && !allowed.includes(account)) {
    throw new Error(`The account ${account} is not one of the allowed accounts ${allowed.join(', ')}`);
  }
}

function publish({ arn, account, accessKeyId, secretAccessKey, sessionToken, expiration }, region) {
  for (const secret of [accessKeyId, secretAccessKey, sessionToken]) mask(secret);
  if (flag('mask-aws-account-id')) mask(account);
  exportVariable('AWS_REGION', region);
  exportVariable('AWS_DEFAULT_REGION', region);
  if (input('output-env-credentials') !== 'false') {
    exportVariable('AWS_ACCESS_KEY_ID', accessKeyId);
    exportVariable('AWS_SECRET_ACCESS_KEY', secretAccessKey);
    exportVariable('AWS_SESSION_TOKEN', sessionToken);
  }
  setOutput('aws-account-id', account);
  setOutput('authenticated-arn', arn);
  if (!flag('output-credentials')) return;
  setOutput('aws-access-key-id', accessKeyId);
  setOutput('aws-secret-access-key', secretAccessKey);
  setOutput('aws-session-token', sessionToken);
  setOutput('aws-expiration', expiration);
}
