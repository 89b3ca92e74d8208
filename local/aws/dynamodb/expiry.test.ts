import { startTestCloud } from '../kit/test-cloud.ts';
import { createContext } from './context.ts';
import { openEngine } from './engine.ts';
import { removeExpired } from './expiry.ts';
import { LEDGER } from './test-table.ts';

describe('expiry', () => {
  test('removes only items whose time has passed', async () => {
    const aws = await startTestCloud(() => [], { now: () => 1_000_000_000 });
    const engine = openEngine({ folder: `${aws.cloud.home}/dynamodb`, accountId: '0', region: 'us-east-1' });
    const context = createContext(aws.cloud, engine);
    await engine.run('CreateTable', { ...LEDGER });
    await engine.settled('ledger');
    context.settings.set('ledger', {
      deletionProtection: false,
      tags: {},
      timeToLive: { attribute: 'expires', enabled: true },
    });
    const items = [
      { item: { S: 'past' }, expires: { N: '999999' } },
      { item: { S: 'future' }, expires: { N: '1000001' } },
      { item: { S: 'text' }, expires: { S: '1' } },
      { item: { S: 'none' } },
    ];
    for (const item of items) {
      await engine.run('PutItem', { TableName: 'ledger', Item: { environment: { S: 'staging' }, ...item } });
    }
    expect(await removeExpired(context)).toBe(1);
    const { Items } = await engine.run('Scan', { TableName: 'ledger' });
    expect((Items as { item: { S: string } }[]).map(({ item }) => item.S)).toEqual(['future', 'none', 'text']);
    await engine.close();
    await aws.remove();
  });
});
