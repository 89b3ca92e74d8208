/** One build in a process of its own, which can be killed: `node build-once.ts REQUEST` with the request as JSON. Prints the results. */
import { type BuildRequest, buildServices } from '../../pipeline/image/build.ts';

const request = JSON.parse(process.argv[2] ?? '') as BuildRequest;
process.stdout.write(JSON.stringify(await buildServices(request)));
