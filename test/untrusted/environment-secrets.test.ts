import assert from 'node:assert/strict'
import { it } from 'node:test'
import { secretsInEnvironment } from '../../untrusted/environment-secrets.ts'

it('secretsInEnvironment() has the values of names that say so', () => {
  const environment = [
    'PATH=/bin',
    'PWD=/srv/shop',
    'OLDPWD=/srv/shop',
    'DB_PWD=p',
    'DB_PASSWORD=a=b',
    'API_KEY=k',
    '=x',
    'TOKEN_FILE=/run/t',
    'EMPTY_TOKEN=',
    'DATABASE_URL=postgres://app:p%40ssw0rd1@db/shop',
  ].join('\0')
  assert.deepEqual([...secretsInEnvironment(environment)], ['p', 'a=b', 'k', '', 'p%40ssw0rd1', 'p@ssw0rd1'])
})
