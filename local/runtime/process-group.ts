/** SIGKILL to a process group; nothing happens when it has ended. */
export function killGroup(pid: number): void {
  signalGroup(pid, 'SIGKILL');
}

export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended.
  }
}
