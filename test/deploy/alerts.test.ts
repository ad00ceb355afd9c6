import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import { execa } from 'execa'
import { parse, stringify } from 'yaml'
import { documentOf } from '../docs/documents.ts'
import { findProgram } from '../installed-program.ts'
import { type Manifest, objectsOf } from './objects.ts'

const TESTS = path.join(import.meta.dirname, 'alerts.test.yaml')
const [{ spec }] = objectsOf('chart/monitoring/prometheus-rule.yaml') as [Manifest]
const RULES: readonly Rule[] = spec.groups.flatMap(({ rules }: { rules: readonly Rule[] }) => rules)

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
}

interface RuleTests {
  readonly tests: readonly {
    readonly alert_rule_test: readonly {
      readonly alertname: string
      readonly exp_alerts: readonly object[]
    }[]
  }[]
}

describe('the alerts of deploy/chart/monitoring', () => {
  const promtool = findProgram('promtool')
  const skip = promtool === null && 'promtool is not installed; .ci/install builds it'

  it('are rules for Prometheus, and come when they should', { skip }, async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'coredog-alerts-'))
    try {
      await writeFile(path.join(folder, 'alerts.yaml'), stringify(spec))
      await cp(TESTS, path.join(folder, 'tests.yaml'))
      for (const args of [
        ['check', 'rules', '--lint=all', '--lint-fatal', 'alerts.yaml'],
        ['test', 'rules', 'tests.yaml'],
      ]) {
        const { exitCode, all } = await execa(promtool!, args, { cwd: folder, all: true, reject: false }) // skipped without it
        assert.equal(exitCode, 0, all)
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('are each expected to come in a test, and to stay away', () => {
    const { tests } = parse(readFileSync(TESTS, 'utf8')) as RuleTests
    const cases = tests.flatMap(({ alert_rule_test: asked }) => asked)
    const names = (comes: boolean) =>
      new Set(
        cases
          .filter(({ exp_alerts: wanted }) => wanted.length > 0 === comes)
          .map(({ alertname }) => alertname),
      )
    const alerts = RULES.map(({ alert }) => alert).toSorted()
    assert.deepEqual([...names(true)].toSorted(), alerts)
    assert.deepEqual([...names(false)].toSorted(), alerts)
  })

  it('are in the table of docs/metrics.md, with how bad it is', () => {
    const rows = [...documentOf('docs/metrics.md').prose.matchAll(/^\| `(CoreDog\w+)` \| (\w+) \|/gm)]
    assert.deepEqual(
      rows.map(([, alert, severity]) => [alert, severity]),
      RULES.map(({ alert, labels }) => [alert, labels.severity]),
    )
  })
})
