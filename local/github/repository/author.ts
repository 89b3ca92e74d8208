export interface Author {
  readonly name: string;
  readonly email: string;
}

export const DEVELOPER: Author = { name: 'Local Developer', email: 'developer@localhost' };

/** Environment that makes git commit in someone's name. */
export function identity({ name, email }: Author = DEVELOPER): Readonly<Record<string, string>> {
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}
