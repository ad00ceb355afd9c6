import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { bundle } from './bundle.ts'
import { apartFrom, SCRIPT_NAMES, V8_FLAGS } from './handler-scripts.ts'
import { CACHE, nodeBinary, ownArchitecture } from './node-binary.ts'
import { beginTrainingCrash } from './training-crash.ts'

const LONGEST_TRAINING_SECONDS = 60

/** Makes `<name>.cache` of each script in `folder`: what V8 compiles in the course of a crash. */
export async function makeCodeCaches(folder: string): Promise<void> {
  await bundle(TRAINING, path.join(folder, 'training.cjs'), [apartFrom(TRAINING)])
  await mkdir(CACHE, { recursive: true })
  // Of those that no crash loads.
  await makeNoCodeCaches(folder)
  const scratch = await mkdtemp(path.join(CACHE, 'training-'))
  try {
    await train(folder, scratch)
  } finally {
    await rm(scratch, { recursive: true, force: true })
    await Promise.all(
      ['cjs', 'cache'].map(kind => rm(path.join(folder, `training.${kind}`), { force: true })),
    )
  }
}

const TRAINING = 'build/training.ts'

async function train(folder: string, scratch: string): Promise<void> {
  await using crash = await beginTrainingCrash(scratch)
  const { criSocket, containerId, handlerArguments, coreFd } = crash
  const program = path.join(import.meta.dirname, 'train.ts')
  const node = await nodeBinary(ownArchitecture())
  const child = spawn(node, [...V8_FLAGS, program, folder, criSocket, containerId, ...handlerArguments], {
    env: {},
    stdio: [coreFd, 'inherit', 'inherit'],
    timeout: LONGEST_TRAINING_SECONDS * 1000,
  })
  const [code, signal] = await once(child, 'exit')
  if (code !== 0) throw new Error(`Cannot train the handler: it ended with ${code ?? signal}`)
  if (!crash.isOver())
    throw new Error('Cannot train the handler: its crash was not stored, or nobody was told')
}

/** Where there can be no code caches, empty ones take their place. */
export async function makeNoCodeCaches(folder: string): Promise<void> {
  await Promise.all(SCRIPT_NAMES.map(name => writeFile(path.join(folder, `${name}.cache`), '')))
}
