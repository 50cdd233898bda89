import { execa } from 'execa'
import { expect, test } from 'vitest'
import { libexec } from '../../src/libexec.ts'
import { temporaryDirectory } from '../helpers/temporary.ts'

const ROTATIONS = 1_500

/** Renames the file and creates it anew, with a moment between, while it is copied in a loop. */
const ROTATE = `
: >app.log
sh "$0" make "$PWD/state" - "$PWD/app.log"
sh "$0" follow "$PWD/state" "$PWD/app.log" &
while [ ! -e state/1 ]; do sleep 0.01; done
n=0
while [ $n -lt ${ROTATIONS} ]; do
  mv app.log app.log.1
  sleep 0.003
  echo $n >app.log
  n=$((n + 1))
done &
rotating=$!
while kill -0 $rotating 2>/dev/null; do sh "$0" copy "$PWD/state" "$PWD/app.log" >/dev/null; done
`

test('a file that is renamed at any moment is not reported as unreadable', async () => {
  const cwd = await temporaryDirectory()
  const own = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child']
  const argv = [...own, 'sh', '-c', ROTATE, libexec('log-files.sh')]
  const [program = '', ...rest] = argv
  const { stderr } = await execa(program, rest, { cwd, stdout: 'ignore' })
  expect(stderr).toBe('')
})
