import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { it } from 'node:test'
import { codeOf, insteadOf, isMissing, orIfMissing } from '../../crash/system-error.ts'

const MISSING = path.join(import.meta.dirname, 'there-is-none')
const BELOW_A_FILE = path.join(import.meta.filename, 'x')

const codes = [
  { name: 'no file', thrown: await errorOf(readFile(MISSING)), code: 'ENOENT' },
  { name: 'a file where a folder should be', thrown: await errorOf(readFile(BELOW_A_FILE)), code: 'ENOTDIR' },
  {
    name: 'a wrong URL',
    thrown: await errorOf(readFile(new URL('http://x'))),
    code: 'ERR_INVALID_URL_SCHEME',
  },
  { name: 'an error of ours', thrown: new Error('ENOENT'), code: '' },
  { name: 'what is no error', thrown: { code: 'ENOENT' }, code: '' },
  { name: 'nothing', thrown: undefined, code: '' },
]
for (const { name, thrown, code } of codes) {
  it(`codeOf() of ${name} is "${code}"`, () => {
    assert.equal(codeOf(thrown), code)
    assert.equal(isMissing(thrown), code === 'ENOENT')
  })
}

it('orIfMissing() stands in for a file that is not there, and for nothing else', async () => {
  assert.equal(await readFile(MISSING, 'utf8').catch(orIfMissing('')), '')
  await assert.rejects(readFile(BELOW_A_FILE, 'utf8').catch(orIfMissing('')), { code: 'ENOTDIR' })
})

it('insteadOf() stands in for the codes that it is given', async () => {
  assert.equal(await readFile(BELOW_A_FILE).catch(insteadOf(['ENOENT', 'ENOTDIR'], null)), null)
  await assert.rejects(readFile(MISSING).catch(insteadOf(['ENOTDIR'], null)), { code: 'ENOENT' })
})

async function errorOf(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    () => assert.fail('it went well'),
    (thrown: unknown) => thrown,
  )
}
