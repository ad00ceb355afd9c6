import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { FieldSelector } from '../../../api/coredumps/field-selector.ts'
import { StatusError } from '../../../api/status-error.ts'
import { inputs } from '../../inputs.ts'
import { crashAt } from './crashes.ts'

const CRASH = crashAt('2026-11-21T04:21:17Z')

const SELECTORS: readonly (readonly [string, boolean])[] = [
  ['', true],
  ['metadata.name=20261121t042117z-3f2a9c01d4e5', true],
  ['metadata.name==20261121t042117z-000000000000', false],
  ['metadata.namespace=shop,spec.container!=sidecar', true],
  ['metadata.namespace!=shop', false],
  ['spec.id=3f2a9c01d4e5', true],
  ['spec.pod.name=checkout-7c9f5d8b6-x2x9k', true],
  ['spec.pod.uid=6f0c2d4e-6c50-4a5e-9a53-0a4b0a3c9d11', true],
  ['spec.pod.uid=', false],
  ['spec.container=a\\,b\\=c\\\\', false],
]

for (const [selector, expected] of SELECTORS)
  it(`a field selector "${selector}" ${expected ? 'takes' : 'leaves'} it`, () => {
    assert.equal(new FieldSelector(selector).matches(CRASH), expected)
  })

it('a pod without a UID has an empty one', () => {
  assert.ok(new FieldSelector('spec.pod.uid=').matches({ ...CRASH, podUid: null }))
})

it('what is escaped in a value is what it stands for', () => {
  const crash = { ...CRASH, container: 'a,b=c\\' }
  assert.ok(new FieldSelector('spec.container=a\\,b\\=c\\\\').matches(crash))
})

it('the name that is asked for is told, and only where it is the only one', () => {
  assert.equal(new FieldSelector('spec.id=1,metadata.name=x').only('metadata.name'), 'x')
  assert.equal(new FieldSelector('metadata.name!=x').only('metadata.name'), null)
})

for (const selector of [
  'spec.nodeName=x',
  'metadata.name',
  'a',
  '=b',
  'spec.id=a=b',
  'spec.id=\\a',
  '__proto__=1',
])
  it(`a field selector "${selector}" is refused with a 400`, () => {
    assert.throws(() => new FieldSelector(selector), { name: 'StatusError', code: 400 })
  })

it('there is an answer to every field selector', () => {
  const words = fc.constantFrom('=', '!=', '==', ',', '\\', 'spec.id', 'metadata.name', 'x')
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 20 }).map(all => all.join('')),
  )
  fc.assert(
    fc.property(texts, text => {
      try {
        assert.equal(typeof new FieldSelector(text).matches(CRASH), 'boolean')
      } catch (thrown) {
        assert.ok(thrown instanceof StatusError)
        assert.equal(thrown.code, 400)
      }
    }),
    inputs(),
  )
})
