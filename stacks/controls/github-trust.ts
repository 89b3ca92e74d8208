import { flat } from './paths.ts';
import { conditionValues, type PolicyStatement, principals } from './statements.ts';
import type { Json } from './types.ts';

const CLAIM = 'token.actions.githubusercontent.com:';
/** `repo:OWNER@ID/NAME@ID:context`, or without ids in repositories made before 15 July 2026. */
const SUBJECT = /^repo:([^/@:]+)(@\d+)?\/([^/@:]+)(@\d+)?:(.+)$/;

/** Roles that GitHub's tokens take on: one audience, whole subjects, ids that survive a rename. Returns what is wrong. */
export function githubTrust(statements: readonly PolicyStatement[], wanted: Json): readonly string[] {
  return statements
    .filter((one) => principals(one, 'Federated').some((name) => /token\.actions|openid_connect_provider/.test(name)))
    .flatMap((one) => [...audience(one), ...subjects(one, wanted)]);
}

const audience = (one: PolicyStatement): readonly string[] =>
  conditionValues(one, 'StringEquals', `${CLAIM}aud`).join() === 'sts.amazonaws.com' ? [] : ['any audience'];

function subjects(one: PolicyStatement, wanted: Json): readonly string[] {
  const exact = conditionValues(one, 'StringEquals', `${CLAIM}sub`);
  const patterns = conditionValues(one, 'StringLike', `${CLAIM}sub`);
  return [
    ...(exact.length === 0 ? ['any subject'] : []),
    ...patterns.map((subject) => `a pattern: ${subject}`),
    ...exact.flatMap((subject) => subjectProblems(subject, one, wanted)),
  ];
}

function subjectProblems(subject: string, one: PolicyStatement, { immutable, allowContexts }: Json): readonly string[] {
  if (/[*?]/.test(subject)) return [`a pattern: ${subject}`];
  const [, , ownerId, , repositoryId, context = ''] = SUBJECT.exec(subject) ?? [];
  if (context === '') return [`no subject of GitHub's: ${subject}`];
  const claims = ['repository_id', 'repository_owner_id'].every(
    (claim) => conditionValues(one, 'StringEquals', CLAIM + claim).length > 0,
  );
  const named = immutable === true && !(ownerId && repositoryId) && !claims;
  const known = flat(allowContexts).some((one) => context === one || context.startsWith(`${String(one)}:`));
  return [
    ...(named ? [`a name that somebody else may have tomorrow: ${subject}`] : []),
    ...(known ? [] : [`a context that is not expected: ${context}`]),
  ];
}
