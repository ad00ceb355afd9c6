import assert from 'node:assert/strict'
import { it } from 'node:test'
import { argumentsFor } from '../../../../cli/debug/in-cluster/exec.ts'

const PLACE = { kubectl: '/bin/kubectl', namespace: 'shop', pod: 'coredog-debug-x-y' }
const EXEC = ['exec', '--quiet', '-i', '-n', 'shop', 'coredog-debug-x-y', '-c', 'debugger', '--']

it('argumentsFor() leads kubectl to the cluster and the user that we ask ourselves', () => {
  const options = {
    kubeconfig: '/k',
    context: 'lab',
    as: 'jane',
    asGroup: ['dev', 'ops'],
    requestTimeout: 30,
  }
  assert.deepEqual(argumentsFor({ ...PLACE, options }, ['-i']), [
    ...['--kubeconfig=/k', '--context=lab', '--as=jane', '--as-group=dev', '--as-group=ops'],
    ...EXEC,
  ])
  assert.deepEqual(argumentsFor({ ...PLACE, options: { requestTimeout: 30 } }, ['-i']), EXEC)
})
