import { isoTime, type Site } from './site.ts';
import { type Comment, GitHubError } from './types.ts';

export function commentsOf(site: Site, number: number): readonly Comment[] {
  return site.state.comments.list().filter((comment) => comment.number === number);
}

/** @throws GitHubError (404) */
export function knownComment(site: Site, id: number): Comment {
  const comment = site.state.comments.get(id);
  if (!comment) throw new GitHubError(404, 'Not Found');
  return comment;
}

export function addComment(site: Site, request: Pick<Comment, 'number' | 'body' | 'author'>): Comment {
  const now = isoTime(site.cloud.now());
  return saveComment(site, { ...request, id: site.state.next('comments'), createdAt: now, updatedAt: now });
}

export function updateComment(site: Site, id: number, body: string): Comment {
  return saveComment(site, { ...knownComment(site, id), body, updatedAt: isoTime(site.cloud.now()) });
}

function saveComment(site: Site, comment: Comment): Comment {
  site.state.comments.set(comment.id, comment);
  site.emit({ type: 'comment', comment });
  return comment;
}
