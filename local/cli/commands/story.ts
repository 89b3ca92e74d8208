import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseUrl, hostName } from '../../../pipeline/manifest/names.ts';
import type { Manifest } from '../../../pipeline/manifest/types.ts';
import { localProject } from '../cloud/project.ts';
import { playStory } from '../story/story.ts';
import { createWorld, type Question } from '../story/world.ts';
import type { CommandContext } from './context.ts';
import { withCloud } from './with-cloud.ts';

/** Plays the whole story; see story/story.ts. */
export function story(context: CommandContext): Promise<boolean> {
  return withCloud(context, (cloud) => {
    const project = localProject(cloud.ports);
    const world = createWorld({
      client: cloud.client,
      port: cloud.ports.web,
      question: firstCheck(context.root),
      hostOf: (environment) => hostName(project, environment),
      urlOf: (environment) => baseUrl(project, environment),
      signal: context.signal,
      progress: (text) => context.output.progress(text),
    });
    return playStory(world, context.output);
  });
}

/** The story asks what the inference service's first check asks. */
function firstCheck(root: string): Question {
  const manifest = JSON.parse(readFileSync(join(root, 'services/inference/service.json'), 'utf8')) as Manifest;
  const check = manifest.checks?.[0];
  if (!check) throw new Error('services/inference/service.json has no check that the story could ask');
  return { path: check.path, body: check.body };
}
