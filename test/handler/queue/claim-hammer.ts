import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, openSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { pino } from 'pino'
import { parseConfig } from '../../../config/parse-config.ts'
import { ReadAheadClaim, TOKEN_BYTES } from '../../../handler/queue/read-ahead-claim.ts'

interface Hammering {
  readonly processes: number
  readonly rounds: number
  readonly tokens: number
}

interface Hammered {
  /** The most tokens that all had at once. */
  readonly most: number
  readonly grants: number
  readonly left: readonly string[]
}

/**
 * Real processes that claim and give back what chance says. Each appends to one file what it was given, after that,
 * and what it gives back, before that: so what the file says at any of its lines, they had at least.
 */
export async function hammer(folder: string, { processes, rounds, tokens }: Hammering): Promise<Hammered> {
  const children = Array.from({ length: processes }, (_, seed) =>
    spawn(process.execPath, [import.meta.filename, folder, `${rounds}`, `${tokens}`, `${seed + 1}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  )
  const ended = Promise.all(children.map(child => once(child, 'close')))
  await Promise.all(children.map(child => once(child.stdout, 'data')))
  // All at once, now that each is there.
  for (const child of children) child.stdin.end()
  await ended
  const changes = readFileSync(path.join(folder, 'changes'), 'utf8').trim().split('\n').map(Number)
  let [most, sum] = [0, 0]
  for (const change of changes) {
    sum += change
    most = Math.max(most, sum)
  }
  const left = readdirSync(path.join(folder, 'turns/read-ahead'))
  return { most, grants: changes.filter(change => change > 0).length, left }
}

/** What is claimed beside the bytes that are asked for. */
const OWN_TOKENS = 1

function claimAndGiveBack(
  folder: string,
  { rounds, tokens }: Omit<Hammering, 'processes'>,
  seed: number,
): void {
  const { config } = parseConfig(
    `StorageConfig: {protocol: cfs, CFSMountPath: /}\npaths: {run: "${folder}"}\nlimits: {readAhead: ${tokens * TOKEN_BYTES}}`,
  )
  let [now, had, chance] = [0, 0, seed]
  const claim = new ReadAheadClaim(config, { log: pino({ enabled: false }), now: () => (now += 1000) })
  const changes = openSync(path.join(folder, 'changes'), 'a')
  const wish = () => {
    chance = (chance * 48_271) % 2_147_483_647
    return chance % tokens
  }
  process.stdout.write('ready')
  readFileSync(0)
  for (let round = 0; round < rounds; round += 1) {
    const wanted = wish()
    const all = wanted === 0 ? 0 : wanted + OWN_TOKENS
    if (all < had) {
      appendFileSync(changes, `${all - had}\n`)
      claim.keep(wanted * TOKEN_BYTES)
      had = all
    } else if (all > had && claim.mayHold(wanted * TOKEN_BYTES)) {
      appendFileSync(changes, `${all - had}\n`)
      had = all
    }
  }
  appendFileSync(changes, `${-had}\n`)
  claim.keep(0)
}

if (process.argv[1] === import.meta.filename) {
  const [, , folder = '', rounds, tokens, seed] = process.argv
  claimAndGiveBack(folder, { rounds: Number(rounds), tokens: Number(tokens) }, Number(seed))
}
