import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder } from '../../fakes/core-file.ts'
import { findProgram } from '../../installed-program.ts'

const [ALERTMANAGER, AMTOOL] = ['alertmanager', 'amtool'].map(findProgram)

/** Why there is none here; `false`: there is one. */
export function noAlertmanager(): string | false {
  return (!ALERTMANAGER || !AMTOOL) && 'alertmanager or amtool is not installed; .ci/install builds them'
}

/** What is asked of it and its amtool. */
export interface RealAlertmanager {
  readonly url: string
  readonly amtool: (...args: string[]) => string
  /** As of a node that was lost: it forgets its alerts, and keeps its silences. */
  readonly restart: () => Promise<void>
}

/** A real one, which tells `webhookUrl` of groups by namespace, without waiting. */
export async function startAlertmanager(t: TestContext, webhookUrl: string): Promise<RealAlertmanager> {
  const folder = temporaryFolder(t)
  const file = path.join(folder, 'alertmanager.yml')
  writeFileSync(file, configuration(webhookUrl))
  let child: ChildProcess | null = null
  t.after(() => child?.kill('SIGKILL'))
  const start = async (listen: string) => {
    const args = [`--config.file=${file}`, `--storage.path=${folder}`, `--web.listen-address=${listen}`]
    child = spawn(ALERTMANAGER!, [...args, '--cluster.listen-address='], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const lines = createInterface(child.stderr!)
    for await (const line of lines) {
      const [, address] = /msg="Listening on".* address=(\S+)/.exec(line) ?? []
      if (address === undefined) continue
      child.stderr!.resume()
      return address
    }
    throw new Error('alertmanager ended')
  }
  const address = await start('127.0.0.1:0')
  const url = `http://${address}`
  await isReady(url)
  return {
    url,
    amtool: (...args) => {
      const { stdout, stderr, status } = spawnSync(AMTOOL!, [`--alertmanager.url=${url}`, ...args], {
        encoding: 'utf8',
        env: { ...process.env, HOME: folder },
      })
      if (status !== 0) throw new Error(stderr)
      return stdout
    },
    restart: async () => {
      const ended = once(child!, 'exit')
      child!.kill('SIGTERM')
      await ended
      await start(address)
      await isReady(url)
    },
  }
}

async function isReady(url: string): Promise<void> {
  while (
    !(await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ))
  )
    await sleep(20)
}

function configuration(webhookUrl: string): string {
  return `
route:
  receiver: test
  group_by: [namespace]
  group_wait: 1s
  group_interval: 1s
receivers:
  - name: test
    webhook_configs: [{url: "${webhookUrl}", send_resolved: true}]
`
}
