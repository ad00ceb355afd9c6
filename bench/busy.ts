import { mkdirSync } from 'node:fs'
import { parseConfig } from '../config/parse-config.ts'
import { Host } from '../handoff/host.ts'
import { makeHandlerCgroup, removeHandlerCgroup } from '../installer/node/handler-cgroup.ts'
import { isRoot, openArena } from './arena.ts'
import { BusyNode } from './busy-node.ts'
import type { Contestant } from './contestant.ts'
import { type Core, generatedCores } from './core.ts'
import { heldTables } from './held-table.ts'
import { BUSY, busyTargets } from './held-targets.ts'
import { isAmong, present } from './offers.ts'
import { runOnce } from './run.ts'
import type { Session } from './session.ts'
import { SYSTEMD } from './systemd-coredump.ts'
import { type Measured, notMeasured } from './target.ts'
import { GZIP, LIMIT, PIGZ, ZSTD } from './tools.ts'
import { inTurns } from './turns.ts'

// The others take too long with half of a CPU.
const OURS = ['coredog gzip', 'coredog gzip, nothing read ahead', 'coredog zstd']
const CONTESTANTS = [LIMIT, GZIP, PIGZ, ZSTD, SYSTEMD, ...OURS]
const HOST = new Host('/')
const CGROUP = 'coredog-bench-handler'

/** How long a process is held on a node whose CPUs are all busy. */
export async function measureBusy({ options, signal, say }: Session): Promise<Measured> {
  if (options.pipe || !isRoot())
    return leftOut('it takes root, to make cgroups and to crash through the kernel')
  await using node = BusyNode.find()
  if (node === null) return leftOut('no cgroup of this machine has a weight')
  const core = coreOf(options.sizeBytes)
  const { crashedBy } = node
  await using arena = await openArena({ options, neededBytes: 4 * core.sizeBytes, signal, crashedBy })
  const { place, way } = arena
  const isAsked = isAmong(options.only)
  const { contestants, absent } = await present(name => CONTESTANTS.includes(name) && isAsked(name), place)
  await using handlers = await cgroupFor(contestants)
  void handlers
  // Not before everything else, for all that is to be built and waited for.
  await node.start()
  const turns = { name: 'busy', contestants, rounds: options.rounds, signal, say }
  const found = await inTurns(turns, (one, { checked }) => runOnce(one, core, { place, way, checked }))
  const heat = { core, ...found }
  const held = { heats: [heat], absent, way: way.name, inMemory: place.scratch.inMemory }
  return { tables: heldTables(held), targets: busyTargets(heat) }
}

/** 256 MiB, beside generated cores of 1 GiB. */
function coreOf(sizeBytes: number): Core {
  const [heap] = generatedCores(sizeBytes / 4)
  return { ...(heap as Core), title: 'Heap-like memory, all CPUs busy' } // the first of them
}

/** As the installer makes it on a node, and tells each of the handlers. */
async function cgroupFor(contestants: readonly Contestant[]): Promise<AsyncDisposable> {
  const runFolders = contestants.flatMap(one => ('runFolder' in one ? [String(one.runFolder)] : []))
  const { limits } = parseConfig('StorageConfig: {protocol: cfs, CFSMountPath: /mnt}').config
  for (const runFolder of runFolders) {
    mkdirSync(runFolder, { recursive: true, mode: 0o700 })
    await makeHandlerCgroup(HOST, { limits, name: CGROUP, runFolder })
  }
  return {
    [Symbol.asyncDispose]: async () => {
      for (const runFolder of runFolders) await removeHandlerCgroup(HOST, { name: CGROUP, runFolder })
    },
  }
}

function leftOut(why: string): Measured {
  const table = { title: 'Busy', columns: ['Contestant'], rows: [], notes: [`Left out: ${why}.`] }
  return { tables: [table], targets: [notMeasured(BUSY.what, BUSY.wanted, why)] }
}
