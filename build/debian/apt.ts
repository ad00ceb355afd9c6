import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ExecaError, execa } from 'execa'
import { OperatorError } from '../../crash/errors.ts'
import { inOneLine } from '../failed-program.ts'
import { type Architecture, CACHE } from '../node-binary.ts'
import { programInPath } from '../program-in-path.ts'
import { ScratchFolder } from '../scratch-folder.ts'
import type { PinnedPackage } from './pins.ts'

const DEBIAN_NAMES = { x64: 'amd64', arm64: 'arm64' } as const

/**
 * The machine's apt and its sources, with lists of its own: it works for any user, changes nothing on the machine, and
 * fetches for another architecture as well.
 */
export class Apt implements AsyncDisposable {
  readonly #scratch: ScratchFolder
  readonly #options: readonly string[]

  private constructor(scratch: ScratchFolder, options: readonly string[]) {
    this.#scratch = scratch
    this.#options = options
  }

  /** Fetches the lists of what is offered, and keeps them below `parent` until it is disposed of. */
  static async for(architecture: Architecture, parent: string = CACHE): Promise<Apt> {
    if (programInPath('apt-get') === null)
      throw new OperatorError('Cannot fetch packages of Debian: apt-get not found', ELSEWHERE)
    const scratch = await ScratchFolder.in(parent, 'apt')
    const apt = new Apt(scratch, await prepare(scratch.folder, DEBIAN_NAMES[architecture]))
    try {
      await apt.#run('apt-get', ['-qq', 'update'])
      return apt
    } catch (cause) {
      await scratch[Symbol.asyncDispose]()
      throw cause
    }
  }

  /** The package as the newest of it is; `null`: there is none of that name, or of that version. */
  async offered(name: string, version?: string): Promise<PinnedPackage | null> {
    const wanted = version === undefined ? name : `${name}=${version}`
    const shown = await this.#run('apt-cache', ['show', '--no-all-versions', wanted]).catch(orIfUnknown)
    const field = (key: string) => new RegExp(`^${key}: (\\S+)$`, 'm').exec(shown)?.[1] ?? ''
    return shown === '' ? null : { name, version: field('Version'), sha256: field('SHA256') }
  }

  /** Writes it into `folder`, under the name that apt gives it. */
  async download({ name, version }: PinnedPackage, folder: string): Promise<void> {
    await this.#run('apt-get', ['-qq', 'download', `${name}=${version}`], folder)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scratch[Symbol.asyncDispose]()
  }

  async #run(program: string, args: readonly string[], cwd = '.'): Promise<string> {
    try {
      return (await execa(program, [...this.#options, ...args], { ...LIMITS, cwd })).stdout
    } catch (cause) {
      throw new OperatorError(`Cannot fetch packages of Debian: ${inOneLine(cause)}`, ELSEWHERE, cause)
    }
  }
}

// A mirror that does not answer is no reason to wait for ever. In English: what apt says is looked at.
const LIMITS = { timeout: 300_000, env: { LC_ALL: 'C' } }

const ELSEWHERE =
  'It takes apt with sources of Debian 12, as a container of node:24-bookworm has. Without, \
--libraries=machine takes those of this machine, and the image is not reproducible.'

/** For a package that there is not apt-cache ends with 100, as for lists that it cannot read. */
function orIfUnknown(thrown: unknown): string {
  const cause = thrown instanceof OperatorError ? thrown.cause : null
  const errors = cause instanceof ExecaError ? `${cause.stderr}`.match(/^E: .*$/gm) : null
  if (errors?.every(line => line === 'E: No packages found')) return ''
  throw thrown
}

/** The options with which apt works in `folder`. */
async function prepare(folder: string, architecture: string): Promise<string[]> {
  for (const name of ['state/lists/partial', 'cache/archives/partial'])
    await mkdir(path.join(folder, name), { recursive: true })
  const file = path.join(folder, 'apt.conf')
  await writeFile(file, WITHOUT_HOOKS)
  return [`--config-file=${file}`, ...settingsFor(folder, architecture)]
}

// The machine's own would do something to it: node:24-bookworm's remove what its apt has fetched.
const WITHOUT_HOOKS = ['Pre-Invoke', 'Post-Invoke', 'Post-Invoke-Success']
  .map(name => `#clear APT::Update::${name};\n`)
  .join('')

function settingsFor(folder: string, architecture: string): string[] {
  const settings = {
    'Dir::State': path.join(folder, 'state'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': path.join(folder, 'cache'),
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    // apt's own user could not write there.
    'APT::Sandbox::User': 'root',
    // Of a mirror that does not answer it would say that it offers nothing.
    'APT::Update::Error-Mode': 'any',
  }
  return Object.entries(settings).map(([name, value]) => `-o${name}=${value}`)
}
