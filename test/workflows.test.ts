import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { it } from 'node:test'
import { parse } from 'yaml'
import { missingProgram } from './build/release/missing-program.ts'

const ROOT = path.resolve(import.meta.dirname, '..')
const textOf = (file: string) => readFileSync(path.join(ROOT, file), 'utf8')

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> }
  readonly uses?: string
  readonly container?: string
  readonly steps?: readonly Step[]
}

interface Workflow {
  readonly on: object
  readonly permissions: object
  readonly jobs: Readonly<Record<string, Job>>
}

const FILES = globSync('.github/workflows/*.yaml', { cwd: ROOT }).toSorted()
const WORKFLOWS = FILES.map(file => ({ file, workflow: parse(textOf(file)) as Workflow }))
const JOBS = WORKFLOWS.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ place: `${path.basename(file)}: ${name}`, job })),
)

/** Who may write what. All else may read the sources, and no more. */
const MAY_WRITE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'release.yaml: publish': { packages: 'write', 'id-token': 'write' },
  'release.yaml: announce': { contents: 'write' },
}

it('there is a workflow for each change, and one for releases', () => {
  assert.deepEqual(
    FILES.map(file => path.basename(file)),
    ['ci.yaml', 'release.yaml'],
  )
})

for (const { file, workflow } of WORKFLOWS) {
  it(`${path.basename(file)}: gives no right to all of its jobs, and none to the code of strangers`, () => {
    assert.deepEqual(workflow.permissions, {})
    assert.ok(!('pull_request_target' in workflow.on))
    assert.ok(!('workflow_run' in workflow.on))
  })
}

for (const { place, job } of JOBS) {
  it(`${place}: has the rights that it needs, and an end`, () => {
    assert.deepEqual(job.permissions, { contents: 'read', ...MAY_WRITE[place] })
    assert.ok(job.uses !== undefined || (job['timeout-minutes'] ?? 0) > 0)
  })

  it(`${place}: what it runs is a script that runs anywhere`, () => {
    for (const { run } of job.steps ?? []) if (run !== undefined) assertScript(run)
  })

  it(`${place}: what it uses is named by its commit`, () => {
    for (const { uses, with: options } of job.steps ?? []) {
      if (uses === undefined) continue
      assert.match(uses, /^actions\/(?:checkout|setup-go|upload-artifact|download-artifact)@[\da-f]{40}$/)
      // Else the token stays in .git/config, for whatever runs afterwards.
      if (uses.startsWith('actions/checkout')) assert.equal(options?.['persist-credentials'], false)
    }
  })
}

it('an action has one commit, and beside it the version that people know', () => {
  const used = FILES.flatMap(file => [...textOf(file).matchAll(/uses: (actions\/\S+)@(\S+)(.*)$/gm)])
  const versions = new Set(used.map(([, name, commit, version]) => `${name} ${commit}${version}`))
  assert.equal(versions.size, new Set(used.map(([, name]) => name)).size)
  for (const version of versions) assert.match(version, / # v\d+\.\d+\.\d+$/)
})

it('an image is built where deploy/Dockerfile builds it, so that both are the same', () => {
  const [, base] = /^ARG BUILD_BASE=(\S+)$/m.exec(textOf('deploy/Dockerfile')) ?? []
  const builders = JOBS.filter(({ job }) => job.container !== undefined)
  assert.deepEqual(
    builders.map(({ place, job }) => [place, job.container]),
    [
      ['ci.yaml: rehearsal', base],
      ['release.yaml: make', base],
    ],
  )
})

it('newcomers come with every npm that .ci/newcomer knows', () => {
  const [, known = ''] = /versions=\((\d[^)]*)\)/.exec(textOf('.ci/newcomer')) ?? []
  const { jobs } = parse(textOf('.github/workflows/ci.yaml')) as Workflow
  assert.deepEqual(jobs.newcomer?.strategy?.matrix.npm, known.split(' '))
})

