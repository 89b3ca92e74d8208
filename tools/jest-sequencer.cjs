const { default: Sequencer } = require('@jest/test-sequencer');

/** Files that start whole local clouds take minutes: they begin first, so that no core waits for the last of them. The rest fills the gaps, largest first. */
const WHOLE_CLOUD = /\/test\/(story|scenarios|previews|infrastructure|compute)\//;

module.exports = class SlowFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => (WHOLE_CLOUD.test(path) ? 0 : 1);
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
};
