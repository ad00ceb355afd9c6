import assert from 'node:assert/strict'
import { it } from 'node:test'
import { shownArguments } from '../../untrusted/command-line.ts'
import { countSteps } from '../fakes/counting-regexp.ts'

/** Runs of what the patterns look for, each the beginning of something that never comes to its end. */
const HOSTILE = [
  ...['a', 'A', '0', '-', '.', ' ', '=', ':', '"', "'", '@', '/', ',', '\\', '_', '%', '\t', '\n'],
  ...[
    'a ',
    'a=',
    'a:',
    '"a',
    "'a",
    '-a ',
    'a,',
    'a"',
    '\\"',
    '://',
    'a://',
    'a@',
    ':a@',
    'a://a:',
    '-p',
    ' -p',
    ' -u a',
  ],
  ...[
    'eyJ',
    '-eyJa',
    'ghp_',
    'basic ',
    'bearer  ',
    '-----BEGIN ',
    '/hook/',
    '/bot1',
    'password',
    'password ',
    ' password=,',
  ],
  ...[
    '--password ',
    'cookie:',
    'cookie: ;',
    'identified by ',
    'mysql -p',
    'docker ',
    'docker login ',
    'vault ',
    ' a/',
    'key',
  ],
  ...[
    '`',
    '$(',
    '[',
    '{',
    "'''",
    'a:b@',
    'a;b=',
    '<a',
    '"--password=',
    "','",
    '"value',
    '%3d',
    '\\\n',
    '密码',
    'identified with a ',
  ],
  ...['curl -b a', 'curl -sua', 'redis-cli AUTH ', 'htpasswd -bn ', 'mc set a ', 'vault kv a', 'chpasswd a'],
].flatMap(unit => [unit, `mysql redis-cli sqlplus vault login docker login -p ${unit}`])

const LENGTH = 300
// Of all patterns together, with the bounds of their runs: 128 for a name, and as much again for what
// follows.
const MOST_STEPS_A_CHARACTER = 3000

it('shownArguments() looks at each character of a hostile argument a bounded number of times', () => {
  for (const unit of HOSTILE) {
    const [once = 0, twice = 0] = [LENGTH, 2 * LENGTH].map(length => {
      const text = unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
      return countSteps(() => void shownArguments(text))
    })
    assert.ok(
      twice < 2.5 * once + 10_000,
      `${JSON.stringify(unit)}: ${once} steps, ${twice} for twice as much`,
    )
    assert.ok(once < MOST_STEPS_A_CHARACTER * LENGTH, `${JSON.stringify(unit)}: ${once} steps`)
  }
})
