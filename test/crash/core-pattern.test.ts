import assert from 'node:assert/strict'
import { it } from 'node:test'
import { expandPipePattern } from '../../crash/core-pattern.ts'

const values = { P: '42', e: 'my app', s: '11', h: 'node-1' }

const patterns = [
  {
    pattern: '|/usr/lib/systemd/systemd-coredump %P %s %h',
    command: ['/usr/lib/systemd/systemd-coredump', '42', '11', 'node-1'],
  },
  {
    pattern: '|/usr/share/apport/apport -p%p -s%s -P%P -- %E',
    command: ['/usr/share/apport/apport', '-p', '-s11', '-P42', '--', ''],
  },
  { pattern: '|/bin/false', command: ['/bin/false'] },
  { pattern: '|/h  %e 100%%', command: ['/h', 'my app', '100%'] },
  { pattern: '|', command: null },
  { pattern: 'core', command: null },
  { pattern: '/corefile/core.%e.%p.%h.%t', command: null },
]
for (const { pattern, command } of patterns) {
  it(`expandPipePattern() makes ${JSON.stringify(command)} of ${pattern}`, () => {
    assert.deepEqual(expandPipePattern(pattern, values), command)
  })
}
