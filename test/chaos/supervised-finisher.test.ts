import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, it } from 'node:test'
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import { SupervisedFinisher } from './supervised-finisher.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'coredog-supervised-'))
after(() => rmSync(folder, { recursive: true }))

const program = path.join(folder, 'finisher.mjs')
// It needs longer to begin than the kubelet waits before it starts it again.
writeFileSync(
  program,
  `import { setTimeout as pause } from 'node:timers/promises'
   import { writeFileSync } from 'node:fs'
   const [file] = process.argv.slice(2)
   await pause(300)
   writeFileSync(file, '')
   process.stdin.resume()`,
)

it('a finisher that is started while the kubelet waits to start it again is one, and it ends', {
  timeout: 120_000,
}, async () => {
  const began = path.join(folder, 'began')
  const host = { configFile: began, finisherLog: path.join(folder, 'log') }
  const finisher = new SupervisedFinisher(program, host, [{ at: 'chat', count: 1 }])
  finisher.start()
  finisher.sees('chat')
  while (finisher.isRunning) await turn()
  await finisher.stop()
  finisher.start()
  while (!existsSync(began)) await pause(10)
  assert.equal(processesOfOurs(), 1)
  await finisher.stop()
  assert.equal(processesOfOurs(), 0)
})

function processesOfOurs(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
  return children.split(' ').filter(pid => pid !== '').length
}
