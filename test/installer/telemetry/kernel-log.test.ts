import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, it } from 'node:test'
import { pino } from 'pino'
import { followKernelLog } from '../../../installer/telemetry/kernel-log.ts'

const scratch = await mkdtemp(path.join(tmpdir(), 'coredog-kernel-log-'))
after(() => rm(scratch, { recursive: true }))

it('followKernelLog reports what comes after its first look, once', async () => {
  const { write, follow } = kernelLog('first')
  await write(1, 'Pid 1(before) over core_pipe_limit')
  const seen = await follow(
    () => write(2, 'Pid 2(now) over core_pipe_limit'),
    () => write(3, 'usb 1-1: new device'),
  )
  assert.deepEqual(seen, ['now'])
})

it('followKernelLog goes on after a restart where it was', async () => {
  const { write, follow } = kernelLog('restart')
  await write(1, 'Pid 1(before) over core_pipe_limit')
  await follow(() => write(2, 'Pid 2(seen) over core_pipe_limit'))
  await write(3, 'Pid 3(missed) over core_pipe_limit')
  assert.deepEqual(await follow(), ['missed'])
  assert.deepEqual(await follow(), [])
})

it('followKernelLog begins anew after a reboot', async () => {
  const { write, follow, file } = kernelLog('reboot')
  await write(900, 'usb 1-1: new device')
  await follow()
  await writeFile(file, '')
  await write(5, 'Pid 5(early) over core_pipe_limit')
  assert.deepEqual(await follow.afterBoot('other'), ['early'])
})

it('followKernelLog waits for a log that cannot be opened, and complains once', async () => {
  const { write, follow, file, lines } = kernelLog('missing')
  const seen = await follow(
    () => undefined,
    () => write(1, 'usb 1-1: new device'),
    () => write(2, 'Pid 2(late) over core_pipe_limit'),
  )
  assert.deepEqual(seen, ['late'])
  assert.deepEqual(
    lines.map(({ msg, file: of }) => [msg, of]),
    [
      ['kernel log not read', file],
      ['core dropped by the kernel', undefined],
    ],
  )
})

it('followKernelLog survives a position that is not one', async () => {
  const { write, follow, positionFile } = kernelLog('position')
  await write(1, 'Pid 1(before) over core_pipe_limit')
  await writeFile(positionFile, '{"bootId":')
  assert.deepEqual(await follow(), [])
  assert.equal(JSON.parse(await readFile(positionFile, 'utf8')).sequence, 1)
})

it('followKernelLog reads the log of this kernel to its end', async test => {
  const { lines, follow } = kernelLog('real')
  await follow.of('/dev/kmsg')
  if (lines.length > 0) return test.skip(`/dev/kmsg cannot be read: ${lines[0]?.reason}`)
  assert.deepEqual(lines, [])
})

type Step = () => unknown

/** A file of records in place of /dev/kmsg. Before each beat but the first comes one of the steps. */
function kernelLog(name: string) {
  const file = path.join(scratch, name)
  const positionFile = path.join(scratch, `${name}.position`)
  const lines: { msg: string; file?: string; reason?: string }[] = []
  const log = pino({}, { write: line => void lines.push(JSON.parse(line)) })

  async function run(of: string, bootId: string, steps: readonly Step[]): Promise<(string | undefined)[]> {
    const seen: (string | undefined)[] = []
    const options = { file: of, positionFile, bootId, ticks: ticksAround(steps), log }
    await followKernelLog(drop => void seen.push(drop.comm), options, new AbortController().signal)
    return seen
  }
  const follow = Object.assign((...steps: Step[]) => run(file, 'this', steps), {
    afterBoot: (bootId: string) => run(file, bootId, []),
    of: (other: string) => run(other, 'this', []),
  })
  const write = (sequence: number, text: string) =>
    appendFile(file, `4,${sequence},1234,-;${text}\n KEY=value\n`)
  return { file, positionFile, lines, write, follow }
}

async function* ticksAround(steps: readonly Step[]): AsyncGenerator<void> {
  yield
  for (const step of steps) {
    await step()
    yield
  }
}
