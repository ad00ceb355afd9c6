import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { packLayer } from '../../build/image-layer.ts'
import { parseImageName } from '../../build/image-name.ts'
import { ownArchitecture } from '../../build/node-binary.ts'
import { packArchive } from '../../build/oci-archive.ts'

/** Programs and images of the suite, in one directory. No registry is needed for any of them. */
export interface Images {
  /** Where the crashers are as files on the host: gdb wants them beside their cores. */
  readonly programs: string
  readonly pause: Image
  /** Holds every program of test/crashers in `/bin`. */
  readonly crashers: Image
}

export interface Image {
  readonly name: string
  /** An OCI archive, for `ctr images import`. */
  readonly archive: string
}

const CRASHERS = path.resolve(import.meta.dirname, '../crashers')
const FLAGS = ['-static', '-O1', '-g', '-Wall', '-Wextra', '-Werror']

/** Compiles and packs what `dir` does not have yet: the scenario files of one run share a directory. */
export async function buildImages(dir: string): Promise<Images> {
  const programs = path.join(dir, 'bin')
  const pause = { name: 'localhost/coredog-e2e/pause:1', archive: path.join(dir, 'pause.tar') }
  const crashers = { name: 'localhost/coredog-e2e/crashers:1', archive: path.join(dir, 'crashers.tar') }
  if (!existsSync(crashers.archive)) {
    const built = await compileCrashers(programs)
    await pack(
      pause,
      built.filter(file => file.endsWith('/pause')),
    )
    await pack(crashers, built)
  }
  return { programs, pause, crashers }
}

/** The static programs made of test/crashers, as paths. */
export async function compileCrashers(programs: string): Promise<string[]> {
  await mkdir(programs, { recursive: true })
  const sources = (await readdir(CRASHERS)).filter(file => /\.(c|cpp)$/.test(file))
  const built: string[] = []
  for (const source of sources) {
    const program = path.join(programs, path.parse(source).name)
    await compile(path.join(CRASHERS, source), program)
    built.push(program)
  }
  return built
}

/** Makes one static program of one C or C++ source. */
export async function compile(source: string, program: string): Promise<void> {
  const compiler = source.endsWith('.cpp') ? ['g++', '-pthread'] : ['gcc']
  const [command = 'gcc', ...more] = compiler
  await execa(command, [...more, ...FLAGS, '-o', program, source])
}

/** An image of nothing but static programs, in /bin; it starts the first of them. */
async function pack({ name, archive }: Image, programs: readonly string[]): Promise<void> {
  const entries = programs.map(file => ({
    path: `/bin/${path.basename(file)}`,
    content: readFileSync(file),
    mode: 0o755,
  }))
  const image = {
    name: parseImageName(name),
    architecture: ownArchitecture(),
    layers: [await packLayer('programs', entries)],
    settings: { Env: [], Entrypoint: [entries[0]?.path ?? ''], WorkingDir: '/', User: '', Labels: {} },
  }
  await writeFile(archive, await packArchive(image))
}