it('each part of the gate has a machine', () => {
  const [, all = ''] = /all=\((check[^)]*)\)/.exec(textOf('.ci/run')) ?? []
  const { jobs } = parse(textOf('.github/workflows/ci.yaml')) as Workflow
  const parts = [...(jobs.gate?.strategy?.matrix.part ?? []), ...Object.keys(jobs)]
  assert.deepEqual(
    all.split(' ').filter(part => !parts.includes(part)),
    [],
  )
})

it('whoever runs a part of the gate without .ci/run has installed what its tests need', () => {
  for (const { place, job } of JOBS) {
    const runs = (job.steps ?? []).map(({ run = '' }) => run)
    const part = runs.findIndex(run => run.includes('.ci/newcomer'))
    if (part !== -1)
      assert.ok(
        runs.slice(0, part).some(run => run.endsWith('.ci/install')),
        place,
      )
  }
})

it('what a job hands on is written over when it is run again', () => {
  const uploads = JOBS.flatMap(({ job }) => job.steps ?? []).filter(({ uses = '' }) =>
    uses.startsWith('actions/upload-artifact'),
  )
  assert.ok(uploads.length > 0)
  for (const upload of uploads) assert.equal(upload.with?.overwrite, true)
})

it('the job that looks whether a tag is of main has main', () => {
  const { jobs } = parse(textOf('.github/workflows/release.yaml')) as Workflow
  const [checkout] = jobs.check?.steps ?? []
  assert.equal(checkout?.with?.['fetch-depth'], 0)
})

it('the gate fails where the packages cannot be installed, each time', t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'coredog-gate-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(path.join(folder, '.ci'))
  copyFileSync(path.join(ROOT, '.ci/run'), path.join(folder, '.ci/run'))
  writeFileSync(path.join(folder, '.ci/install'), '#!/bin/sh\n', { mode: 0o755 })
  // The first time it works.
  const npm = '#!/bin/sh\n[ "$1" != ci ] || mkdir once 2>/dev/null\n'
  writeFileSync(path.join(folder, 'npm'), npm, { mode: 0o755 })
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` }
  const { status, stdout } = spawnSync('.ci/run', ['test'], { cwd: folder, env, encoding: 'utf8' })
  assert.equal(status, 1)
  assert.doesNotMatch(stdout, /npm run|passed/)
})

it('no script goes on after packages that could not be installed', () => {
  for (const file of ['.ci/run', '.ci/newcomer'])
    assert.doesNotMatch(textOf(file), /^ *npm ci &&/m, `${file}: bash goes on where the first of two fails`)
})

const lacks = missingProgram('actionlint')
it('actionlint finds nothing', { skip: lacks !== null && 'there is no actionlint here' }, () => {
  const { stdout, status } = spawnSync('actionlint', ['-no-color'], { cwd: ROOT, encoding: 'utf8' })
  assert.equal(stdout, '')
  assert.equal(status, 0)
})

it('a script that is not there is found', () => {
  for (const wrong of [
    'npm run nothing',
    'npm run release -- nothing',
    '.ci/nothing',
    'curl https://example.com | sh',
  ])
    assert.throws(() => assertScript(wrong), Error, wrong)
  // GitHub puts such a value into the text of the script before a shell reads it.
  assert.throws(() => assertScript(`npm run release -- check --tag=$\{{ github.ref_name }}`))
})

/** One command in a line: of npm, or of .ci/. */
function assertScript(command: string): void {
  assert.doesNotMatch(command, /\$\{\{|[|;&<>`\n]/, command)
  const words = command.replace(/^sudo (?:env "PATH=\$PATH" )?/, '').split(' ')
  const [program = ''] = words
  if (program.startsWith('.ci/')) accessSync(path.join(ROOT, program), constants.X_OK)
  else assertOfNpm(words)
}

function assertOfNpm([program, verb, name = '', , step = '']: readonly string[]): void {
  assert.equal(program, 'npm')
  if (verb === 'ci') return
  assert.equal(verb, 'run')
  assert.ok(name in parse(textOf('package.json')).scripts, name)
  if (name === 'release') assert.match(STEPS, new RegExp(`^ {2}${step} `, 'm'), step)
}

const STEPS = spawnSync(process.execPath, ['build/release/main.ts', '--help'], {
  cwd: ROOT,
  encoding: 'utf8',
}).stdout
