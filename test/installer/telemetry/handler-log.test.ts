import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import {
  appendFile,
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, it } from 'node:test'
import fc from 'fast-check'
import { pino } from 'pino'
import { followHandlerLog } from '../../../installer/telemetry/handler-log.ts'
import type { HandlerLogEntry } from '../../../installer/telemetry/handler-log-entry.ts'
import { inputs } from '../../inputs.ts'

const scratch = await mkdtemp(path.join(tmpdir(), 'coredog-handler-log-'))
after(() => rm(scratch, { recursive: true }))

it('followHandlerLog prints each line as it is and hands on its fields', async () => {
  const node = await aNode()
  await node.follow(
    () => node.write('one'),
    () => node.write('two', 'three'),
  )
  assert.deepEqual(node.messages(), ['one', 'two', 'three'])
  assert.deepEqual(node.printed, ['one', 'two', 'three'].map(lineOf))
})

it('followHandlerLog goes on where it was before a restart', async () => {
  const node = await aNode()
  await node.write('one')
  await node.follow()
  await node.write('two')
  await node.follow()
  await node.follow()
  assert.deepEqual(node.messages(), ['one', 'two'])
})

it('followHandlerLog waits for a folder that is not there yet', async () => {
  const node = await aNode()
  await rm(path.dirname(node.file), { recursive: true })
  await node.follow(async () => {
    await mkdir(path.dirname(node.file))
    await node.write('one')
  })
  assert.deepEqual(node.messages(), ['one'])
  assert.deepEqual(node.complaints, [])
})

it('followHandlerLog waits for the rest of a line', async () => {
  const node = await aNode()
  const line = lineOf('two')
  await node.follow(
    () => appendFile(node.file, lineOf('one')),
    () => assert.deepEqual(node.printed, []),
    () => appendFile(node.file, `\n${line.slice(0, 20)}`),
    () => assert.deepEqual(node.messages(), ['one']),
    () => appendFile(node.file, `${line.slice(20)}\n`),
  )
  assert.deepEqual(node.printed, [lineOf('one'), line])
})

it('followHandlerLog reads a line that was written behind a broken one', async () => {
  const node = await aNode()
  await appendFile(node.file, lineOf('half').slice(0, 20))
  await node.write('one')
  await node.follow()
  assert.deepEqual(node.messages(), ['one'])
  assert.equal(node.printed.length, 1)
})

it('followHandlerLog rotates a long log, and reads on what a running handler writes to the old one', async () => {
  const node = await aNode({ bytes: 100, keep: 2 })
  const running = await open(node.file, 'a')
  await running.write(`${lineOf('a'.repeat(100))}\n`)
  await node.follow(
    () => assert.ok(existsSync(`${node.file}.1`)),
    () => node.write('new'),
    () => running.write(`${lineOf('late')}\n`),
  )
  await running.close()
  assert.deepEqual(node.messages(), ['a'.repeat(100), 'new', 'late'])
})

it('followHandlerLog keeps so many old files and no more', async () => {
  const node = await aNode({ bytes: 10, keep: 2 })
  const messages = ['one', 'two', 'three', 'four']
  await node.follow(...messages.map(message => () => node.write(message)))
  assert.deepEqual(node.messages(), messages)
  assert.equal(await readFile(`${node.file}.1`, 'utf8'), `${lineOf('four')}\n`)
  assert.equal(await readFile(`${node.file}.2`, 'utf8'), `${lineOf('three')}\n`)
  assert.ok(!existsSync(`${node.file}.3`))
})

it('followHandlerLog loses and repeats nothing when somebody else rotates', async () => {
  const node = await aNode()
  await node.write('one')
  await node.follow(async () => {
    await node.write('two')
    await rename(node.file, `${node.file}.1`)
    await node.write('three')
  })
  assert.deepEqual(node.messages(), ['one', 'two', 'three'])
})

it('followHandlerLog survives a log that is copied and truncated, and grows past where it was', async () => {
  const node = await aNode()
  await node.write('one')
  await node.follow(async () => {
    await copyFile(node.file, `${node.file}.1`)
    await truncate(node.file)
    await node.write('two', 'three')
  })
  assert.deepEqual(node.messages(), ['one', 'two', 'three'])
})

