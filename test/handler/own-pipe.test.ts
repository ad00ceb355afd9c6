import assert from 'node:assert/strict'
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs'
import { it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { ownPipe } from '../../handler/own-pipe.ts'

it('ownPipe() is a pipe as pipe(2) makes it: what is written is read, once, and ends with its writer', async () => {
  const { reader, writer } = await ownPipe()
  const again = openSync(`/proc/self/fd/${reader}`, 'r')
  closeSync(reader)
  writeSync(writer, 'a core')
  closeSync(writer)
  assert.equal(readFileSync(again, 'utf8'), 'a core')
  closeSync(again)
})

it('ownPipe() says when nobody reads any more', async () => {
  const { reader, writer } = await ownPipe()
  closeSync(reader)
  assert.throws(() => writeSync(writer, 'a core'), { code: 'EPIPE' })
  closeSync(writer)
})

it('ownPipe() opens nothing else that stays open', async () => {
  await ownPipe()
  const before = readdirSync('/proc/self/fd').length
  const { reader, writer } = await ownPipe()
  assert.equal(readdirSync('/proc/self/fd').length, before + 2)
  for (const fd of [reader, writer]) closeSync(fd)
})

it('ownPipe() is no other thread’s, whichever begin and end meanwhile', async () => {
  const others = Array.from({ length: 4 }, (_, index) => {
    const work = index % 2 === 0 ? 'setInterval(() => undefined, 2 ** 30)' : ''
    return new Worker(work, { eval: true })
  })
  const { reader, writer } = await ownPipe()
  const name = readlinkSync(`/proc/self/fd/${reader}`)
  const ends = readdirSync('/proc/self/fd').filter(fd => nameOf(fd) === name)
  assert.deepEqual(ends.sort(), [`${reader}`, `${writer}`].sort())
  for (const fd of [reader, writer]) closeSync(fd)
  await Promise.all(others.map(other => other.terminate()))
})

/** Empty: it is closed by now. */
function nameOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return ''
  }
}
