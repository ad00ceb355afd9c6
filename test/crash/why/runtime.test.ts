import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ElfImage } from '../../../crash/image/elf-image.ts'
import { runtimeOf } from '../../../crash/why/runtime.ts'

/** As Debian, the images of Docker and the makers' own packages have them. */
const PATHS: readonly (readonly [string, string | null])[] = [
  ['/usr/bin/python3.11', 'Python 3.11'],
  ['/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0', 'Python 3.11'],
  ['/root/.pyenv/versions/3.10.13/bin/python3.10', 'Python 3.10'],
  ['/usr/bin/python3', 'Python'],
  ['/usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so', 'Java'],
  ['/usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.4/libcoreclr.so', '.NET 8.0.4'],
  ['/app/libcoreclr.so', '.NET'],
  ['/usr/local/bin/node', 'Node.js'],
  ['/usr/lib/x86_64-linux-gnu/libnode.so.108', 'Node.js'],
  ['/usr/bin/ruby3.1', 'Ruby 3.1'],
  ['/usr/lib/x86_64-linux-gnu/libruby-3.1.so.3.1.2', 'Ruby 3.1'],
  ['/usr/local/lib/libruby.so.3.3', 'Ruby'],
  ['/usr/sbin/php-fpm8.2', 'PHP 8.2'],
  ['/usr/local/bin/php', 'PHP'],
  ['/usr/lib/apache2/modules/libphp8.2.so', 'PHP 8.2'],
  ['/usr/bin/perl', 'Perl'],
  ['/usr/lib/x86_64-linux-gnu/libperl.so.5.36.0', 'Perl 5.36'],
  ['/usr/lib/erlang/erts-13.1.5/bin/beam.smp', 'Erlang'],
  ['/usr/lib/x86_64-linux-gnu/libc.so.6', null],
  ['/usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30', null],
  ['/lib/ld-musl-x86_64.so.1', null],
  ['/app/python-worker', null],
  ['/app/nodejs/server', null],
]
for (const [path, said] of PATHS)
  it(`runtimeOf() a process with ${path}`, () => {
    assert.equal(
      shown(
        runtimeOf([
          { path: '/app/server', image: null },
          { path, image: null },
        ]),
      ),
      said,
    )
  })

it('runtimeOf() a program of Go or Rust has the version that its compiler wrote', () => {
  const go = Buffer.alloc(64)
  go.write('\xff Go buildinf:', 'latin1')
  go[15] = 2
  go[32] = 8
  go.write('go1.22.1garbage', 33, 'latin1')
  const rust = Buffer.from('GCC: (Debian 12.2.0-14) 12.2.0\0rustc version 1.95.0 (59807616e 2026-04-14)\0')
  const python = { path: '/usr/bin/python3.11', image: null }
  const program = (sections: Record<string, Buffer>) => ({ path: '/app', image: image(sections) })
  assert.equal(shown(runtimeOf([program({ '.go.buildinfo': go }), python])), 'Go 1.22.1')
  assert.equal(shown(runtimeOf([program({ '.comment': rust }), python])), 'Rust 1.95.0')
  assert.equal(shown(runtimeOf([program({ '.go.buildinfo': Buffer.alloc(3) })])), 'Go')
  assert.equal(shown(runtimeOf([python, program({ '.comment': rust })])), 'Python 3.11')
  assert.equal(runtimeOf([]), null)
})

function shown(runtime: ReturnType<typeof runtimeOf>): string | null {
  return runtime && [runtime.name, runtime.version].filter(Boolean).join(' ')
}

function image(sections: Record<string, Buffer>): ElfImage {
  const section = (name: string) => (name in sections ? { name } : undefined)
  const read = ({ name }: { name: string }) => sections[name] ?? null
  return { section, read } as unknown as ElfImage
}
