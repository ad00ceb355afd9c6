import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { messageOf } from '../crash/errors.ts'
import { eventually } from '../test/e2e/eventually.ts'
import { findProgram } from '../test/installed-program.ts'
import { type Contestant, type Offer, type Place, quoted } from './contestant.ts'

export const SYSTEMD = 'systemd-coredump'
const PROGRAMS = ['/usr/lib/systemd/systemd-coredump', '/lib/systemd/systemd-coredump']

// Of the first the kernel starts the program, the second is where the other half listens, and keeps cores.
const SOCKETS = '/run/systemd'
const CORES = '/var/lib/systemd/coredump'

const NEEDED = ['setpriv', 'unshare', 'mount', 'systemd-socket-activate']

/**
 * systemd's, in a world of its own: what the kernel starts hands the pipe to another process over a socket in
 * /run/systemd, and that one writes to /var/lib/systemd/coredump. Both are ours by mounts that only these two
 * see, so a machine that uses it goes on as it is, and one without systemd as first process can have it, too.
 */
export const systemdCoredump: Offer = async place => {
  const absent = (reason: string) => ({ name: SYSTEMD, reason })
  const program = PROGRAMS.find(file => existsSync(file))
  if (program === undefined) return absent('it is not installed')
  if (!place.byKernel) return absent('it looks at the crashed process in ways that only root can serve')
  const missing = NEEDED.filter(name => findProgram(name) === null)
  if (missing.length > 0) return absent(`it needs ${missing.join(', ')} here`)
  const folders = [SOCKETS, CORES].filter(folder => !existsSync(folder))
  if (folders.length > 0) return absent(`it needs ${folders.join(', ')}`)
  const sockets = place.scratch.folder('systemd-sockets')
  const folder = place.scratch.folder('systemd')
  try {
    await serve(path.join(sockets, 'coredump'), folder, program, place)
  } catch (cause) {
    return absent(messageOf(cause))
  }
  return contestant(sockets, folder, program)
}

function contestant(sockets: string, folder: string, program: string): Contestant {
  const script = `${mounted(sockets, SOCKETS, [program])} "$@"`
  return {
    ...{
      name: SYSTEMD,
      peers: [],
      rounds: Number.POSITIVE_INFINITY,
      metered: false,
      folder,
      unpack: 'zstd -dc "$1"',
    },
    // As in its own sysctl.d/50-coredump.conf.
    kernelArguments: '%P %u %g %s %t 9223372036854775808 %h %d',
    command: `${quoted(found('unshare'))} --mount /bin/sh -c ${quoted(script)} sh "$@"`,
  }
}

/**
 * Has its second half, under our meter, wait at `socket` for cores to keep in `folder`. Ends when we do,
 * however.
 */
async function serve(socket: string, folder: string, program: string, place: Place): Promise<void> {
  const activate = [found('systemd-socket-activate'), '--seqpacket', '--accept', '-l', socket]
  const metered = [place.programs.meter, place.result, '--', program]
  const script = mounted(folder, CORES, [...activate, ...metered])
  const dieWithUs = ['--pdeathsig', 'TERM', found('unshare')]
  const server = spawn('setpriv', [...dieWithUs, '--mount', '/bin/sh', '-c', script], { stdio: 'ignore' })
  const gone = once(server, 'exit')
  place.cleanUp.defer(async () => {
    server.kill()
    await gone
  })
  await eventually('the socket of systemd-coredump', 10, () => existsSync(socket) || undefined)
}

function found(program: string): string {
  return findProgram(program) ?? program
}

/** A shell's text: `command` with `source` where `target` is for all others. */
function mounted(source: string, target: string, command: readonly string[]): string {
  return `mount --bind ${quoted(source)} ${target} && exec ${command.map(quoted).join(' ')}`
}
