import assert from 'node:assert/strict'
import { it } from 'node:test'
import { secretText, section } from '../../config/declaration.ts'
import { Findings } from '../../config/findings.ts'
import { readSettings } from '../../config/settings.ts'

it('readSettings() does not show a secret that is not allowed', () => {
  const keys = section({ pin: { ...secretText('Four digits'), read: () => undefined } })
  const place = { file: 'f', line: 1 }
  const entries = new Map([['pin', { place, tree: { kind: 'text', text: 'hunter2' } as const }]])
  const findings = new Findings(['f'])
  readSettings(keys, [{ place, tree: { kind: 'mapping', entries } }], findings)
  assert.throws(() => findings.throwFirst(), {
    message: 'Cannot use "f": line 1: pin is a value that is not shown; allowed: text',
  })
})
