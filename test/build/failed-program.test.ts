import assert from 'node:assert/strict'
import { it } from 'node:test'
import { execa } from 'execa'
import { inOneLine } from '../../build/failed-program.ts'

for (const [who, script, expected] of [
  [
    'pip',
    'echo Retrying; echo "ERROR: No matching distribution found"',
    'sh: ERROR: No matching distribution found',
  ],
  ['apt', 'echo "W: slow"; echo "E: Cannot connect"; echo "E: Some failed"', 'sh: E: Cannot connect'],
] as const) {
  it(`inOneLine() says why a program failed, as ${who} does`, async () => {
    assert.equal(await execa('sh', ['-c', `(${script}) >&2; exit 1`]).catch(inOneLine), expected)
  })
}

it('inOneLine() says how a program ended that said nothing, and what else was thrown', async () => {
  assert.match(String(await execa('sh', ['-c', 'exit 3']).catch(inOneLine)), /^sh: .*exit code 3/)
  assert.equal(inOneLine(new Error('no such thing')), 'no such thing')
})
