import type { GitHub } from '../../pipeline/ports/github.ts';
import type { Issues } from '../../pipeline/ports/issues.ts';
import { lazily } from '../../pipeline/ports/lazily.ts';
import { InputError } from './inputs.ts';
import type { Surroundings } from './surroundings.ts';

/** GitHub, loaded when first called: deploying the commit that is deployed already asks nothing. */
export function connectGitHub(token: string, { project }: Surroundings): GitHub {
  return lazily(async () => {
    if (token === '') throw new InputError('input "token" is missing: GitHub has to be asked');
    return (await import('../../pipeline/ports/github.ts')).createGitHub(token, project.repository);
  });
}

/** The repository's issues, and whom they are from. */
export function connectIssues(token: string, { project }: Surroundings): Issues {
  return lazily(async () => {
    if (token === '') throw new InputError('input "token" is missing: issues have to be read and written');
    return (await import('../../pipeline/ports/github-issues.ts')).createIssues(token, project.repository);
  });
}
