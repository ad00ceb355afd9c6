import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { scriptOf } from '../../notify/script.ts'
import { inputs } from '../inputs.ts'

const COMMANDS: readonly (readonly [string, string | null])[] = [
  ['/usr/bin/python3.11 worker.py --queue jobs', 'worker.py'],
  ['/usr/bin/python3 -u -W ignore -X dev /app/worker.py', '… /app/worker.py'],
  ['/usr/bin/python3 -m gunicorn app:web', '… gunicorn'],
  ['/usr/bin/python3 -c print(1)', null],
  ['/usr/bin/python3 -uc print(1)', null],
  ['/usr/bin/python3 -', null],
  ['/usr/bin/python3', null],
  ['/usr/local/bin/node --max-old-space-size=300 -r dotenv/config dist/server.js', '… dist/server.js'],
  ['/usr/local/bin/node -e process.abort()', null],
  ['/usr/local/bin/node --eval process.abort()', null],
  ['/opt/java/bin/java -Xmx1g -cp lib/a.jar:lib/b.jar com.example.Main --port 80', '… com.example.Main'],
  ['/opt/java/bin/java -jar /app/app.jar', '… /app/app.jar'],
  ['/opt/java/bin/java -p mods -m com.example/com.example.Main', '… com.example/com.example.Main'],
  ['/usr/bin/ruby -r ./boot bin/rails server', '… bin/rails'],
  ['/usr/bin/ruby -e exit', null],
  ['/usr/bin/perl5.36.0 -w report.pl', '… report.pl'],
  ['/usr/bin/perl -e die', null],
  ['/usr/bin/php8.2 -d memory_limit=1G artisan queue:work', '… artisan'],
  ['/usr/bin/php8.2 -f index.php', '… index.php'],
  ['/bin/bash -e -o pipefail run.sh', '… run.sh'],
  ['/bin/sh -ec exit', null],
  ['/usr/bin/dotnet Shop.dll', 'Shop.dll'],
  ['/usr/bin/dotnet exec --depsfile a.json Shop.dll', '… Shop.dll'],
  ['/app/server worker.py', null],
]
for (const [command, shown] of COMMANDS) {
  it(`scriptOf() of ${command}`, () => {
    const [executable = '', ...args] = command.split(' ')
    const script = scriptOf(executable, [executable, ...args])
    assert.equal(script && `${script.hasOptions ? '… ' : ''}${script.name}`, shown)
  })
}

it('scriptOf() of any arguments is a bounded name, or null', () => {
  const executable = fc.constantFrom(
    '/bin/sh',
    '/usr/bin/python3',
    '/usr/bin/java',
    '/usr/bin/node',
    '/app/x',
  )
  fc.assert(
    fc.property(executable, fc.array(fc.string({ unit: 'binary' }), { maxLength: 300 }), (file, args) => {
      const script = scriptOf(file, args)
      assert.ok(script === null || (script.name.length > 0 && script.name.length <= 200))
    }),
    inputs(500),
  )
})
