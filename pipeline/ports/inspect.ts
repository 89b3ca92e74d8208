import type { TaskDefinitionInput } from './ecs.ts';

/** `linux/amd64` */
export interface ImagePlatform {
  readonly os: string;
  readonly architecture: string;
}

/** A secret without its value. */
export interface SecretState {
  readonly arn: string;
  /** Version that containers are given now. */
  readonly current?: string;
  readonly versions: readonly string[];
  /** It was deleted and can still be restored. */
  readonly deleted: boolean;
}

export interface FunctionContents {
  readonly architecture: string;
  readonly roleArn: string;
  readonly memory: string;
  readonly timeout: string;
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What is looked at before anything is changed. Nothing here changes anything; `undefined` means that there is no such thing. */
export interface Inspect {
  /** What an image runs on, read from the registry as whoever starts it does. */
  platforms(repositoryUrl: string, digest: string): Promise<readonly ImagePlatform[] | undefined>;
  /** Whether a listener sends requests to the target group. */
  attached(targetGroupArn: string): Promise<boolean | undefined>;
  secret(id: string): Promise<SecretState | undefined>;
  /** The services that may take the role on: `ecs-tasks.amazonaws.com`. */
  trusted(roleArn: string): Promise<readonly string[] | undefined>;
  /** Those of the secrets that the role may not read. */
  unreadable(roleArn: string, secrets: readonly string[]): Promise<readonly string[]>;
  functionContents(functionName: string, version?: string): Promise<FunctionContents | undefined>;
  taskDefinition(arn: string): Promise<TaskDefinitionInput | undefined>;
}
