import { globSync } from 'node:fs'
import path from 'node:path'
import { findProgram } from '../test/installed-program.ts'

/** A program with very many live objects, which says when it has them. */
export interface Runtime {
  readonly name: string
  readonly title: string
  /** Programs that it takes: by name, or a path. */
  readonly needs: readonly string[]
  /** What starts it, `programs` being where those are that it needs, and `folder` a new one. */
  readonly command: (programs: readonly string[], folder: string) => readonly string[]
}

const live = (file: string): string => path.join(import.meta.dirname, 'live', file)

export const RUNTIMES: readonly Runtime[] = [
  runtime('node', 'Node.js', [process.execPath], live('live-objects.mjs')),
  runtime('python', 'Python', ['python3'], live('live_objects.py')),
  runtime('java', 'Java', ['java'], '-Xmx200m', live('LiveObjects.java')),
  {
    ...{ name: 'redis', title: 'Redis', needs: ['bash', 'setpriv', 'redis-check-rdb', 'redis-cli'] },
    command: ([bash = '', , server = '', cli = ''], folder) => [bash, live('redis.sh'), server, cli, folder],
  },
  {
    ...{ name: 'postgres', title: 'PostgreSQL', needs: ['bash', 'setpriv', 'initdb', 'postgres', 'psql'] },
    command: ([bash = '', , initdb = ''], folder) => {
      return [bash, live('postgres.sh'), path.dirname(initdb), folder]
    },
  },
]

function runtime(name: string, title: string, needs: readonly string[], ...args: readonly string[]): Runtime {
  return { name, title, needs, command: ([program = '']) => [program, ...args] }
}

/** Debian has PostgreSQL's programs in a folder of its version. `null`: it is not installed. */
export function programNamed(name: string): string | null {
  if (path.isAbsolute(name)) return name
  const versioned = globSync(`/usr/lib/postgresql/*/bin/${name}`)
  return versioned.toSorted((a, b) => a.localeCompare(b)).at(-1) ?? findProgram(name)
}
