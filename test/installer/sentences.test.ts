import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sentenceOf } from '../../installer/sentences.ts'

const entries = [
  {
    entry: { level: 30, time: 't', path: '/opt/bin/x', msg: 'handler placed' },
    said: 'handler placed: /opt/bin/x',
  },
  {
    entry: { level: 30, sysctls: { corePattern: 'core', corePipeLimit: 0 }, msg: 'original settings kept' },
    said: 'original settings kept: corePattern core, corePipeLimit 0',
  },
  { entry: { level: 40, reason: 'no', msg: 'cgroup not removed' }, said: 'WARNING: cgroup not removed: no' },
  { entry: { level: 50, err: { message: 'odd', stack: 's' }, msg: 'lost' }, said: 'ERROR: lost: odd' },
  { entry: { level: 30, msg: 'stopped' }, said: 'stopped' },
  { entry: { level: 30, pattern: '\u001b[2J|x', msg: 'core_pattern set' }, said: 'core_pattern set: ?[2J|x' },
]
for (const { entry, said } of entries) {
  it(`sentenceOf() says "${said}"`, () => assert.equal(sentenceOf(entry), said))
}
