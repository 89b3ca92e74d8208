import { about, BOOTSTRAP, failed, ok, skipped } from './check.ts';
import { domain } from './domain.ts';
import { expectedRoles, expectedVariables, QUOTAS } from './expectations.ts';
import { announcements, secretValues } from './secrets.ts';
import { type Subjects, subjects } from './subjects.ts';
import { trusts } from './trust.ts';
import type { Check, CheckGroup, Facts } from './types.ts';

/** What is there and what is missing to run on this account and this repository. Pure. */
export function judge(facts: Facts): readonly CheckGroup[] {
  const { repository, subject } = facts;
  const known = repository.known && subject.known ? subjects(repository.value, subject.value) : undefined;
  return [
    { name: 'Settings', checks: settings(facts) },
    { name: 'GitHub', checks: [...identity(facts, known), ...variables(facts), ...announcements(facts)] },
    { name: 'AWS account', checks: [...account(facts), ...secretValues(facts)] },
    { name: 'Roles', checks: roles(facts, known) },
    { name: 'Quotas', checks: quotas(facts) },
  ];
}

function settings(facts: Facts): Check[] {
  const { project } = facts;
  const account = 'account in slipway.json';
  return [
    /^0+$/.test(project.accountId) && !project.domain.endsWith('.localhost')
      ? failed(account, project.accountId, 'Write the number of your AWS account into slipway.json')
      : ok(account, project.accountId),
    domain(facts),
  ];
}

function identity({ repository, subject, project }: Facts, known: Subjects | undefined): Check[] {
  const name = 'OIDC subject';
  if (!repository.known) return [skipped('repository', repository.why), skipped(name, 'the repository is not known')];
  const found = ok('repository', `${repository.value.owner}/${repository.value.name} (id ${repository.value.id})`);
  if (!subject.known || known === undefined) return [found, skipped(name, subject.known ? '' : subject.why)];
  const forms = `old form ${known.old}:..., immutable form ${known.immutable}:...`;
  if (known.sent === undefined) {
    return [
      found,
      failed(
        name,
        `is put together from ${subject.value.claims.join(', ')}`,
        'Reset the template: PUT /repos/OWNER/NAME/actions/oidc/customization/sub with {"use_default": true}',
      ),
    ];
  }
  const wanted = project.oidcSubject || `repo:${project.repository}`;
  return [
    found,
    wanted === known.sent
      ? ok(name, `this repository sends ${known.sent}:... (${forms})`)
      : failed(
          name,
          `this repository sends ${known.sent}:..., the stacks trust ${wanted}:... (${forms})`,
          `Set the repository variable SLIPWAY_OIDC_SUBJECT to ${known.sent}, then ${BOOTSTRAP}`,
        ),
  ];
}

function variables(facts: Facts): Check[] {
  return expectedVariables(facts.project).map(({ environment, name, value }) => {
    const label = environment === '' ? name : `${name} of environment ${environment}`;
    const fact = facts.variables.get(environment) ?? { known: false as const, why: 'was not asked for' };
    return about(label, fact, (set) => {
      if (set === undefined)
        return failed(
          label,
          'there is no such environment',
          `Create the environment ${environment} under Settings > Environments`,
        );
      const actual = set.get(name);
      if (actual === value) return ok(label, value);
      return failed(label, actual === undefined ? 'is missing' : `is ${actual}`, `Set it to ${value}`);
    });
  });
}

function account(facts: Facts): Check[] {
  const { project } = facts;
  return [
    about('credentials', facts.account, (id) =>
      id === project.accountId
        ? ok('credentials', `of account ${id}`)
        : failed(
            'credentials',
            `are of account ${id}, slipway.json says ${project.accountId}`,
            'Choose the profile of the right account (AWS_PROFILE)',
          ),
    ),
    about('state bucket', facts.stateBucket, (there) =>
      there ? ok('state bucket', 'is there') : failed('state bucket', 'is missing', BOOTSTRAP),
    ),
    about('ECR blob mounting', facts.blobMounting, (on) =>
      on
        ? ok('ECR blob mounting', 'is on')
        : failed('ECR blob mounting', 'is off: layers are uploaded once per repository', BOOTSTRAP),
    ),
  ];
}

function roles(facts: Facts, known: Subjects | undefined): Check[] {
  return expectedRoles(facts.project).flatMap(({ name, contexts }) => {
    const fact = facts.trust.get(name) ?? { known: false as const, why: 'was not asked for' };
    return contexts.map(({ context, ref }) => {
      const label = `${name} for ${context}`;
      return about(label, fact, (policy) => {
        if (policy === undefined) return failed(label, 'there is no such role', BOOTSTRAP);
        if (known?.sent === undefined) return skipped(label, 'the OIDC subject is not known');
        const { ok: matches, why } = trusts(policy, { sub: `${known.sent}:${context}`, ref });
        return matches ? ok(label, why) : failed(label, why, `It has to take ${known.sent}:${context}. ${BOOTSTRAP}`);
      });
    });
  });
}

const quotas = (facts: Facts): Check[] =>
  QUOTAS.map(({ name, code, atLeast, service }) =>
    about(name, facts.quotas.get(code) ?? { known: false, why: 'was not asked for' }, (value) =>
      value >= atLeast
        ? ok(name, `${value}, needs ${atLeast}`)
        : failed(
            name,
            `${value}, needs ${atLeast}`,
            `aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${code} --desired-value ${atLeast}`,
          ),
    ),
  );
