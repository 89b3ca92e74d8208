import { type ChildProcess, spawn } from 'node:child_process';

/** Sends a signal to process groups when this process ends, even if that was by SIGKILL. */
export interface Guardian {
  /** Process id of the guardian itself; undefined before the first group is added. */
  readonly pid: number | undefined;
  /** From now on the group of this leader does not outlive this process. */
  add(pid: number): void;
  /** The group has ended; its number may be given to others. */
  remove(pid: number): void;
  /** The guardian goes. Groups that are still on its list get the signal. */
  close(): void;
}

/**
 * Reads `+ pid` and `- pid`; the end of the input is the death of whoever holds the other end. Then what is left on the list gets the signal. The shell needs no
 * other program, so this costs one small process however many containers there are.
 */
const SCRIPT = `
groups=' '
while read -r sign pid; do
  case $sign in
    +) groups="$groups$pid " ;;
    -) case $groups in *" $pid "*) groups="\${groups%% $pid *} \${groups#* $pid }" ;; esac ;;
  esac
done
for pid in $groups; do kill -s "$1" -- "-$pid" 2>/dev/null; done
`;

/**
 * Why not PR_SET_PDEATHSIG (setpriv --pdeathsig): the kernel forgets it when a process changes its user, which is the last thing that happens before a
 * container's program starts (prctl(2), PR_SET_PDEATHSIG), and it covers one process, not its group.
 */
export function createGuardian(signal: 'KILL' | 'TERM' = 'KILL'): Guardian {
  let child: ChildProcess | undefined;
  const tell = (line: string): void => void child?.stdin?.write(`${line}\n`);
  return {
    get pid() {
      return child?.pid;
    },
    add(pid) {
      child ??= startShell(signal);
      tell(`+ ${pid}`);
    },
    remove: (pid) => tell(`- ${pid}`),
    close() {
      child?.stdin?.end();
      child = undefined;
    },
  };
}

function startShell(signal: string): ChildProcess {
  // Detached: Ctrl-C in a terminal reaches the whole foreground group, and the guardian has to outlive it.
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'guardian', signal], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a guardian, containers of a killed local cloud are ended by the next one (`reap`).
  child.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  child.unref();
  (child.stdin as { unref?(): void } | null)?.unref?.();
  return child;
}
