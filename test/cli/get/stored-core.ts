import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import { ENTRY } from '../../fakes/index-entry.ts'
import { runOnStore } from '../run-on-store.ts'
import { addCrash, emptyStore } from '../stored-crash.ts'

export const ID = ENTRY.id
export const CORE = Buffer.concat([Buffer.from('\x7fELF'), randomBytes(3_000_000), Buffer.alloc(9_000_000)])

/** A crash with a core in a store of its own, and a folder for what is got. */
export async function stored(crash: Parameters<typeof addCrash>[1] = {}) {
  const { folder, store } = await emptyStore()
  await addCrash(store, { core: CORE, ...crash })
  const out = await mkdtemp(path.join(tmpdir(), 'coredog-get-'))
  after(() => rm(out, { recursive: true, force: true }))
  const file = path.join(out, 'core')
  const get = (...argv: string[]) => runOnStore(folder, ['get', ID, ...argv])
  return { folder, store, out, file, get }
}
