/** A local cloud that is about to be killed: starts a container, prints its pid and waits. Arguments: home, image. */
import { createRuntime } from '../create.ts';

const [home = '', image = ''] = process.argv.slice(2);
const runtime = await createRuntime({ home, log: () => undefined });
let announced = false;
const container = await runtime.start({
  id: 'left-behind',
  image,
  environment: {},
  onOutput: () => {
    if (!announced) console.log(container.pid);
    announced = true;
  },
});
