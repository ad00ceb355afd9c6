import { apply } from '../../installer/node/apply.ts'
import { reconcile } from '../../installer/node/reconcile.ts'
import { restore } from '../../installer/node/restore.ts'
import { bringing, scratchNode } from './node/scratch-node.ts'

/**
 * An installer that is killed: `doomed.ts <folder> <step> <journey…>`. It dies by SIGKILL before the step
 * with this number; with `-1` it goes round and round, until the test kills it. A journey is a handler to
 * install, `file` for the core_pattern that needs none, or `restore`.
 */
const [folder = '', at = '', ...journeys] = process.argv.slice(2)
let left = Number(at)

const dying: typeof apply = async (...step) => {
  if (left === 0) process.kill(process.pid, 'SIGKILL')
  left -= 1
  await apply(...step)
}

const node = scratchNode(folder)
process.stdout.write('begun\n')
do {
  for (const journey of journeys) await take(journey)
} while (left < 0)

async function take(journey: string): Promise<void> {
  if (journey === 'restore') return restore(node, [], dying)
  const { wanted, bring } = await (journey === 'file'
    ? bringing(node, import.meta.filename, 'file')
    : bringing(node, journey))
  await reconcile(node, wanted, { ...bring, apply: dying })
}
