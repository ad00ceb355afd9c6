import { once } from 'node:events'
import { setPriority } from 'node:os'
import { type MessagePort, parentPort } from 'node:worker_threads'
import { type Circumstances, withCircumstances } from './circumstances.ts'
import type { Evidence } from './evidence.ts'
import { explanations } from './explain.ts'
import type { Step } from './explainer.ts'
import { lookFirst } from './first-look.ts'
import { type SymbolsAsked, symbolNames } from './symbol-names.ts'

/** Of CPU time, while a process is held. Ten milliseconds are usual, with the code of this thread new to V8. */
const LOOK_MICROSECONDS = 50_000
/** Less than those that read and compress a core, which holds a process. */
const PRIORITY = 10

/** What our threads run: one explains a crash, another one finds names in files that came from elsewhere. */
export async function explainOn(port: MessagePort): Promise<void> {
  const [first] = (await once(port, 'message')) as [Evidence | { readonly symbols: readonly SymbolsAsked[] }]
  if ('symbols' in first) for (const told of symbolNames(first.symbols)) port.postMessage(told)
  else await explain(first, port)
}

/** For an {@link Explainer}: there is evidence, and then what else there is. */
async function explain(evidence: Evidence, port: MessagePort): Promise<void> {
  const say = (step: Step) => port.postMessage(step)
  const begun = process.threadCpuUsage()
  const first = lookFirst(evidence, () => microsecondsSince(begun) < LOOK_MICROSECONDS)
  say({ site: first.site })
  const [circumstances] = (await once(port, 'message')) as [Circumstances]
  // Linux has a priority of each thread, and 0 is the one that asks: setpriority(2).
  setPriority(0, PRIORITY)
  for (const explanation of explanations(withCircumstances(evidence, circumstances), first))
    say({ explanation })
}

function microsecondsSince(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(begun)
  return user + system
}

if (parentPort !== null) void explainOn(parentPort)
