import { existsSync, lstatSync, readdirSync } from 'node:fs'
import path from 'node:path'

/** Where an installer could leave something on this machine. */
const PLACES = [
  '/etc/coredog',
  '/run/coredog',
  '/var/lib/coredog',
  '/var/log/coredog',
  '/opt',
  '/usr/local/bin',
  ...['', '/unified', '/memory', '/cpu', '/systemd'].map(
    hierarchy => `/sys/fs/cgroup${hierarchy}/coredog-handler`,
  ),
]

/** Every file that stands there, with mode and size: two listings are equal when nothing of it changed. */
export function nodeFiles(): string[] {
  return PLACES.filter(existsSync).flatMap(place => [
    describe(place),
    ...readdirSync(place, { recursive: true, encoding: 'utf8' })
      .sort()
      .map(name => describe(path.join(place, name))),
  ])
}

function describe(file: string): string {
  const { mode, size } = lstatSync(file)
  const isFile = (mode & 0o170000) === 0o100000
  return `${file} ${mode.toString(8)} ${isFile ? size : ''}`
}
