import { createServer, type Server } from 'node:net';
import { portsFrom } from '../../local/cli/ports.ts';
import { createHome } from '../support/home.ts';

const home = createHome({ ports: 'chosen' });
const servers: Server[] = [];

/** Some other program's port. */
async function occupy(port: number): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

afterAll(() => home.remove());

test('the port that was asked for is in use: it is named, with the way out', async () => {
  const port = await occupy(0);
  const { code, lines } = await home.json(['up'], { environment: { SLIPWAY_PORT: String(port) } });
  const error = expect.stringMatching(new RegExp(`Port ${port} .*in use.*SLIPWAY_PORT=`, 's'));
  expect({ code, lines }).toEqual({ code: 1, lines: [{ ok: false, error }] });
  expect((await home.json(['status'])).lines).toEqual([{ running: false }]);
});

test('a port that is no number is refused', async () => {
  const { code, lines } = await home.json(['up'], { environment: { SLIPWAY_PORT: 'http' } });
  expect({ code, lines }).toEqual({ code: 1, lines: [{ ok: false, error: expect.stringContaining('"http"') }] });
});

test('someone has taken a port of a local cloud that was down: it says so, and comes back once the port is free', async () => {
  await home.launch();
  const { aws } = home.cloud().ports;
  await home.run(['down']);
  await occupy(aws);
  const { code, lines } = await home.json(['up']);
  const error = expect.stringMatching(new RegExp(`Port ${aws} \\(aws\\) is in use`));
  expect({ code, lines }).toEqual({ code: 1, lines: [{ ok: false, error }] });

  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  await home.launch();
  expect(home.cloud().ports.aws).toBe(aws);
  expect(portsFrom(home.cloud().ports.web)).toEqual(home.cloud().ports);
});
