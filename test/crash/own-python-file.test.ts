import assert from 'node:assert/strict'
import { it } from 'node:test'
import { isOwnPythonFile } from '../../crash/own-python-file.ts'

const OWN = [
  '/app/worker.py',
  '/app/lib/worker.py',
  '/usr/lib/python3/dist-packages/yaml/__init__.py',
  '/usr/local/lib/python3.12/site-packages/shop/cart.py',
  '/app/.venv/lib/python3.13/site-packages/celery/app.py',
  '<string>',
  '<stdin>',
  'worker.py',
]
const STANDARD = [
  '/usr/lib/python3.11/json/__init__.py',
  '/usr/local/lib/python3.13/threading.py',
  '/opt/python/lib/python3.13t/asyncio/runners.py',
  '/usr/lib64/python3.12/ctypes/__init__.py',
  '/usr/lib/python311.zip/json/decoder.py',
  '<frozen importlib._bootstrap>',
]
for (const file of OWN)
  it(`isOwnPythonFile() takes ${file} for the program's own`, () => assert.ok(isOwnPythonFile(file)))
for (const file of STANDARD)
  it(`isOwnPythonFile() takes ${file} for Python's`, () => assert.ok(!isOwnPythonFile(file)))
