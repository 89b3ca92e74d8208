import { isServing, readRecord } from './home.ts';
import { connect } from './launch.ts';

const TIMEOUT = 20_000;
const POLL = 25;

/** Asks the local cloud to end and waits until its process is gone; SIGKILL if it does not. Resolves to whether one was running. */
export async function stopCloud(home: string): Promise<boolean> {
  const cloud = connect(home);
  if (!cloud) return false;
  await cloud.client.call('shutdown');
  const deadline = Date.now() + TIMEOUT;
  while (isServing(readRecord(home))) {
    if (Date.now() > deadline) process.kill(cloud.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  return true;
}
