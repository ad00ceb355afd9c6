import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { ExecaError, execa } from 'execa'
import { OperatorError } from '../../crash/errors.ts'
import { inOneLine } from '../addon.ts'
import { type Architecture, CACHE } from '../node-binary.ts'
import { programInPath } from '../program-in-path.ts'
import type { PinnedPackage } from './pins.ts'

const DEBIAN_NAMES = { x64: 'amd64', arm64: 'arm64' } as const

/**
 * The machine's apt and its sources, with lists of its own: it works for any user, changes nothing on the machine, and
 * fetches for another architecture as well.
 */
export class Apt {
  readonly #options: readonly string[]

  private constructor(options: readonly string[]) {
    this.#options = options
  }

  /** Fetches the lists of what is offered. */
  static async for(architecture: Architecture): Promise<Apt> {
    if (programInPath('apt-get') === null)
      throw new OperatorError('Cannot fetch packages of Debian: apt-get not found', ELSEWHERE)
    const folder = path.join(CACHE, 'apt', architecture)
    await rm(folder, { recursive: true, force: true })
    await mkdir(path.join(folder, 'state/lists/partial'), { recursive: true })
    await mkdir(path.join(folder, 'cache/archives/partial'), { recursive: true })
    const apt = new Apt(optionsFor(folder, DEBIAN_NAMES[architecture]))
    await apt.#run('apt-get', ['-qq', 'update'])
    return apt
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

  async #run(program: string, args: readonly string[], cwd = '.'): Promise<string> {
    try {
      return (await execa(program, [...this.#options, ...args], { ...PATIENCE, cwd })).stdout
    } catch (cause) {
      throw new OperatorError(`Cannot fetch packages of Debian: ${inOneLine(cause)}`, ELSEWHERE, cause)
    }
  }
}

// A mirror that does not answer is no reason to wait for ever.
const PATIENCE = { timeout: 300_000 }

const ELSEWHERE =
  'It takes apt with sources of Debian 12, as a container of node:24-bookworm has. Without, \
--libraries=machine takes those of this machine, and the image is not reproducible.'

/** apt-cache ends with 100 for a version that there is not. */
function orIfUnknown(thrown: unknown): string {
  if (thrown instanceof OperatorError && thrown.cause instanceof ExecaError && thrown.cause.exitCode === 100)
    return ''
  throw thrown
}

function optionsFor(folder: string, architecture: string): string[] {
  const settings = {
    'Dir::State': path.join(folder, 'state'),
    'Dir::State::status': '/dev/null',
    'Dir::Cache': path.join(folder, 'cache'),
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    // apt's own user could not write there.
    'APT::Sandbox::User': 'root',
  }
  return Object.entries(settings).map(([name, value]) => `-o${name}=${value}`)
}
