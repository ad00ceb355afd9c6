import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'
import { OperatorError } from '../crash/errors.ts'
import { CORE_PATTERN_ARGS } from '../crash/kernel-args.ts'
import type { CrashReport } from '../crash/report.ts'
import { CorePattern } from '../test/e2e/core-pattern.ts'
import { eventually } from '../test/e2e/eventually.ts'
import { CGROUP, POD } from '../test/fakes/checkout-pod.ts'
import { startFakeCri } from '../test/fakes/fake-cri.ts'
import type { Shown } from './by-file.ts'
import { configuration, logIn } from './configuration.ts'
import { storedFilesOf } from './stored-files.ts'
import { crash, startVictim } from './victim.ts'

const HANDLER = path.resolve(import.meta.dirname, '../dist/coredog-handler')

/** The journey through the real kernel, with the binary that is installed on nodes. Needs root. */
export async function collectByKernel(folder: string, store: string): Promise<Shown> {
  if (process.getuid?.() !== 0)
    throw new OperatorError(
      'Cannot change core_pattern: only root can.',
      'Run "npm run demo -- --kernel" as root.',
    )
  if (!existsSync(HANDLER)) await execa('npm', ['run', 'build'], { stdio: 'inherit' })
  const log = logIn(folder)
  const configFile = path.join(folder, 'c')
  const runtime = await startFakeCri({ pods: [POD] })
  const victim = await startVictim(folder, { held: false })
  const leave = enterCgroup(victim.pid)
  try {
    writeFileSync(configFile, configuration(folder, store, runtime.socket), { mode: 0o600 })
    // Its keeper puts the old pattern back whatever happens to us.
    await using pattern = await CorePattern.own(30)
    await pattern.set({ pattern: `|${HANDLER} --config=${configFile} ${CORE_PATTERN_ARGS}`, pipeLimit: 16 })
    await crash(victim)
    // The log leaves out the stack, which the message shows.
    const stored = storedFilesOf(await outcomeIn(log)).report
    const report: CrashReport = JSON.parse(readFileSync(stored, 'utf8'))
    const notification = { outcome: 'stored', report, link: null, corefilePath: '' } as const
    return {
      notice: notification,
      program: victim.program,
      simulated: "The crash is real, and this machine's kernel gave its core to the handler",
      next: '"Install" in README.md, for a cluster.',
    }
  } finally {
    leave()
    await runtime.close()
  }
}

/** Puts the process where a kubelet would have; returns what takes the cgroups away again. */
function enterCgroup(pid: number): () => void {
  const root = ['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified', '/sys/fs/cgroup'].find(folder =>
    existsSync(path.join(folder, 'cgroup.procs')),
  )
  if (root === undefined) throw new Error('Cannot find a cgroup hierarchy: is /sys/fs/cgroup mounted?')
  const made = CGROUP.split('/')
    .map((_, index, parts) => path.join(root, ...parts.slice(0, index + 1)))
    .filter(folder => !existsSync(folder))
  for (const folder of made) mkdirSync(folder)
  writeFileSync(path.join(root, CGROUP, 'cgroup.procs'), String(pid))
  return () => {
    for (const folder of made.toReversed()) rmdirSync(folder)
  }
}

interface Line {
  readonly msg: string
  readonly report?: CrashReport
  readonly err?: { readonly message: string }
}

async function outcomeIn(log: string): Promise<CrashReport> {
  const { msg, report, err } = await eventually('the outcome of the crash', 60, () => firstLine(log))
  if (report === undefined) throw new Error(`${msg}: ${err?.message}`)
  return report
}

function firstLine(log: string): Line | undefined {
  const [line, ...more] = readFileSync(log, 'utf8').split('\n')
  return line === undefined || more.length === 0 ? undefined : JSON.parse(line)
}
