import { threadIdIn } from '../../crash/core-notes.ts'
import { ElfImage, machineOf } from '../../crash/image/elf-image.ts'
import { biasOf } from '../../crash/image/module.ts'
import type { ReadMemory } from '../../crash/process-memory.ts'
import { pythonFrames } from '../../crash/python/frames.ts'
import { type Python, type PythonFile, pythonIn } from '../../crash/python/interpreter.ts'
import { layoutOf, RUNTIME_BYTES } from '../../crash/python/releases.ts'
import { type KernelThread, threadStatesOf } from '../../crash/python/thread-state.ts'
import { mayBePython } from '../../crash/python-path.ts'
import type { OpenModule, Piece } from './evidence.ts'
import { foundInFile } from './file-pieces.ts'
import type { Taking } from './last-words.ts'
import { piecesFor } from './pieces-for.ts'
import { fsBaseIn } from './thread-pointer.ts'

/** The interpreter of the thread that crashed, and the memory of its frames. */
export interface TakenPython {
  readonly python: Python
  readonly pieces: readonly Piece[]
}

/** The program, which may do no more than load its library, and that. */
const MOST_FILES = 4
const LIMITS = { rounds: 64, pages: 384, seconds: 0.25 }

/** `null`: it runs no Python of a release that is known, or that thread does not. */
export async function takePython({ head, pieces, modules, memory }: Taking): Promise<TakenPython | null> {
  const thread = threadOf(head)
  const files = modules.filter(({ path }) => mayBePython(path)).toSorted((a, b) => b.sizeBytes - a.sizeBytes)
  for (const module of files.slice(0, MOST_FILES)) {
    const file = await pythonFileOf(module)
    if (file === null) continue
    const python = await pythonOf(file, thread, memory)
    if (python === null) continue
    return { python, pieces: await piecesFor(known => pythonFrames(known, python), pieces, memory, LIMITS) }
  }
  return null
}

async function pythonFileOf(module: OpenModule): Promise<PythonFile | null> {
  return await foundInFile(module, file => {
    const image = ElfImage.open(file)
    const bias = image === null ? null : biasOf(image, ...module.ranges)
    const found = image === null ? null : pythonIn(image)
    return bias === null || found === null ? null : moved(found, bias)
  })
}

function moved({ version, runtime, types: { code, text, bytes } }: PythonFile, bias: bigint): PythonFile {
  return {
    version,
    runtime: runtime + bias,
    types: { code: code + bias, text: text + bias, bytes: bytes + bias },
  }
}

async function pythonOf(
  { version, runtime, types }: PythonFile,
  thread: KernelThread,
  memory: ReadMemory,
): Promise<Python | null> {
  const layout = layoutOf(version, (await memory(runtime, RUNTIME_BYTES)) ?? Buffer.alloc(0))
  const threads = layout === null ? [] : await threadStatesOf(thread, runtime, layout, memory)
  return layout === null || threads.length === 0 ? null : { layout, types, threads }
}

function threadOf({ machine, statuses: [status = Buffer.alloc(0)] }: Taking['head']): KernelThread {
  const [self] = machineOf(machine) === 'x86-64' ? fsBaseIn(status) : []
  const tid = threadIdIn(status, 8)
  return { ...(self !== undefined && { self }), ...(tid !== undefined && { tid }) }
}
