import assert from 'node:assert/strict'
import { it } from 'node:test'
import { compile, Scripts } from '../../executable/scripts.ts'

const TEXTS: Readonly<Record<string, string>> = {
  main: 'globalThis.began = (globalThis.began ?? 0) + 1; exports.later = () => require("script:part").name',
  part: 'const path = require("node:path"); module.exports = { name: path.basename("a/part") }',
  // Of its own: V8 remembers the texts that it has compiled, and looks at no code cache then.
  unlike: 'module.exports = { name: "unlike" }',
  lost: 'require("left-pad")',
  circle: 'exports.early = 1; exports.seen = require("script:other").seen',
  other: 'exports.seen = require("script:circle").early',
}

function shelf(codeCaches: ReadonlyMap<string, Buffer> = new Map()) {
  return {
    text: (name: string) => TEXTS[name] ?? '',
    codeCache: (name: string) => codeCaches.get(name) ?? null,
    startThread: (name: string) => assert.fail(`it starts ${name}`),
  }
}

it('Scripts runs each script once, and another one when it is asked for', () => {
  const loaded: string[] = []
  const text = (name: string) => {
    loaded.push(name)
    return TEXTS[name] ?? ''
  }
  const scripts = new Scripts({ ...shelf(), text })
  const main = scripts.run('main') as { later(): string }
  assert.deepEqual(loaded, ['main'])
  assert.equal(main.later(), 'part')
  assert.equal(scripts.run('main'), main)
  assert.equal((globalThis as { began?: number }).began, 1)
  assert.deepEqual(loaded, ['main', 'part'])
})

it('Scripts lets two scripts ask for each other', () => {
  assert.deepEqual(new Scripts(shelf()).run('circle'), { early: 1, seen: 1 })
})

it('Scripts says what it cannot load', () => {
  assert.throws(() => new Scripts(shelf()).run('lost'), /Cannot load "left-pad"/)
})

it('compile() takes the code cache of an earlier run, and does without a broken one', () => {
  const earlier = compile('part', shelf())
  earlier.runInThisContext()
  const caches = new Map([['part', earlier.createCachedData()]])
  assert.equal(compile('part', shelf(caches)).cachedDataRejected, false)
  const broken = new Map([['unlike', Buffer.from('of another version')]])
  assert.equal(compile('unlike', shelf(broken)).cachedDataRejected, true)
  assert.deepEqual(new Scripts(shelf(broken)).run('unlike'), { name: 'unlike' })
})
