import { createServer, type Server } from 'node:net';
import { choosePorts, endpointsFrom, portsFrom } from './ports.ts';

let other: Server;
let taken: number;

beforeEach(async () => {
  other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  taken = typeof address === 'object' && address ? address.port : 0;
});

afterEach(async () => {
  await new Promise((resolve) => other.close(resolve));
});

test('a port in use is named, with what to do', async () => {
  const choice = await choosePorts({ wanted: String(taken) });
  expect(choice).toEqual({ kind: 'refused', message: expect.stringContaining(`Port ${taken} (web) is in use`) });
  expect(choice).toEqual({ kind: 'refused', message: expect.stringContaining('SLIPWAY_PORT=') });
});

test('a local cloud that comes back finds its port taken and says so instead of moving', async () => {
  expect(await choosePorts({ previous: taken })).toMatchObject({ kind: 'refused' });
});

test('SLIPWAY_PORT cannot move a local cloud whose state names another port', async () => {
  expect(await choosePorts({ wanted: '5570', previous: 4570 })).toEqual({
    kind: 'refused',
    message: expect.stringContaining('made on port 4570'),
  });
});

test.each(['80', 'abc', '70000', '45.5'])('SLIPWAY_PORT=%s is refused', async (wanted) => {
  expect(await choosePorts({ wanted })).toEqual({ kind: 'refused', message: expect.stringContaining(`"${wanted}"`) });
});

test('endpoints are all on loopback', () => {
  for (const endpoint of Object.values(endpointsFrom(portsFrom(4570))))
    expect(endpoint).toMatch(/^(http:\/\/)?127\.0\.0\.1:457\d$/);
});
