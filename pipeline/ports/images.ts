/** Whether an image is still there to be pulled. */
export interface Images {
  exists(repositoryUrl: string, digest: string): Promise<boolean>;
}

/** `123.dkr.ecr.us-east-1.amazonaws.com/slipway/web` -> `slipway/web`. */
export const repositoryOf = (repositoryUrl: string): string => repositoryUrl.slice(repositoryUrl.indexOf('/') + 1);
