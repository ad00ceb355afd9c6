import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { bundle } from './bundle.ts'
import { bothFunctions, countFunctions, type Functions } from './called-functions.ts'
import { type Starter, starterFor } from './emulation.ts'
import { apartFrom, SCRIPT_NAMES, V8_FLAGS } from './handler-scripts.ts'
import { type Architecture, CACHE, nodeBinary, ownArchitecture } from './node-binary.ts'
import { ScratchFolder } from './scratch-folder.ts'
import { beginTrainingCrash } from './training-crash.ts'

const LONGEST_TRAINING_SECONDS = 60
/** What is called depends a little on how busy the machine is. */
const MOST_TRAININGS = 5

/**
 * Makes `<name>.cache` of each script in `folder`: what V8 compiles in the course of a crash. That is for the machine
 * that it runs on, so for another one it takes an emulator; without, they are empty, and that is said.
 */
export async function makeCodeCaches(folder: string, architecture: Architecture): Promise<void> {
  // Of those that no crash loads.
  await Promise.all(SCRIPT_NAMES.map(name => writeFile(path.join(folder, `${name}.cache`), '')))
  const start = await starterOfNode(architecture)
  if ('lacks' in start) return goWithout(architecture, start.lacks)
  const training = path.join(folder, 'training.cjs')
  await using scratch = await ScratchFolder.in(CACHE, 'training')
  try {
    await bundle(TRAINING, training, { plugins: [apartFrom(TRAINING)] })
    const functions = await trainUntilAllIsKnown(folder, scratch.folder)
    assertTrained(functions)
    const called = path.join(folder, CALLED_FUNCTIONS)
    await writeFile(called, `${JSON.stringify(functions)}\n`)
    await compileFunctions(folder, called, start)
  } finally {
    await rm(training, { force: true })
  }
}

/** What each crash calls some of. */
const EACH_CRASH = ['program', 'why']

/** A training that called nothing of one would make a handler that starts slowly, and nothing would say so. */
export function assertTrained(functions: Functions): void {
  const without = EACH_CRASH.filter(name => (functions[name]?.length ?? 0) === 0)
  if (without.length > 0)
    throw new Error(`Cannot train the handler: nothing of ${without.join(' and ')} was called`)
}

const TRAINING = 'build/training.ts'

/** Beside the scripts: of which functions of them there is code. */
const CALLED_FUNCTIONS = 'called-functions.json'

async function trainUntilAllIsKnown(folder: string, scratch: string): Promise<Functions> {
  let known = await train(folder, scratch, 0)
  for (let count = 1; count < MOST_TRAININGS; count += 1) {
    const before = countFunctions(known)
    known = bothFunctions(known, await train(folder, scratch, count))
    if (countFunctions(known) === before) break
  }
  return known
}

async function train(folder: string, scratch: string, count: number): Promise<Functions> {
  const own = path.join(scratch, `${count}`)
  await mkdir(own)
  await using crash = await beginTrainingCrash(own)
  const { criSocket, containerId, handlerArguments, coreFd } = crash
  const program = path.join(import.meta.dirname, 'train.ts')
  const called = path.join(own, CALLED_FUNCTIONS)
  const node = await nodeBinary(ownArchitecture())
  const args = [...V8_FLAGS, program, folder, called, criSocket, containerId, ...handlerArguments]
  const child = spawn(node, args, {
    env: {},
    stdio: [coreFd, 'inherit', 'inherit'],
    timeout: LONGEST_TRAINING_SECONDS * 1000,
  })
  const [code, signal] = await once(child, 'exit')
  if (code !== 0) throw new Error(`Cannot train the handler: it ended with ${code ?? signal}`)
  if (!crash.isOver())
    throw new Error('Cannot train the handler: its crash was not stored, or nobody was told')
  return JSON.parse(await readFile(called, 'utf8'))
}

/** One seed for V8's hashes, and one thread: garbage collections come when they come. A code cache is taken as well. */
const THE_SAME_EACH_TIME = '--predictable'

/** Writes the code cache of each script that `called`, a file, names functions of, by the Node that `start` starts. */
export async function compileFunctions(folder: string, called: string, start: Starter): Promise<void> {
  const [program = '', ...args] = [...start, ...V8_FLAGS]
  const script = (name: string) => path.join(import.meta.dirname, name)
  await execa(program, [...args, THE_SAME_EACH_TIME, script('compile-functions.ts'), folder, called])
  await execa(program, [...args, script('take-code-caches.ts'), folder, called])
}

/** The Node of an architecture, as it is started here. */
export async function starterOfNode(
  architecture: Architecture,
): Promise<Starter | { readonly lacks: string }> {
  const node = await nodeBinary(architecture)
  const start = await starterFor(architecture, await readFile(node))
  return 'lacks' in start ? start : [...start, node]
}

export function goWithout(architecture: Architecture, lacks: string): void {
  if (process.env.COREDOG_REQUIRE_CODE_CACHES === '1')
    throw new Error(`Cannot make code caches for ${architecture}: ${lacks}`)
  process.stdout.write(`No code caches for ${architecture}: ${lacks}; it will start more slowly\n`)
}
