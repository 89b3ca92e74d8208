import { githubTrust } from './github-trust.ts';
import { flat } from './paths.ts';
import { conditionKeys, conditionValues, isPublic, type PolicyStatement, principals } from './statements.ts';
import type { Json } from './types.ts';

/** Looks at a policy's statements; returns what is wrong. */
export type PolicyRule = (statements: readonly PolicyStatement[], wanted: Json) => readonly string[];

/** Condition keys that turn "anybody" into "somebody of ours". */
const SCOPING =
  /^(?:aws:(?:SourceAccount|SourceArn|PrincipalOrgID|SourceOrgID|PrincipalArn|PrincipalAccount|SourceVpce)|kms:(?:ViaService|CallerAccount))$/i;
const SOURCE = /^aws:Source(?:Account|Arn|OrgID)$/i;
const SERVICE_WILDCARD = /^[a-z0-9-]+:\*$/i;
const READS = /:(?:Describe|List|Get(?!Object|Item|Secret|Parameter))/;

const allows = (statements: readonly PolicyStatement[]): readonly PolicyStatement[] =>
  statements.filter(({ effect }) => effect === 'Allow');
const isRoot = (principal: string): boolean => principal.endsWith(':root');
const names = (statement: PolicyStatement): string => statement.actions.join(', ');
const isLike = (action: string, patterns: unknown): boolean =>
  flat(patterns).some((one) => new RegExp(`^${String(one).replaceAll('*', '.*')}$`, 'i').test(action));

export const POLICY_RULES = {
  policyNoPublicPrincipal: (statements) =>
    statements
      .filter((one) => one.effect !== 'Deny' && isPublic(one) && !conditionKeys(one).some((key) => SCOPING.test(key)))
      .map(() => 'lets anybody in'),
  policyNoWildcardAction: (statements) =>
    statements
      .filter((one) => one.effect !== 'Deny' && !principals(one, 'AWS').some(isRoot))
      .flatMap(({ actions }) => actions.filter((action) => action === '*' || SERVICE_WILDCARD.test(action))),
  policyNoStarAction: (statements) =>
    allows(statements)
      .filter(({ actions, notActions }) => notActions.length > 0 || actions.some((one) => /^(?:\*|iam:\*)$/i.test(one)))
      .map((one) => `allows ${names(one) || 'everything but a list'}`),
  policyNoServiceWildcard: (statements, { allowActions }) =>
    allows(statements).flatMap(({ actions }) =>
      actions.filter((action) => SERVICE_WILDCARD.test(action) && !flat(allowActions).includes(action)),
    ),
  policyNoStarResource: (statements, { allowActions, readOnlyAllowed }) =>
    allows(statements)
      .filter(({ resources }) => resources.includes('*'))
      .flatMap(({ actions }) =>
        actions.filter((action) => !isLike(action, allowActions) && !(readOnlyAllowed === true && READS.test(action))),
      )
      .map((action) => `${action} on everything`),
  policyPassRoleScoped: (statements) =>
    allows(statements)
      .filter(({ actions }) => actions.some((action) => /^(?:\*|iam:(?:PassRole|\*))$/i.test(action)))
      .filter(
        (one) =>
          one.resources.some((resource) => resource === '*' || resource.endsWith(':role/*')) ||
          !conditionKeys(one).some((key) => /^iam:PassedToService$/i.test(key)),
      )
      .map(() => 'passes any role, or to any service'),
  policyNoActionOnStar: (statements, { actions: forbidden }) =>
    allows(statements)
      .filter(({ resources }) => resources.some((resource) => resource === '*' || resource.endsWith(':key/*')))
      .flatMap(({ actions }) => actions.filter((action) => flat(forbidden).includes(action))),
  policyLeadingKeysGuarded: (statements) =>
    allows(statements)
      .filter(({ conditions }) =>
        Object.entries(conditions).some(
          ([operator, keys]) =>
            operator.startsWith('ForAllValues') && /dynamodb:\s*LeadingKeys/.test(JSON.stringify(keys)),
        ),
      )
      .filter((one) => !isGuarded(one))
      .map(() => 'LeadingKeys without a Null guard, or beside Scan'),
  policyDeniesInsecureTransport: (statements) =>
    statements.some(
      (one) =>
        one.effect === 'Deny' && isPublic(one) && conditionValues(one, 'Bool', 'aws:SecureTransport')[0] === 'false',
    )
      ? []
      : ['answers without TLS'],
  policyNoLockout: (statements) =>
    statements
      .filter((one) => one.effect === 'Deny' && isPublic(one) && conditionKeys(one).length === 0)
      .filter(({ actions }) => actions.some((action) => action === '*' || action === 's3:*'))
      .map(() => 'locks everybody out'),
  policyNoForeignRoot: (statements) =>
    allows(statements)
      .filter((one) => principals(one, 'AWS').some((name) => isRoot(name) || /^\d{12}$/.test(name)))
      .filter((one) => conditionKeys(one).length === 0)
      .map(() => 'trusts a whole account'),
  policyConfusedDeputy: (statements, { services }) =>
    allows(statements)
      .filter((one) => !conditionKeys(one).some((key) => SOURCE.test(key)))
      .flatMap((one) => principals(one, 'Service').filter((name) => flat(services).includes(name)))
      .map((name) => `${name} may act for another account`),
  githubOidcTrust: githubTrust,
} as const satisfies Record<string, PolicyRule>;

/** ForAllValues is also true when there is no key at all, as with Scan. */
function isGuarded(one: PolicyStatement): boolean {
  return (
    conditionValues(one, 'Null', 'dynamodb:LeadingKeys')[0] === 'false' &&
    !conditionKeys(one).some((key) => /dynamodb:\s+LeadingKeys/.test(key)) &&
    !one.actions.some((action) => action.includes('*') || /dynamodb:(?:Scan|PartiQL)/.test(action))
  );
}
