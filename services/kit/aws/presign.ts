/** Addresses with which somebody without credentials may read or write one object for a while. */
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { clientOptions } from './client.ts';

export interface Presigner {
  upload(key: string): Promise<string>;
  download(key: string): Promise<string>;
}

export const EXPIRY_SECONDS = 3600;

export function createPresigner(bucket: string): Presigner {
  const client = new S3Client({
    ...clientOptions,
    forcePathStyle: Boolean(process.env['AWS_ENDPOINT_URL']),
    // Else the address would contain the checksum of an empty body.
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  const at = (key: string) => ({ Bucket: bucket, Key: key });
  return {
    upload: (key) => getSignedUrl(client, new PutObjectCommand(at(key)), { expiresIn: EXPIRY_SECONDS }),
    download: (key) => getSignedUrl(client, new GetObjectCommand(at(key)), { expiresIn: EXPIRY_SECONDS }),
  };
}