it('followHandlerLog cuts a line without end into pieces', async () => {
  const node = await aNode()
  await appendFile(node.file, `${'x'.repeat(2_500_000)}\n`)
  await node.write('one')
  await node.follow()
  assert.deepEqual(
    node.printed.slice(0, -1).map(({ length }) => length),
    [1_048_576, 1_048_576, 2_500_000 - 2 * 1_048_576],
  )
  assert.deepEqual(node.messages(), ['one'])
})

it('followHandlerLog goes on when one line cannot be counted', async () => {
  const node = await aNode()
  node.refuse = 'two'
  await node.write('one', 'two', 'three')
  await node.follow()
  assert.deepEqual(node.messages(), ['one', 'three'])
  assert.deepEqual(node.complaints, ['handler log line not understood'])
})

it('followHandlerLog repeats nothing while one of the files cannot be read', async () => {
  const node = await aNode()
  await node.write('old')
  await rename(node.file, `${node.file}.1`)
  await mkdir(node.file)
  await node.follow(
    () => undefined,
    () => undefined,
  )
  assert.deepEqual(node.messages(), ['old'])
  assert.deepEqual(node.complaints, ['handler log not read'])
  await node.follow()
  assert.deepEqual(node.messages(), ['old'])
})

it('followHandlerLog reads all again when its position is lost or broken', async () => {
  const node = await aNode()
  await node.write('one')
  await node.follow()
  await writeFile(node.positionFile, '{"x": -4, "y"')
  await node.follow()
  assert.deepEqual(node.messages(), ['one', 'one'])
})

it('followHandlerLog hands on every line once, whatever is done to the files and however often we restart', async () => {
  const act = fc.constantFrom('write', 'restart', 'rename', 'turn' as const)
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 12 }), async acts => {
      const node = await aNode({ bytes: 300, keep: 20 })
      const written: string[] = []
      for (const [index, what] of acts.entries()) {
        if (what === 'write') await node.write(written[written.push(`line ${index}`) - 1] ?? '')
        if (what === 'restart') await node.follow()
        if (what === 'turn') await node.follow(() => undefined)
        if (what === 'rename' && existsSync(node.file) && !existsSync(`${node.file}.1`))
          await rename(node.file, `${node.file}.1`)
      }
      await node.follow()
      assert.deepEqual(node.messages(), written)
    }),
    inputs(30),
  )
})

type Step = () => unknown

/** The log of a node. `follow` looks at it once, and once more after each of the steps. */
async function aNode(rotate?: { bytes: number; keep: number }) {
  const folder = await mkdtemp(path.join(scratch, 'node-'))
  const file = path.join(folder, 'log', 'handler.log')
  const positionFile = path.join(folder, 'log-position.json')
  const entries: HandlerLogEntry[] = []
  const printed: string[] = []
  const complaints: string[] = []
  const log = pino({}, { write: line => void complaints.push(JSON.parse(line).msg) })
  await mkdir(path.dirname(file))
  const node = {
    file,
    positionFile,
    printed,
    complaints,
    refuse: '',
    messages: () => entries.map(({ msg }) => msg),
    write: (...messages: string[]) =>
      appendFile(file, messages.map(message => `${lineOf(message)}\n`).join('')),
    follow: (...steps: Step[]) =>
      followHandlerLog(
        file,
        {
          onLine: entry => {
            if (entry.msg === node.refuse) throw new Error('no')
            entries.push(entry)
          },
          print: line => void printed.push(line),
          positionFile,
          ...(rotate === undefined ? {} : { rotate }),
          ticks: ticksAround(steps),
          log,
        },
        new AbortController().signal,
      ),
  }
  return node
}

async function* ticksAround(steps: readonly Step[]): AsyncGenerator<void> {
  yield
  for (const step of steps) {
    await step()
    yield
  }
}

function lineOf(msg: string): string {
  return JSON.stringify({ level: 30, time: '2026-11-21T04:21:17.000Z', msg })
}
