import assert from 'node:assert/strict'
import { it } from 'node:test'
import { reasonOf } from '../../../crash/why/reason.ts'
import { messageOfRustPanic } from '../../../crash/why/rust-reason.ts'

const PLACE = 'src/main.rs:12:5'
const REGISTRY =
  '/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/tokio-1.38.0/src/runtime/park.rs:9:1'

const sentence = (place: string, words?: string, functions: readonly string[] = []) =>
  reasonOf({ signal: 6, rustPanic: { place, ...(words !== undefined && { words }) }, functions }).sentence

it('reasonOf() a panic of Rust has its words and its place', () => {
  assert.equal(sentence(PLACE, 'balance -12'), `Rust panic: balance -12 (${PLACE})`)
  assert.equal(sentence(PLACE), `Rust panic (${PLACE})`)
  const bounds = ['abort', 'core::panicking::panic_bounds_check']
  assert.equal(sentence(PLACE, undefined, bounds), `Rust panic: index out of bounds (${PLACE})`)
  assert.equal(
    sentence(REGISTRY, 'no'),
    'Rust panic: no (…/src/index.crates.io-1949cf8c6b5b557f/tokio-1.38.0/src/runtime/park.rs:9:1)',
  )
})

it('reasonOf() a panic that ended another one says so, and not where that is in the library', () => {
  const place = '/rustc/5980/library/core/src/panicking.rs:233:5'
  assert.equal(
    sentence(place, 'panic in a destructor during cleanup'),
    'Rust panic while another one was being handled',
  )
  assert.match(sentence(place, 'panic in a function that cannot unwind'), /may not unwind, such as/)
})

it('reasonOf() what libc said goes before a panic: it ended the process', () => {
  const rustPanic = { place: PLACE, words: 'no' }
  const { sentence: said } = reasonOf({ signal: 6, rustPanic, abortMessage: 'free(): invalid size' })
  assert.match(said, /free\(\): invalid size/)
})

it('messageOfRustPanic() is what the library prints', () => {
  assert.equal(messageOfRustPanic({ place: PLACE, words: 'no' }), `panicked at ${PLACE}: no`)
  assert.equal(messageOfRustPanic({ place: PLACE }), `panicked at ${PLACE}`)
})
