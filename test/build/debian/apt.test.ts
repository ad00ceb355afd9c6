import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Apt } from '../../../build/debian/apt.ts'
import { OperatorError } from '../../../crash/errors.ts'

it('Apt says what to do where there is none', async t => {
  const { PATH } = process.env
  t.after(() => {
    process.env.PATH = PATH
  })
  process.env.PATH = '/nowhere'
  await assert.rejects(Apt.for('x64'), (thrown: unknown) => {
    assert.ok(thrown instanceof OperatorError)
    assert.equal(thrown.message, 'Cannot fetch packages of Debian: apt-get not found')
    assert.match(thrown.hint, /--libraries=machine/)
    return true
  })
})
