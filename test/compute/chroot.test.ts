import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probeChroot } from '../../local/runtime/chroot.ts';
import { describeContainers } from './scenarios/container.ts';
import { describeFunctions } from './scenarios/function.ts';
import { describeRollingUpdates } from './scenarios/rolling-update.ts';
import { processScene } from './scenarios/scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-probe-'));
const abilities = await probeChroot(folder);
rmSync(folder, { recursive: true });

('reason' in abilities ? describe.skip : describe)('containers in chroot', () => {
  const scene = processScene('chroot');
  describe('one container', () => describeContainers(scene));
  describe('ECS service', () => describeRollingUpdates(scene));
  describe('Lambda function', () => describeFunctions(scene));
});
