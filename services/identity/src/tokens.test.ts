import { chosenOrganisation, type Membership } from './memberships.ts';
import { withOrganisation } from './tokens.ts';

const SUB = '0b1c5f0e-1111-4222-8333-444455556666';
const event = (change: object = {}) => ({
  version: '2',
  triggerSource: 'TokenGeneration_HostedAuth',
  userPoolId: 'us-east-1_Example',
  userName: SUB,
  request: { userAttributes: { sub: SUB, 'custom:tenant_id': 'mallory' }, groupConfiguration: {} },
  response: { claimsAndScopeOverrideDetails: null },
  ...change,
});
const member = (organisation: string, rest: Partial<Membership> = {}): Membership => ({
  user: SUB,
  organisation,
  ...rest,
});
const table = (...memberships: readonly Membership[]) => ({
  of: async (user: string) => memberships.filter((one) => one.user === user),
});
const claims = (tenant: string) => ({ claimsToAddOrOverride: { tenant_id: tenant } });

test('both tokens carry the organisation, whatever the attributes of the person say', async () => {
  const answer = await withOrganisation(event(), table(member('acme')));
  expect(answer).toEqual({
    ...event(),
    response: {
      claimsAndScopeOverrideDetails: { idTokenGeneration: claims('acme'), accessTokenGeneration: claims('acme') },
    },
  });
});

test('who belongs to nothing, or to somebody else only, acts for nobody: a name that services refuse', async () => {
  for (const memberships of [table(), table({ ...member('acme'), user: 'somebody else' })])
    expect(await withOrganisation(event(), memberships)).toMatchObject({
      response: {
        claimsAndScopeOverrideDetails: { idTokenGeneration: claims('_'), accessTokenGeneration: claims('_') },
      },
    });
});

test.each<[string, readonly Membership[], string | undefined]>([
  ['the only one', [member('acme')], 'acme'],
  ['the first by name while nobody chose', [member('bolt'), member('acme')], 'acme'],
  [
    'the one chosen last',
    [
      member('acme', { chosenAt: '2026-11-01T00:00:00Z' }),
      member('bolt', { chosenAt: '2026-11-02T00:00:00Z' }),
      member('able'),
    ],
    'bolt',
  ],
  [
    'none that has ended',
    [member('acme', { endedAt: '2026-11-01T00:00:00Z', chosenAt: '2026-11-02T00:00:00Z' }), member('bolt')],
    'bolt',
  ],
  ['nothing', [], undefined],
])('of several organisations: %s', (_what, memberships, organisation) => {
  expect(chosenOrganisation(memberships)).toBe(organisation);
});

test.each([
  ['another version, whose answer has no place for the access token', event({ version: '1' })],
  ['another trigger', event({ triggerSource: 'PreSignUp_SignUp' })],
  ['nobody', event({ request: { userAttributes: {} } })],
  ['no event', 'hello'],
])('%s gets no token', async (_what, wrong) => {
  await expect(withOrganisation(wrong, table(member('acme')))).rejects.toThrow('version 2');
});
