import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Where a registry keeps what on disk:
 *
 *     blobs/<hex>                       bytes of layers, configurations and manifests, shared by all repositories
 *     repositories/<name>/_blobs/<hex>      the repository holds this blob
 *     repositories/<name>/_manifests/<hex>  {mediaType, pushedAt} of a manifest
 *     repositories/<name>/_tags/<tag>       digest that the tag points to
 *     uploads/<id>                      what has arrived of an upload
 *     uploads/<id>.repository           where it goes
 *     temporary/                        files before they are renamed into place
 *
 * Every file appears by rename and whole: a registry that is killed has either all of a write or none of it.
 */
export class RegistryFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    for (const part of ['blobs', 'repositories', 'uploads', 'temporary'])
      mkdirSync(join(folder, part), { recursive: true });
  }

  blob(digest: string): string {
    return join(this.#folder, 'blobs', hex(digest));
  }

  upload(id: string): string {
    return join(this.#folder, 'uploads', id);
  }

  temporary(): string {
    return join(this.#folder, 'temporary', randomUUID());
  }

  /** A record of a repository; `kind` is one of the folders above. */
  record(repository: string, kind: RecordKind, key: string): string {
    return join(this.#folder, 'repositories', repository, `_${kind}`, key);
  }

  repository(repository: string): string {
    return join(this.#folder, 'repositories', repository);
  }

  keys(repository: string, kind: RecordKind): string[] {
    return list(join(this.repository(repository), `_${kind}`)).sort();
  }

  /** Names of all repositories that ever held something. */
  repositories(): string[] {
    const names: string[] = [];
    const visit = (name: string): void => {
      const children = list(this.repository(name));
      if (children.some((child) => child.startsWith('_'))) names.push(name);
      for (const child of children) if (!child.startsWith('_')) visit(name === '' ? child : `${name}/${child}`);
    };
    visit('');
    return names.sort();
  }

  folders(): { readonly blobs: string; readonly uploads: string; readonly temporary: string } {
    const at = (name: string): string => join(this.#folder, name);
    return { blobs: at('blobs'), uploads: at('uploads'), temporary: at('temporary') };
  }

  write(file: string, content: string | Uint8Array): void {
    const temporary = this.temporary();
    writeFileSync(temporary, content);
    mkdirSync(dirname(file), { recursive: true });
    renameSync(temporary, file);
  }
}

export type RecordKind = 'blobs' | 'manifests' | 'tags';

export const hex = (digest: string): string => digest.slice('sha256:'.length);
export const exists = existsSync;
export const sizeOfFile = (file: string): number => statSync(file).size;
export const remove = (file: string): void => rmSync(file, { recursive: true, force: true });

export function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Undefined when there is no such file. */
export function read(file: string): Buffer | undefined {
  return existsSync(file) ? readFileSync(file) : undefined;
}
