import { Connections } from './connections.ts';

test('a provider instance keeps its own configuration and is stopped alone', () => {
  const connections = new Connections();
  connections.configure('127.0.0.1:1', { region: 'us-east-1' });
  connections.configure('127.0.0.1:2', { region: 'us-west-2' });
  connections.stop('127.0.0.1:1');
  expect(connections.get('127.0.0.1:1').stop.signal.aborted).toBe(true);
  expect(connections.get('127.0.0.1:2')).toMatchObject({ config: { region: 'us-west-2' } });
  expect(connections.get('127.0.0.1:2').stop.signal.aborted).toBe(false);
});

test('a port that is used again starts anew, and an unknown peer has no configuration', () => {
  const connections = new Connections();
  connections.configure('127.0.0.1:1', { region: 'us-east-1' });
  connections.stop('127.0.0.1:1');
  connections.configure('127.0.0.1:1', {});
  expect(connections.get('127.0.0.1:1').stop.signal.aborted).toBe(false);
  expect(connections.get('127.0.0.1:9').config).toEqual({});
});

test('old provider instances are forgotten', () => {
  const connections = new Connections();
  for (let port = 0; port <= 1000; port += 1) connections.configure(`127.0.0.1:${port}`, { region: 'us-east-1' });
  expect(connections.get('127.0.0.1:0').config).toEqual({});
  expect(connections.get('127.0.0.1:1').config).toEqual({ region: 'us-east-1' });
});
