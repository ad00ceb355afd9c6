import assert from 'node:assert/strict'
import { it } from 'node:test'
import { mayBePython } from '../../crash/python-path.ts'

it('mayBePython() knows interpreters, and their libraries, by their names', () => {
  for (const name of [
    'python',
    'python3',
    'python3.11',
    'python3.13t',
    'libpython3.12.so.1.0',
    'libpython3.so',
  ])
    assert.ok(mayBePython(`/usr/lib/${name}`), name)
  for (const name of [
    'pythonista',
    'python2.7',
    'libpython2.7.so.1.0',
    'python3.11.py',
    'xpython3',
    '_ctypes.so',
  ])
    assert.ok(!mayBePython(`/usr/lib/${name}`), name)
  assert.ok(!mayBePython(`${'/a'.repeat(10_000)}/python3`))
})
