import type { AliasUpdate, Lambda } from '../ports/lambda.ts';

/** Lambda in memory: one function, versions from 1 on, one alias. */
export class FakeLambda implements Lambda {
  readonly images: string[] = ['bootstrap'];
  live = 1;
  async publish({ imageUri }: { imageUri: string }): Promise<string> {
    if (this.images.at(-1) !== imageUri) this.images.push(imageUri);
    return String(this.images.length);
  }
  async versions(): Promise<readonly string[]> {
    return this.images.map((_, index) => String(index + 1));
  }
  async deleteVersion(): Promise<void> {}
  async provision(): Promise<void> {}
  async provisioned() {
    return undefined;
  }
  async describe(_name: string, version?: string) {
    if (Number(version ?? 1) > this.images.length) return undefined;
    return {
      version: version ?? '$LATEST',
      state: 'Active',
      stateReason: '',
      lastUpdate: 'Successful',
      lastUpdateReason: '',
    };
  }
  async alias() {
    return { version: String(this.live), revisionId: `revision-${this.live}` };
  }
  async moveAlias({ version, revisionId }: { version: string; revisionId: string }): Promise<AliasUpdate> {
    if (revisionId !== `revision-${this.live}`) return 'changed by someone else';
    this.live = Number(version);
    return 'moved';
  }
  image(): string {
    return this.images[this.live - 1] ?? '';
  }
}
