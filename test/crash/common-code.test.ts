import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isCommonCode } from '../../crash/common-code.ts'

const common = [
  '/usr/lib/x86_64-linux-gnu/libc.so.6',
  '/lib64/libc-2.28.so',
  '/lib64/ld-2.17.so',
  '/usr/lib64/ld-linux-x86-64.so.2',
  '/lib/ld-linux-aarch64.so.1',
  '/lib/ld-musl-x86_64.so.1',
  '/lib/libc.musl-x86_64.so.1',
  '/lib64/libpthread-2.28.so',
  '/usr/lib/libstdc++.so.6.0.30',
  '/usr/lib/libc++abi.so.1',
  '/lib/libgcc_s.so.1',
  '/opt/java/openjdk/lib/server/libjvm.so',
  '/opt/java/openjdk/lib/libjli.so',
  '/usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/libcoreclr.so',
  '/usr/local/bin/node',
  '/usr/lib/libnode.so.108',
  '/usr/local/bin/python3.11',
  '/usr/lib/python3.11/lib-dynload/_ctypes.cpython-311-x86_64-linux-gnu.so',
  '/app/.venv/lib/python3.12/site-packages/_cffi_backend.cpython-312-x86_64-linux-gnu.so',
  '/usr/lib/x86_64-linux-gnu/libffi.so.8.1.2',
  '/usr/lib/libpython3.11.so.1.0',
  '/usr/lib/libtcmalloc_minimal.so.4',
  '/usr/lib/libjemalloc.so.2',
]
for (const path of common) {
  it(`isCommonCode() knows ${path}`, () => assert.equal(isCommonCode(path), true))
}

const own = [
  '/app/server',
  '/app/libshop.so',
  '/app/_ctypes_extra.so',
  '/app/node-agent',
  '/app/libcart.so.2',
  '/libc.so.6/server',
  '/app/javac',
]
for (const path of own) {
  it(`isCommonCode() takes ${path} for the program's own`, () => assert.equal(isCommonCode(path), false))
}

it('isCommonCode() looks at no name longer than a file has', () => {
  assert.equal(isCommonCode(`/libc.so.${'1'.repeat(100_000)}`), false)
})
