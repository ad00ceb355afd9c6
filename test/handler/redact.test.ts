import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { redactArguments } from '../../handler/redact.ts'

const cases: { args: string[]; shown: string[] }[] = [
  { args: ['--password=hunter2'], shown: ['--password=***'] },
  { args: ['--db-password', 'hunter2', '--port', '80'], shown: ['--db-password', '***', '--port', '80'] },
  { args: ['-token', 'abc'], shown: ['-token', '***'] },
  { args: ['DB_PASSWORD=x', 'MODE=fast'], shown: ['DB_PASSWORD=***', 'MODE=fast'] },
  { args: ['-Dspring.datasource.password=x'], shown: ['-Dspring.datasource.password=***'] },
  {
    args: ['--api-key=x', '--apikey=x', '--access_key', 'x'],
    shown: ['--api-key=***', '--apikey=***', '--access_key', '***'],
  },
  { args: ['-pS3cret!'], shown: ['-p***'] },
  { args: ['-p8080'], shown: ['-p8080'] },
  { args: ['postgres://app:hunter2@db:5432/shop'], shown: ['postgres://***@db:5432/shop'] },
  { args: ['-H', 'Authorization: Bearer abcdefghijkl'], shown: ['-H', 'Authorization:***'] },
  { args: ['curl Bearer abcdefghijkl'], shown: ['curl Bearer ***'] },
  { args: ['AKIAIOSFODNN7EXAMPLE'], shown: ['***'] },
  { args: ['ghp_abcdefghijklmnopqrst'], shown: ['***'] },
  { args: ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc'], shown: ['***'] },
  { args: ['{"user":"bob","password":"hunter2"}'], shown: ['{"user":"bob","password":***}'] },
  {
    args: ['Server=db;User Id=sa;Password=hunter2;Port=1'],
    shown: ['Server=db;User Id=sa;Password=***;Port=1'],
  },
  {
    args: ['https://b.s3.amazonaws.com/k?X-Amz-Signature=abcdef&x=1'],
    shown: ['https://b.s3.amazonaws.com/k?X-Amz-Signature=***&x=1'],
  },
  { args: ['--token-file=/run/token', '--verbose'], shown: ['--token-file=/run/token', '--verbose'] },
  {
    args: ['/app/server', '--port', '8080', '--config=/etc/app.yaml'],
    shown: ['/app/server', '--port', '8080', '--config=/etc/app.yaml'],
  },
]
for (const { args, shown } of cases) {
  it(`redactArguments() shows ${JSON.stringify(args)} as ${JSON.stringify(shown)}`, () => {
    assert.deepEqual(redactArguments(args), shown)
  })
}

it('redactArguments() lets no value of a secret option through', () => {
  const name = fc.constantFrom('--password', '--auth-token', '--client-secret', '--private-key', '--API_KEY')
  const secret = fc.stringMatching(/^[A-Za-z0-9/+]{12,40}$/)
  fc.assert(
    fc.property(name, secret, fc.boolean(), (option, value, attached) => {
      const shown = redactArguments(attached ? ['app', `${option}=${value}`] : ['app', option, value])
      assert.ok(!shown.join(' ').includes(value), shown.join(' '))
    }),
  )
})
