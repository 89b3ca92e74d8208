import { constants } from 'node:os';

/** How containers are run here, best first. Each says what it does not isolate in `limitations`. */
export const RUNTIME_MODES = ['docker', 'podman', 'chroot', 'direct'] as const;
export type RuntimeMode = (typeof RUNTIME_MODES)[number];

export interface ContainerSpec {
  /** Unique, for logs and the container's folder. */
  readonly id: string;
  /** Always by digest: `127.0.0.1:port/slipway/inference@sha256:...`. */
  readonly image: string;
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  /** The container sees these and the image's own variables, nothing else. */
  readonly environment: Readonly<Record<string, string>>;
  /** Replaces the image's user: a number, or a name of its /etc/passwd, with an optional `:group`. */
  readonly user?: string;
  /** Replaces the image's working directory. */
  readonly workingDirectory?: string;
  readonly readonlyRootFilesystem?: boolean;
  /** Most memory that the container may use (bytes); enforced by container engines only. */
  readonly memory?: number;
  onOutput(line: string, stream: 'stdout' | 'stderr'): void;
}

export type Exit = { readonly code: number | null; readonly signal: string | null };

/** As shells, container engines and ECS report it: the program's own code, or 128 plus the number of the signal that ended it. */
export function exitCodeOf({ code, signal }: Exit): number {
  return code ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? constants.signals.SIGKILL);
}

export interface Container {
  readonly id: string;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** SIGTERM to the whole container, SIGKILL after `timeout` milliseconds. */
  stop(timeout: number): Promise<Exit>;
}

export interface Runtime {
  readonly mode: RuntimeMode;
  /** What this mode does not isolate, for people; printed once. */
  readonly limitations: string;
  /** Pulls, verifies and unpacks an image unless that has been done. Throws `ImageError` with the reason. */
  prepare(image: string): Promise<void>;
  start(spec: ContainerSpec): Promise<Container>;
  /** Ends whatever a killed predecessor left running, by the pids or labels it recorded. Returns how many there were. */
  reap(): Promise<number>;
  /** Lets go of the helper processes it started. Containers are to be stopped before. */
  close?(): Promise<void>;
}

/** An image cannot be had or cannot be run: missing, damaged, for another platform. The message says which and why. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
}
