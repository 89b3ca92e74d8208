import { OWNER_ID, REPOSITORY_ID, type Site } from '../../site.ts';
import type { Examples, Shape } from '../examples.ts';

/** What the shapes of all records have in common. */
export interface ShapeBase {
  readonly examples: Examples;
  readonly owner: string;
  /** Address of the repository in the API, and of its web pages. */
  readonly api: string;
  readonly web: string;
  readonly repository: () => Shape;
  /** Where the head of a pull request is: the repository itself, or a fork of it. */
  readonly headRepository: (fork: boolean) => Shape;
  readonly user: (login: string) => Shape;
}

/** Whose forks the local pull requests from forks come from. */
const FORK_OWNER = 'contributor';

export function createShapeBase(site: Site, examples: Examples): ShapeBase {
  const { repository: fullName } = site.options;
  const [owner = '', name = ''] = fullName.split('/');
  const user = (login: string): Shape => {
    const { user: example } = examples('issues/get-comment') as { user: Shape };
    const type = login.endsWith('[bot]') ? 'Bot' : 'User';
    return { ...example, login, type, url: `${site.url}/users/${login}`, html_url: `${site.url}/${login}` };
  };
  const repository = (): Shape => {
    const { parent: _, source: __, organization: ___, template_repository: ____, ...example } = examples('repos/get');
    return {
      ...example,
      id: REPOSITORY_ID,
      name,
      full_name: fullName,
      owner: { ...user(owner), id: OWNER_ID },
      default_branch: 'main',
      language: 'TypeScript',
      private: true,
      visibility: 'private',
      fork: false,
    };
  };
  return {
    ...{ examples, owner, user, repository },
    api: `${site.url}/repos/${fullName}`,
    web: `${site.url}/${fullName}`,
    headRepository: (fork) =>
      fork ? { ...repository(), fork, full_name: `${FORK_OWNER}/${name}`, owner: user(FORK_OWNER) } : repository(),
  };
}
