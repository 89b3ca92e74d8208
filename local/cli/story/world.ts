import type { CloudClient } from '../cloud/client.ts';
import type { EnvironmentReport, JobReport, RunReport, StatusReport } from '../cloud/wire.ts';
import { type Answer, ask } from './http.ts';
import { startTraffic, type TrafficReport, type TrafficTarget } from './traffic.ts';

/** The answer to this known car is what the story compares: Open Inference Protocol v2, one row of the fuel-economy model's features. */
export interface Question {
  readonly path: string;
  readonly body: unknown;
}

/** A step that did not turn out as it should: the sentence says what was expected and what happened. */
export class StepFailed extends Error {}

/** What the story's steps work with. */
export interface World {
  readonly question: Question;
  readonly urls: Readonly<Record<string, string>>;
  call<Result>(method: string, parameters?: object): Promise<Result>;
  progress(text: string): void;
  /** Asks an environment for the known prediction. */
  predict(environment: string): Promise<number>;
  ask(environment: string, path: string, body?: unknown): Promise<Answer>;
  environment(name: string): Promise<EnvironmentReport>;
  /** Does `work` while requests flow to the environments; they end with it, however it ends. */
  underTraffic<Result>(
    environments: readonly string[],
    work: () => Promise<Result>,
  ): Promise<{ readonly result: Result; readonly requests: TrafficReport }>;
}

export interface RequestCount {
  readonly sent: number;
  readonly failed: number;
}

/** What a step has to tell when it went well. */
export interface StepOutcome {
  readonly detail: Readonly<Record<string, unknown>>;
  readonly requests?: RequestCount;
  readonly bytesPushed?: number;
}

export function createWorld(options: {
  client: CloudClient;
  port: number;
  question: Question;
  hostOf(environment: string): string;
  urlOf(environment: string): string;
  signal: AbortSignal;
  progress(text: string): void;
}): World {
  const { client, port, question, hostOf, signal } = options;
  const call = async <Result>(method: string, parameters: object = {}): Promise<Result> => {
    const result = await client.call<Result>(method, parameters, {
      signal,
      onEvent: (event) => options.progress(String(event['text'] ?? '')),
    });
    if (!result.ok) throw result.bug ? new Error(result.bug) : new StepFailed(result.message);
    return result.value;
  };
  const world: World = {
    question,
    urls: { staging: options.urlOf('staging'), production: options.urlOf('production') },
    call,
    progress: options.progress,
    ask: (environment, path, body) =>
      ask({ port, host: hostOf(environment), path, ...(body === undefined ? {} : { body }) }),
    async predict(environment) {
      const answer = await world.ask(environment, question.path, question.body);
      if (answer.status !== 200) {
        throw new StepFailed(
          `${environment} answered a prediction with ${answer.status}: ${answer.text.slice(0, 300)}`,
        );
      }
      return firstOutput(answer.text);
    },
    async environment(name) {
      const status = await call<StatusReport>('status');
      const found = status.environments.find((environment) => environment.name === name);
      if (!found) throw new StepFailed(`The local cloud knows no environment ${name}`);
      return found;
    },
    async underTraffic(environments, work) {
      const targets = environments.flatMap((environment): TrafficTarget[] => [
        { host: hostOf(environment), method: 'POST', path: question.path, body: JSON.stringify(question.body) },
        { host: hostOf(environment), method: 'GET', path: '/' },
      ]);
      const traffic = startTraffic({ port, clients: 3, pause: 40, targets });
      try {
        const result = await work();
        return { result, requests: await traffic.stop() };
      } finally {
        await traffic.stop();
      }
    },
  };
  return world;
}

function firstOutput(text: string): number {
  const answer = JSON.parse(text) as { outputs?: { data?: unknown[] }[] };
  const value = answer.outputs?.[0]?.data?.[0];
  if (typeof value !== 'number')
    throw new StepFailed(`A prediction has no number in outputs[0].data[0]: ${text.slice(0, 300)}`);
  return value;
}

/** The run has to have ended as expected; otherwise the step fails with the run's own words. */
export function expectRun(run: RunReport, conclusion: RunReport['conclusion']): void {
  if (run.conclusion === conclusion) return;
  const words = run.jobs.flatMap((job: JobReport) => job.errors.map((error) => `${job.name}: ${error}`));
  throw new StepFailed(
    `${run.workflow} (run ${run.id}) ended with ${run.conclusion}, expected ${conclusion}. ${words.join(' | ') || 'It left no error message'}. See: npm run local -- logs --run ${run.id}`,
  );
}

/** Sum of `bytesPushed` over the images that a run's jobs put out. */
export function bytesPushed(runs: readonly RunReport[]): number {
  return images(runs).reduce((sum, image) => sum + image.bytesPushed, 0);
}

/** Services whose content changed in a run. */
export function changedServices(runs: readonly RunReport[]): string[] {
  return images(runs)
    .filter((image) => image.changed)
    .map((image) => image.service)
    .sort();
}

function images(runs: readonly RunReport[]): { service: string; changed: boolean; bytesPushed: number }[] {
  const outputs = runs.flatMap((run) => run.jobs.map((job) => job.outputs['images'] ?? ''));
  return outputs
    .filter((text) => text !== '')
    .flatMap((text) =>
      Object.entries(JSON.parse(text) as Record<string, { changed: boolean; bytesPushed: number }>).map(
        ([service, image]) => ({
          service,
          ...image,
        }),
      ),
    );
}
