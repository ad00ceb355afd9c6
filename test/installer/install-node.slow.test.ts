import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'

const MAIN = path.resolve(import.meta.dirname, '../../installer/main.ts')
const APPORT = '|/usr/share/apport/apport -p%p -s%s -c%c -d%d -P%P -u%u -g%g -- %E\n'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'coredog-install-'))
  for (const name of ['root/usr/local/bin', 'kernel', 'conf'])
    mkdirSync(path.join(folder, name), { recursive: true })
  writeFileSync(path.join(folder, 'kernel/core_pattern'), APPORT)
  writeFileSync(path.join(folder, 'kernel/core_pipe_limit'), '0\n')
})
afterEach(() => rmSync(folder, { recursive: true }))

function installer(command: string, ...more: readonly string[]) {
  const node = [`--host-root=${folder}/root`, `--proc-sys=${folder}/kernel`, `--handler=${process.execPath}`]
  return spawnSync(process.execPath, [MAIN, command, ...node, ...more], { encoding: 'utf8' })
}

/** Every name below the scratch folder, and the kernel's settings. */
function everything(): object {
  const names = readdirSync(folder, { recursive: true }).toSorted()
  const [pattern, limit] = ['core_pattern', 'core_pipe_limit'].map(name =>
    readFileSync(path.join(folder, 'kernel', name), 'utf8'),
  )
  return { names, pattern, limit }
}

function configure(text: string): string {
  writeFileSync(path.join(folder, 'conf/coredog.yaml'), text)
  return `--config-dir=${folder}/conf`
}

describe('coredog-handler installer install refuses, and touches nothing,', () => {
  const refusals: { name: string; options: () => readonly string[]; said: RegExp }[] = [
    {
      name: 'without a configuration',
      options: () => [],
      said: /^Cannot install without a configuration: .*\nWrite a coredog\.yaml .*--config-dir\.\n$/,
    },
    {
      name: 'with a configuration that cannot be used',
      options: () => [configure('StorageConfig: {protocol: ftp}\n')],
      said: /ftp/,
    },
    {
      name: 'with a store that does not work',
      options: () => [configure(`StorageConfig: {protocol: cfs, CFSMountPath: ${folder}/unmounted}\n`)],
      said: /^Cannot install: the store does not work\. .*does not exist\nMount the file system there/,
    },
    {
      name: 'with a root that is not there',
      options: () => [
        configure(`StorageConfig: {protocol: cfs, CFSMountPath: ${folder}}\n`),
        `--host-root=${folder}/nowhere`,
      ],
      said: /^Cannot find the node: there is no directory/,
    },
  ]
  for (const { name, options, said } of refusals) {
    it(name, () => {
      const given = options()
      const before = everything()
      const { status, stdout, stderr } = installer('install', ...given)
      assert.deepEqual(everything(), before)
      assert.match(stderr, said)
      assert.deepEqual([status, stdout], [1, ''])
    })
  }
})

it('coredog-handler installer status says of a machine without CoreDog that it is not installed', () => {
  const { status, stdout } = installer('status')
  assert.match(stdout, /^CoreDog is not installed on this node\.\n {2}To install it: /)
  assert.doesNotMatch(stdout, /\ncores go /)
  assert.doesNotMatch(stdout, /DaemonSet\)|another/)
  assert.equal(status, 1)
})

it('coredog-installer shows in the help of each command what means something to it', () => {
  const shown = (command: string) => {
    const { stdout } = spawnSync(process.execPath, [MAIN, command, '--help'], { encoding: 'utf8' })
    return [...stdout.matchAll(/^ +(?:-\w, )?--([a-z-]+)/gm)].map(([, name]) => name).toSorted()
  }
  const places = ['config-dir', 'help', 'host-root', 'install-dir', 'secrets-dir']
  assert.deepEqual(shown('restore'), places)
  assert.deepEqual(shown('status'), [...places, 'json'].toSorted())
  assert.deepEqual(shown('install'), [...places, 'handler', 'container-nodes'].toSorted())
  assert.deepEqual(
    shown('run'),
    [...places, 'handler', 'daemon-set', 'node-ip', 'node-name', 'port'].toSorted(),
  )
})
