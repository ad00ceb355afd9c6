import { existsSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'
import { ROOT } from '../build/bundle.ts'
import { TOP_ROOMS } from '../test/rooms.ts'

const SOURCES = [...TOP_ROOMS, 'build', 'package-lock.json']

/** Makes `handler` with `npm run build` unless it is newer than all that it is made of. */
export async function buildIfStale(handler: string): Promise<void> {
  if (existsSync(handler) && SOURCES.every(source => newestMs(source) <= statSync(handler).mtimeMs)) return
  await execa('npm', ['run', 'build'], { cwd: ROOT, stdio: ['ignore', process.stderr, process.stderr] })
}

function newestMs(source: string): number {
  const top = path.join(ROOT, source)
  const below = statSync(top).isDirectory() ? readdirSync(top, { recursive: true, encoding: 'utf8' }) : []
  const times = below.map(name => statSync(path.join(top, name)).mtimeMs)
  return Math.max(statSync(top).mtimeMs, ...times)
}
