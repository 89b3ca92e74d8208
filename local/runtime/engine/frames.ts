export type OutputStream = 'stdout' | 'stderr';

const HEADER_BYTES = 8;

/**
 * Takes apart the stream of a container without a terminal: frames of an 8-byte header (stream 0-2, three zeros, length as 32-bit big endian) and content,
 * cut anywhere (https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Container/operation/ContainerAttach).
 */
export function createFrameReader(onContent: (stream: OutputStream, content: Buffer) => void): (chunk: Buffer) => void {
  let header = Buffer.alloc(0);
  let left = 0;
  let stream: OutputStream = 'stdout';
  return (chunk) => {
    for (let rest = chunk; rest.length > 0; ) {
      if (left === 0) {
        const missing = HEADER_BYTES - header.length;
        header = Buffer.concat([header, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (header.length < HEADER_BYTES) return;
        stream = header[0] === 2 ? 'stderr' : 'stdout';
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
      } else {
        const content = rest.subarray(0, left);
        rest = rest.subarray(content.length);
        left -= content.length;
        onContent(stream, content);
      }
    }
  };
}
