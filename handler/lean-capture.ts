import type { Dump } from '../config/config.ts'
import { backtraceRanges } from '../crash/backtrace-ranges.ts'
import type { CoreHead } from '../crash/core-head.ts'
import { type CoreRange, merged } from '../crash/core-range.ts'
import { type LeanCore, leanCore } from '../crash/lean-core.ts'
import { privateRanges } from '../crash/private-ranges.ts'
import type { Capture } from './capture.ts'
import { CoreStream } from './core/core-stream.ts'
import { mapsOf, memoryOf } from './core/held-memory.ts'
import { heldPieces } from './core/held-pieces.ts'
import { LeanSource, type ReadPiece } from './core/lean-source.ts'
import { passingPieces } from './core/passing-pieces.ts'
import type { Outside } from './outside.ts'

type World = Pick<Outside, 'proc' | 'log'>

/**
 * The same crash with a core of which `dump` says how much is kept; all of it, where that cannot be told. Blocks may
 * have been read ahead of it, and none may have been given.
 */
export async function leanCapture(capture: Capture, dump: Dump, outside: World): Promise<Capture> {
  if (dump === 'full') return capture
  const lean = await leanOf(capture, dump, outside)
  if ('why' in lean) {
    outside.log.warn({ crash: capture.id, dump, reason: lean.why }, 'all of a core is kept')
    return { ...capture, keptAll: lean.why }
  }
  const { keptAll: _, ...rest } = capture
  const known = { dump: { dump, leftOutBytes: lean.leftOutBytes + (capture.dump?.leftOutBytes ?? 0) } }
  if (lean.leftOutBytes === 0) return { ...rest, ...known }
  const { core: all, pipe } = capture
  const read = dump === 'stacks' ? await readBeside(capture, outside) : passingPieces(all)
  const process = { cut: (reason: string) => pipe.cut(reason), close: () => void all.leave() }
  const core = await CoreStream.begin(new LeanSource(lean, read, process))
  core.supplyFiles(all.head?.files ?? [])
  return { ...rest, core, ...known }
}

type Lean = LeanCore | { readonly why: string }

async function leanOf(capture: Capture, dump: Exclude<Dump, 'full'>, { proc }: World): Promise<Lean> {
  const { core } = capture
  if (core.head === null) return { why: `it is no core: ${core.foreign}` }
  const keep = dump === 'stacks' ? stackRanges(core.head) : await ownRanges(capture, core.head, proc)
  if ('why' in keep) return keep
  const [only, ...others] = core.taken
  const begun = only === undefined || others.length > 0 ? Buffer.concat(core.taken) : only
  return leanCore(begun, core.head, keep) ?? { why: 'it has more notes than are looked at' }
}

type Ranges = readonly CoreRange[] | { readonly why: string }

/** Also of a thread whose stack pointer is no address: or a program could choose that all of it is kept. */
function stackRanges(head: CoreHead): Ranges {
  return head.stackPointers.length === 0
    ? { why: 'it is not known where its stacks are' }
    : backtraceRanges(head)
}

async function ownRanges(capture: Capture, head: CoreHead, proc: Outside['proc']): Promise<Ranges> {
  const maps = await mapsOf(capture, proc)
  return maps === null
    ? { why: 'it is not known which of its memory is shared' }
    : merged(privateRanges(head, maps))
}

/** From the memory of the process, so that it is held for no more than that; or else as the core passes. */
async function readBeside(capture: Capture, { proc, log }: World): Promise<ReadPiece> {
  const { pipe, core, file } = capture
  // What has come already is nearer.
  if (file !== undefined || !core.isLonger || pipe.closedAt !== null) return passingPieces(core)
  // What reads ahead may come to the end of the core meanwhile.
  pipe.look()
  const memory = await memoryOf(capture, proc)
  if (memory !== null) {
    core.forgetBegun()
    void pipe.closed.then(() => memory.close())
    return heldPieces(memory, pipe)
  }
  pipe.looked()
  log.warn({ crash: capture.id }, 'memory not to be read: stacks are taken from the whole core')
  return passingPieces(core)
}
