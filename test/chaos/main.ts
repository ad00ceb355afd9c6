import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { messageOf } from '../../crash/errors.ts'
import { batchOf, outageOf } from './many.ts'
import { type Plan, planTrial, type StoreKind } from './plan.ts'
import { bundlePrograms, programsFolder } from './programs.ts'
import { Random } from './random.ts'
import { openStores } from './store-behind.ts'
import { Summary } from './summary.ts'
import { runTrial, type TrialFailure } from './trial.ts'
import type { Surroundings } from './trial-world.ts'

const HELP = `npm run chaos -- [--trials=N] [--seed=TEXT] [--trial=N] [--store=fake|real] [--minutes=N] [--jobs=N]

Crashes of known bytes, faults at moments that the seed decides, then all is well again: nothing may be lost, doubled or
left behind. Exits with 1 at the first trial after which something is, and says how to repeat it.

  --trials   how many; 16 if nothing is said
  --seed     decides all; printed, so that a run can be repeated
  --trial    only this one of the seed
  --store    fake: ours, in memory; real: versitygw
  --minutes  begins no trial after so long
  --jobs     trials side by side; 3 if nothing is said
  --burst    so many crashes at the same moment, in place of the trials
  --outage   so many crashes while the store is away, in place of the trials
`

const KEPT_SECONDS = 20

interface Wish {
  readonly seed: string
  readonly plans: readonly Plan[]
  readonly store: StoreKind
  readonly jobs: number
  readonly deadline: number
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function wishIn(argv: readonly string[]): Wish | null {
  const text = { type: 'string' } as const
  const options = {
    trials: text,
    seed: text,
    trial: text,
    store: text,
    minutes: text,
    jobs: text,
    burst: text,
    outage: text,
  }
  const { values } = parseArgs({ args: [...argv], options: { ...options, help: { type: 'boolean' } } })
  if (values.help) return null
  const { trials = '16', trial, seed = randomBytes(4).toString('hex'), minutes, jobs = '3' } = values
  const many = [
    ...(values.burst === undefined ? [] : [batchOf(Number(values.burst), seed)]),
    ...(values.outage === undefined ? [] : [outageOf(Number(values.outage), seed)]),
  ]
  const store = values.store === 'real' ? 'real' : 'fake'
  const numbers = Array.from({ length: Number(trials) }, (_, at) => at + 1)
  return {
    seed,
    store,
    plans:
      many.length > 0
        ? many
        : (trial === undefined ? numbers : [Number(trial)]).map(number => planTrial(seed, number, store)),
    jobs: Number(jobs),
    deadline: minutes === undefined ? Number.POSITIVE_INFINITY : performance.now() + Number(minutes) * 60_000,
  }
}

function wishOrFault(argv: readonly string[]): Wish | null {
  try {
    return wishIn(argv)
  } catch (thrown) {
    process.stderr.write(`${messageOf(thrown)}\n`)
    process.exit(1)
  }
}

async function main(argv: readonly string[]): Promise<void> {
  const wish = wishOrFault(argv)
  if (wish === null) return say(HELP)
  say(`seed ${wish.seed}, store ${wish.store}`)
  const folder = programsFolder()
  try {
    await using stores = await openStores(wish.store)
    await runAll(wish, { stores, programs: await bundlePrograms(folder) })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function runAll(wish: Wish, surroundings: Surroundings): Promise<void> {
  const summary = new Summary()
  const waiting = [...wish.plans]
  const failed: Plan[] = []
  // Trials that are under way have mounts and processes of their own; a second signal does not wait for them.
  process.once('SIGINT', () => waiting.splice(0))
  const work = async () => {
    for (let plan = waiting.shift(); plan !== undefined; plan = waiting.shift()) {
      if (failed.length > 0 || performance.now() > wish.deadline) return
      if (!(await runOne(plan, wish, surroundings, summary))) failed.push(plan)
    }
  }
  await Promise.all(Array.from({ length: wish.jobs }, work))
  say(summary.text(performance.now() / 1000))
  if (failed.length > 0) process.exitCode = 1
}

/** Whether nothing was violated. */
async function runOne(
  plan: Plan,
  { seed, store }: Wish,
  surroundings: Surroundings,
  summary: Summary,
): Promise<boolean> {
  try {
    const result = await runTrial(plan, new Random(`${seed}/${plan.name}/run`), surroundings)
    summary.add(result)
    say(`ok ${plan.name}: ${result.outcomes.join(', ')}; ${[...result.happened.keys()].join(', ')}`)
    return true
  } catch (cause) {
    const { message, evidence = '' } = cause as TrialFailure
    say(
      `\nVIOLATION: ${message}\n${evidence}\n\nRepeat it: npm run chaos -- --store=${store} --seed=${seed} ${plan.again}`,
    )
    return false
  }
}

/**
 * Ends the run as a violation if something keeps it although all is said: handles that some trial has left.
 */
function sayIfKept(): void {
  const tooLong = setTimeout(() => {
    say(`\nVIOLATION: all is over, and this is still open: ${process.getActiveResourcesInfo().join(', ')}`)
    process.exit(1)
  }, KEPT_SECONDS * 1000)
  tooLong.unref()
}

await main(process.argv.slice(2))
sayIfKept()
