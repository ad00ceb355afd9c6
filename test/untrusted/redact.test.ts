import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { shownArguments } from '../../untrusted/command-line.ts'
import { inputs } from '../inputs.ts'

function shown(...args: string[]): readonly string[] {
  return shownArguments(`${args.join('\0')}\0`)
}

const cases: { args: string[]; seen: string[] }[] = [
  { args: ['--password=hunter2'], seen: ['--password=***'] },
  { args: ['--db-password', 'hunter2', '--port', '80'], seen: ['--db-password', '***', '--port', '80'] },
  { args: ['--password', 'my long secret', '-x'], seen: ['--password', '***', '-x'] },
  { args: ['-token', 'abc'], seen: ['-token', '***'] },
  { args: ['DB_PASSWORD=x', 'MODE=fast'], seen: ['DB_PASSWORD=***', 'MODE=fast'] },
  { args: ['-Dspring.datasource.password=x'], seen: ['-Dspring.datasource.password=***'] },
  {
    args: ['--api-key=x', '--apikey=x', '--access_key', 'x'],
    seen: ['--api-key=***', '--apikey=***', '--access_key', '***'],
  },
  { args: ['-pS3cret!'], seen: ['-p***'] },
  { args: ['-p8080', '-print', '-p8080:80'], seen: ['-p8080', '-print', '-p8080:80'] },
  { args: ['postgres://app:hunter2@db:5432/shop'], seen: ['postgres://***@db:5432/shop'] },
  { args: ['postgres://user:a@hunter2@host/x'], seen: ['postgres://***@host/x'] },
  { args: ['http://h:8080/a@b', 'http://h/@scope/x'], seen: ['http://h:8080/a@b', 'http://h/@scope/x'] },
  { args: ['-H', 'Authorization: Bearer abcdefghijkl'], seen: ['-H', 'Authorization:***'] },
  { args: ['curl Bearer abcdefghijkl'], seen: ['curl Bearer ***'] },
  { args: ['AKIAIOSFODNN7EXAMPLE'], seen: ['***'] },
  { args: ['ghp_abcdefghijklmnopqrst'], seen: ['***'] },
  { args: ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc'], seen: ['***'] },
  { args: ['{"user":"bob","password":"hunter2"}'], seen: ['{"user":"bob","password":***}'] },
  {
    args: ['Server=db;User Id=sa;Password=hunter2;Port=1'],
    seen: ['Server=db;User Id=sa;Password=***;Port=1'],
  },
  {
    args: ['https://b.s3.amazonaws.com/k?X-Amz-Signature=abcdef&x=1'],
    seen: ['https://b.s3.amazonaws.com/k?X-Amz-Signature=***&x=1'],
  },
  { args: ['--token-file=/run/token', '--verbose'], seen: ['--token-file=/run/token', '--verbose'] },
  { args: ['--max-tokens=512', '--tokenizer', 'bpe'], seen: ['--max-tokens=512', '--tokenizer', 'bpe'] },
  {
    args: ['/app/server', '--port', '8080', '--config=/etc/app.yaml'],
    seen: ['/app/server', '--port', '8080', '--config=/etc/app.yaml'],
  },
  {
    args: ['docker', 'run', '-u', '1000:1000', '-p', '80:80'],
    seen: ['docker', 'run', '-u', '1000:1000', '-p', '80:80'],
  },
  {
    args: ['sh', '-c', "curl -H 'Cookie: a=b; c=d' http://h/x --fail"],
    seen: ['sh', '-c', "curl -H 'Cookie: ***' http://h/x --fail"],
  },
  {
    args: ['sh', '-c', 'app --password hunter2 --port 80 && echo done'],
    seen: ['sh', '-c', 'app --password *** --port 80 && echo done'],
  },
  ...[
    ['docker', 'run', 'localhost:5000/app:1.2@sha256:abcdef0123456789', '--peer', 'node-1:2380@10.0.0.1'],
    ['rsync', '-avu', 'host:/path', 'bob@host:/path', 'mailto:bob@example.com'],
    ['sh', '-c', 'cd /x;A=b ./run --port 80; for i in $(seq 1 10); do echo $i; done'],
    ['curl', '-sSfL', '-H', 'Content-Type: application/json', 'http://h:8080/x'],
    ['p4', '-p', 'ssl:h:1666', 'name:value', '12:30:45', '[::1]:80'],
  ].map(args => ({ args, seen: args })),
  {
    args: ['DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=aGVsbG8=;EndpointSuffix=x'],
    seen: ['DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=***;EndpointSuffix=x'],
  },
]
for (const { args, seen } of cases) {
  it(`shownArguments() shows ${JSON.stringify(args)} as ${JSON.stringify(seen)}`, () => {
    assert.deepEqual(shown(...args), seen)
  })
}

/**
 * Ways in which people write a secret on a command line, each of them met with a program that takes it so.
 */
const SPELLINGS: readonly string[][] = [
  ...[
    'password',
    'passwd',
    'pass',
    'pwd',
    'passphrase',
    'secret',
    'token',
    'api-key',
    'apikey',
    'access-key',
  ].flatMap(name => [
    [`--${name}=OPENSESAME`],
    [`--${name}`, 'OPENSESAME'],
    ['sh', '-c', `app --${name} OPENSESAME -v`],
    [`app.${name}:OPENSESAME`],
  ]),
  ...[
    'PGPASSWORD',
    'MYSQL_PWD',
    'REDISCLI_AUTH',
    'SSHPASS',
    'AWS_SECRET_ACCESS_KEY',
    'GITHUB_TOKEN',
    'DB_DSN',
  ].flatMap(name => [
    [`${name}=OPENSESAME`],
    ['env', `${name}=OPENSESAME`, 'app'],
    ['sh', '-c', `export ${name}='OPENSESAME'; app`],
  ]),
  ['curl', '-u', 'user:OPENSESAME', 'http://h'],
  ['curl', '-uuser:OPENSESAME'],
  ['curl', '--user=user:OPENSESAME'],
  ['curl', '--proxy-user', 'user:OPENSESAME'],
  ['sh', '-c', 'curl -u user:OPENSESAME http://h'],
  ['sh', '-c', 'curl -u "user:OPENSESAME" http://h'],
  ['curl', '--oauth2-bearer', 'OPENSESAME'],
  ['curl', '--header=Cookie: a=OPENSESAME'],
  ['curl', '-b', 'session=OPENSESAME'],
  ['curl', '-H', 'X-Api-Key: OPENSESAME'],
  ['curl', '-H', 'X-Auth-Token:OPENSESAME'],
  ['curl', '-HAuthorization: Basic OPENSESAME'],
  ['sh', '-c', 'curl -H "PRIVATE-TOKEN: OPENSESAME" http://h'],
  ['curl', 'http://h/?access_token=OPENSESAME'],
  ['curl', 'http://h/?a=b&api_key=OPENSESAME'],
  ['curl', 'http://h/#id_token=OPENSESAME'],
  ['curl', 'https://a.blob.core.windows.net/c?sv=2024&sig=OPENSESAME'],
  ['curl', 'https://hooks.slack.com/services/T0/B0/OPENSESAME'],
  ['curl', 'https://open.feishu.cn/open-apis/bot/v2/hook/OPENSESAME'],
  ['curl', 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=OPENSESAME'],
  ['curl', 'https://oapi.dingtalk.com/robot/send?access_token=OPENSESAME'],
  ['curl', 'https://discord.com/api/webhooks/1/OPENSESAME'],
  ['curl', 'https://x.webhook.office.com/webhookb2/OPENSESAME'],
  ['curl', 'https://api.telegram.org/bot123456:OPENSESAME/sendMessage'],
  ['mysql', '-pOPENSESAME', 'shop'],
  ['sh', '-c', 'mysqldump -u root -pOPENSESAME shop'],
  ['mysqladmin', '--password=OPENSESAME', 'ping'],
  ['mongosh', '-u', 'root', '-p', 'OPENSESAME'],
  ['sshpass', '-p', 'OPENSESAME', 'ssh', 'h'],
  ['sshpass', '-pOPENSESAME', 'ssh', 'h'],
  ['sh', '-c', 'docker login -u bob -p OPENSESAME registry'],
  ['redis-cli', '-a', 'OPENSESAME', 'ping'],
  ['redis-server', '--requirepass', 'OPENSESAME'],
  ['redis-cli', 'config', 'set', 'requirepass', 'OPENSESAME'],
  ['sqlcmd', '-P', 'OPENSESAME'],
  ['ipmitool', '-P', 'OPENSESAME'],
  ['zip', '-P', 'OPENSESAME', 'x'],
  ['7z', 'a', '-pOPENSESAME', 'x'],
  ['ldapsearch', '-w', 'OPENSESAME'],
  ['snmpwalk', '-A', 'OPENSESAME', '-X', 'OPENSESAME'],
  ['smbclient', '-U', 'user%OPENSESAME'],
  ['openssl', 'enc', '-k', 'OPENSESAME'],
  ['openssl', 'rsa', '-passin', 'pass:OPENSESAME'],
  ['sqlplus', 'scott/OPENSESAME@db'],
  ['rabbitmqctl', 'add_user', 'bob', 'OPENSESAME'],
  ['vault', 'login', 'OPENSESAME'],
  ['lftp', '-u', 'user:OPENSESAME'],
  ['aws', 'configure', 'set', 'aws_secret_access_key', 'OPENSESAME'],
  ['helm', '--set', 'auth.rootPassword=OPENSESAME'],
  ['kubectl', 'create', 'secret', 'generic', 'x', '--from-literal=password=OPENSESAME'],
  ['docker', 'run', '-eDB_PASSWORD=OPENSESAME', 'x'],
  ['mount', '-o', 'username=bob,password=OPENSESAME'],
  ['psql', 'host=h password=OPENSESAME dbname=x'],
  ['psql', 'postgres://user:a@OPENSESAME@host/x'],
  ['psql', 'postgres://user:a/b?OPENSESAME@host/x'],
  ['app', 'redis://:OPENSESAME@host'],
  ['app', 'amqp://u:p@h1,amqp://u:OPENSESAME@h2'],
  ['app', 'mongodb+srv://u:OPENSESAME@h1,h2/x'],
  ['app', 'jdbc:mysql://h/x?user=u&password=OPENSESAME'],
  ['git', 'clone', 'https://OPENSESAME@github.com/x'],
  ['git', '-c', 'http.extraHeader=Authorization: Basic OPENSESAME'],
  ['java', '-Djavax.net.ssl.keyStorePassword=OPENSESAME'],
  ['java', '-Dsasl.jaas.config=x required username="u" password="OPENSESAME";'],
  ['app', 'Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=OPENSESAME'],
  ['app', 'AccountName=x;AccountKey=OPENSESAME=='],
  ['app', '{"db":{"password": "OPENSESAME"}}'],
  ['app', "{'clientSecret': 'OPENSESAME'}"],
  ['sh', '-c', 'app -d "{\\"password\\": \\"OPENSESAME\\"}"'],
  ['app', 'password: OPENSESAME'],
  ['mysql', '-e', "ALTER USER u IDENTIFIED BY 'OPENSESAME'"],
  ['psql', '-c', "ALTER USER u PASSWORD 'OPENSESAME'"],
  ['sh', '-c', 'PASS=ab"OPENSESAME"cd app'],
  ['app', '--password=a,OPENSESAME;b'],
  ['app', '--signing-key', 'OPENSESAME'],
  ['app', '--encryptionKey=OPENSESAME'],
  // Where the name stands behind a quotation mark, in a list, in a tag, or in a call.
  ['sh', '-c', `app "--password" "OPENSESAME"`],
  ['sh', '-c', `app '--password=two OPENSESAME' --port 80`],
  ['sh', '-c', 'app --password $(echo OPENSESAME)'],
  ['sh', '-c', 'TOKEN=`cat OPENSESAME` app'],
  ['sh', '-c', 'app --password \\\n OPENSESAME'],
  ['python', '-c', `os.environ['PASSWORD']='OPENSESAME'`],
  ['python', '-c', `d={'password': '''OPENSESAME'''}`],
  ['php', '-r', `define('DB_PASSWORD', 'OPENSESAME');`],
  ['ruby', '-e', `login(:password => 'OPENSESAME')`],
  ['go', 'run', 'password := "OPENSESAME"'],
  ['app', '<password>OPENSESAME</password>'],
  ['app', '<add key="Password" value="OPENSESAME"/>'],
  ['app', '[{"name":"PASSWORD","value":"OPENSESAME"}]'],
  ['app', '{"passwords":["a","OPENSESAME"]}'],
  ['app', 'Server=db;Password=two OPENSESAME;Port=1'],
  ['app', 'https://h/%3Ftoken%3DOPENSESAME'],
  ['app', '--密码=OPENSESAME'],
  ['app', '密码：OPENSESAME'],
  ['dotnet', 'x.dll', '--Jwt:Key', 'OPENSESAME'],
  // A user's, without a scheme.
  ['app', '--db', 'root:OPENSESAME@tcp(db:3306)/shop'],
  ['app', 'root:OPENSESAME@unix(/run/x)/shop'],
  ['curl', '--proxy', 'u:OPENSESAME@proxy:3128'],
  ['app', 'jdbc:oracle:thin:scott/OPENSESAME@//h:1521/x'],
  // Of one program.
  ['curl', '-sSLu', 'user:OPENSESAME', 'http://h'],
  ['sh', '-c', "curl -su 'user:OPENSESAME' http://h"],
  ['curl', '-b', 'a=b; sid=OPENSESAME'],
  ['sh', '-c', "curl -sb 'sid=OPENSESAME' http://h"],
  ['curl', '--cert', 'cert.pem:OPENSESAME'],
  ['oc', 'login', '-u', 'a', '-p', 'OPENSESAME'],
  ['twine', 'upload', '-pOPENSESAME'],
  ['cypher-shell', '-u', 'neo4j', '-p', 'OPENSESAME'],
  ['mosquitto_pub', '-P', 'OPENSESAME'],
  ['redis-cli', 'AUTH', 'OPENSESAME'],
  ['redis-cli', 'AUTH', 'default', 'OPENSESAME'],
  ['redis-sentinel', '--sentinel', 'auth-pass', 'shop', 'OPENSESAME'],
  ['htpasswd', '-b', 'file', 'bob', 'OPENSESAME'],
  ['htpasswd', '-nb', 'bob', 'OPENSESAME'],
  ['sh', '-c', 'echo bob:OPENSESAME | chpasswd'],
  ['mc', 'alias', 'set', 'm', 'http://h', 'KEYID', 'OPENSESAME'],
  ['http', '-a', 'u:OPENSESAME', 'h'],
  ['lftp', '-u', 'u,OPENSESAME', 'h'],
  ['vault', 'kv', 'put', 'secret/x', 'foo=OPENSESAME'],
  ['vault', 'operator', 'unseal', 'OPENSESAME'],
  ['cargo', 'login', 'OPENSESAME'],
  ['npm', 'config', 'set', '//r/:_authToken', 'OPENSESAME'],
  ['mysql', '-e', "ALTER USER u IDENTIFIED WITH caching_sha2_password BY 'OPENSESAME'"],
  ['mysql', '-e', "SET PASSWORD FOR u = 'OPENSESAME'"],
  // By its shape.
  ['app', 'dckr_pat_OPENSESAMEOPENSESAME'],
  ['app', 'gsk_OPENSESAMEOPENSESAME'],
  ['app', '123456789:AAOPENSESAMEOPENSESAME'],
  ['app', '-----BEGIN RSA PRIVATE KEY-----\nOPENSESAME\n-----END RSA PRIVATE KEY-----'],
]
for (const args of SPELLINGS) {
  it(`shownArguments() hides the secret of ${JSON.stringify(args.join(' '))}`, () => {
    const seen = shown(...args)
    assert.equal(seen.length, args.length)
    assert.ok(!seen.join(' ').includes('OPENSESAME'), seen.join(' '))
  })
}

it('shownArguments() lets no value of a secret option through', () => {
  const name = fc.constantFrom('--password', '--auth-token', '--client-secret', '--private-key', '--API_KEY')
  const secret = fc.stringMatching(/^[A-Za-z0-9/+]{12,40}$/)
  fc.assert(
    fc.property(name, secret, fc.boolean(), (option, value, attached) => {
      const seen = attached ? shown('app', `${option}=${value}`) : shown('app', option, value)
      assert.ok(!seen.join(' ').includes(value), seen.join(' '))
    }),
    inputs(3000),
  )
})

it('shownArguments() keeps as many arguments as there are, whatever is in them', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string().filter(text => !text.includes('\0')),
        { minLength: 1 },
      ),
      args => {
        assert.equal(shown(...args).length, args.length)
      },
    ),
    inputs(3000),
  )
})

it('shownArguments() cuts what is longer than anybody reads, and leaves no half of a secret', () => {
  const long = `${'/jar:'.repeat(900)}postgres://u:hunter2${'x'.repeat(4096)}@h`
  const [first = '', ...others] = shown('java', '-cp', long, 'a'.repeat(32_700)).slice(2)
  assert.match(first, /^(?:\/jar:)+….*$/s)
  assert.ok(first.length <= 4097)
  assert.deepEqual(others, ['…'])
  assert.equal(shown(...Array.from({ length: 5000 }, () => 'x')).length, 513)
})
