import { openStore } from '../../state/store.ts';
import type { Block, TypeSchema } from '../schema/types.ts';
import { UNKNOWN, type Values } from '../schema/value.ts';
import { createContext } from './context.ts';
import type { Rules } from './definition.ts';
import { planResource } from './plan.ts';
import { reconcile } from './reconcile.ts';

const block: Block = {
  attributes: {
    id: ['string', 'oc'],
    name: ['string', 'r'],
    mode: ['string', 'o'],
    policy: ['string', 'o'],
    version: ['number', 'c'],
    secret: ['string', 'ow'],
    tags: [['map', 'string'], 'o'],
    tags_all: [['map', 'string'], 'oc'],
  },
  blocks: {
    rule: {
      nesting: 'set',
      block: { attributes: { key: ['string', 'r'], rank: ['number', 'o'], arn: ['string', 'c'] }, blocks: {} },
    },
    limit: { nesting: 'list', max: 1, block: { attributes: { size: ['number', 'o'] }, blocks: {} } },
  },
};
const schema: TypeSchema = { version: 0, block };
const rules: Rules = {
  defaults: { mode: 'normal', 'rule.rank': 1 },
  forceNew: ['name', 'rule.key'],
  json: ['policy'],
  computedBlocks: ['limit'],
  recomputed: { version: ['mode'] },
};
const empty = { id: null, mode: null, policy: null, secret: null, tags: null, tags_all: null, rule: [], limit: [] };
const prior: Values = {
  ...empty,
  id: 'i-1',
  name: 'a',
  mode: 'normal',
  version: 3,
  tags_all: {},
  rule: [
    { key: 'x', rank: 1, arn: 'arn:x' },
    { key: 'y', rank: 1, arn: 'arn:y' },
  ],
  limit: [{ size: 5 }],
};

const store = openStore(':memory:');
afterAll(() => store.close());

const plan = (config: Values, before?: Values) => {
  const endpoints = { aws: '', registry: '', github: '', sentry: '', web: '', terraform: '' };
  const cloud = {
    home: '',
    accountId: '0',
    region: 'us-east-1',
    store,
    endpoints,
    now: Date.now,
    log: () => undefined,
    invoke: () => Promise.reject(new Error('not called')),
  };
  const connection = { config: { default_tags: [{ tags: { app: 'slipway' } }] }, stop: new AbortController() };
  const context = createContext(cloud, before === undefined ? connection : { ...connection, config: {} }, config);
  return planResource({ schema, rules, prior: before, config: { ...empty, ...config }, context });
};

describe('planning', () => {
  test('a creation takes configuration, then defaults; the rest is unknown and write-only values never show', () => {
    const { planned, replace } = plan({
      name: 'a',
      secret: 'hidden',
      rule: [{ key: 'x', rank: null, arn: null }],
      tags: { own: '1' },
    });
    expect(replace).toEqual([]);
    expect(planned).toMatchObject({
      id: UNKNOWN,
      name: 'a',
      mode: 'normal',
      version: UNKNOWN,
      secret: null,
      limit: UNKNOWN,
    });
    expect(planned['rule']).toEqual([{ key: 'x', rank: 1, arn: UNKNOWN }]);
    expect(planned['tags_all']).toEqual({ app: 'slipway', own: '1' });
  });

  test('an unchanged configuration plans exactly what is there, whatever the order of a set', () => {
    const rule = ['y', 'x'].map((key) => ({ key, rank: null, arn: null }));
    const { planned, replace } = plan({ name: 'a', rule }, prior);
    expect(replace).toEqual([]);
    expect(planned).toEqual({ ...prior, rule: [(prior['rule'] as Values[])[1], (prior['rule'] as Values[])[0]] });
  });

  test('a computed value that depends on a change is unknown again', () => {
    const { planned } = plan({ name: 'a', mode: 'fast', rule: prior['rule'] ?? null }, prior);
    expect(planned).toMatchObject({ mode: 'fast', version: UNKNOWN, id: 'i-1' });
  });

  test('changes that cannot be made in place replace the resource; so does a value that is not known yet', () => {
    expect(plan({ name: 'b', rule: prior['rule'] ?? null }, prior).replace).toEqual([['name']]);
    expect(plan({ name: UNKNOWN, rule: prior['rule'] ?? null }, prior).replace).toEqual([['name']]);
    const rule = [
      { key: 'z', rank: 1, arn: null },
      { key: 'y', rank: 1, arn: null },
    ];
    expect(plan({ name: 'a', rule }, prior).replace).toEqual([['rule']]);
  });

  test('JSON that is only written differently is no change', () => {
    const before = { ...prior, policy: '{"Statement":{"Action":["a"],"Effect":"Allow"}}' };
    const config: Values = { name: 'a', rule: prior['rule'] ?? null };
    const same = plan({ ...config, policy: '{ "Statement": [{"Effect": "Allow", "Action": "a"}] }' }, before);
    expect(same.planned['policy']).toBe(before.policy);
    const other = plan({ ...config, policy: '{"Statement":[]}' }, before);
    expect(other.planned['policy']).toBe('{"Statement":[]}');
  });
});

describe('reading back', () => {
  test('keeps what means the same and shows what does not', () => {
    const read = {
      mode: 'fast',
      policy: '',
      rule: [
        { key: 'y', rank: 1 },
        { key: 'x', rank: 2 },
      ],
      limit: [],
    };
    const state = reconcile(block, rules, prior, read);
    expect(state).toMatchObject({ mode: 'fast', policy: null, version: 3, limit: [] });
    expect(state['rule']).toEqual([
      { key: 'y', rank: 1, arn: 'arn:y' },
      { key: 'x', rank: 2, arn: null },
    ]);
  });

  test('tells default tags from the tags of the resource', () => {
    const before = { ...prior, tags: { own: '1' }, tags_all: { own: '1', app: 'slipway' } };
    const state = reconcile(block, rules, before, { tags_all: { own: '1', app: 'slipway', extra: '2' } });
    expect(state).toMatchObject({ tags: { own: '1', extra: '2' }, tags_all: { own: '1', app: 'slipway', extra: '2' } });
  });
});
