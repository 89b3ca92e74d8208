import { rmSync } from 'node:fs';
import { clearScratch } from '../../github/runs/scratch.ts';
import type { Command } from '../arguments.ts';
import { stopCloud } from '../cloud/halt.ts';
import { duration } from '../output.ts';
import type { CommandContext } from './context.ts';

/** Stops the local cloud and everything it runs: no process, mount or port stays. With `purge` its folder goes, too. */
export async function down(command: Extract<Command, { name: 'down' }>, context: CommandContext): Promise<boolean> {
  const { home, output } = context;
  const started = performance.now();
  const stopped = await stopCloud(home);
  clearScratch(home);
  if (command.purge) rmSync(home, { recursive: true, force: true });
  const text = stopped ? `Stopped in ${duration(performance.now() - started)}` : 'No local cloud was running';
  output.result({ ok: true, stopped, purged: command.purge }, command.purge ? `${text}; its folder is deleted` : text);
  return true;
}
