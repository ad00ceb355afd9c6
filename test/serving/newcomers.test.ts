import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { it } from 'node:test'
import { Newcomers } from '../../serving/newcomers.ts'

/** What Newcomers sees of a connection. */
class Connection extends EventEmitter {
  readonly localAddress = '10.0.0.1'
  readonly name: string
  readonly remotePort: number
  remoteAddress: string | undefined
  isGone = false

  constructor(remoteAddress: string, remotePort: number) {
    super()
    this.remotePort = remotePort
    this.name = `${remoteAddress}:${remotePort}`
    this.remoteAddress = remoteAddress
  }

  /** As Node has it: its address is not known any more, and its end is heard of later. */
  destroy(): void {
    this.isGone = true
    this.remoteAddress = undefined
  }
}

const POD = '10.1.0.66'
const API_SERVER = '10.0.0.7'

/** So many connections of a pod, of which as many begin as may, and then one of the API server. */
function crowd(count: number, limits: { mostBegun: number; mostConnections: number }) {
  const newcomers = new Newcomers(limits)
  const all: Connection[] = []
  const come = (address: string) => {
    const one = new Connection(address, all.length)
    all.push(one)
    newcomers.add(one as unknown as Socket)
    return one
  }
  const begin = () => newcomers.begin() as unknown as Connection | null
  for (let at = 0; at < count; at += 1) come(POD)
  return { newcomers, come, begin, gone: () => all.filter(({ isGone }) => isGone).map(({ name }) => name) }
}

it('an address with one connection begins next, whatever another has', () => {
  const { begin, come } = crowd(10, { mostBegun: 100, mostConnections: 100 })
  assert.equal(begin()?.name, `${POD}:0`)
  const one = come(API_SERVER)
  assert.deepEqual([begin()?.name, begin()?.name], [`${POD}:1`, one.name])
})

it('where too many have begun, the oldest of the address with most goes', () => {
  const { begin, come, gone } = crowd(4, { mostBegun: 3, mostConnections: 100 })
  const one = come(API_SERVER)
  while (begin() !== null);
  assert.deepEqual(gone(), [`${POD}:0`, `${POD}:1`])
  assert.equal(one.isGone, false)
})

it('where there are too many at all, the oldest of the address with most goes, and nobody who is welcome', () => {
  const { newcomers, begin, come, gone } = crowd(0, { mostBegun: 100, mostConnections: 3 })
  const welcome = come(API_SERVER)
  begin()
  newcomers.welcome(welcome as unknown as Socket)
  for (let at = 0; at < 4; at += 1) come(POD)
  assert.deepEqual(gone(), [`${POD}:1`, `${POD}:2`])
  // Nothing is left of them.
  assert.deepEqual([begin()?.name, begin()?.name, begin()], [`${POD}:3`, `${POD}:4`, null])
})

it('where all are welcome, one more is not let in', () => {
  const { newcomers, come } = crowd(0, { mostBegun: 100, mostConnections: 2 })
  for (const one of [come(API_SERVER), come(API_SERVER)]) newcomers.welcome(one as unknown as Socket)
  assert.equal(come(API_SERVER).isGone, true)
})

it('one that ends makes room', () => {
  const { newcomers, begin, come, gone } = crowd(2, { mostBegun: 2, mostConnections: 2 })
  const first = begin()
  first?.emit('close')
  const one = come(POD)
  newcomers.welcome(one as unknown as Socket)
  assert.deepEqual(gone(), [])
})
