import { cluster } from './definition.ts'
import { begin } from './phase.ts'

// The set-up loads this right before it opens the session; tests import the definition
begin('open')

export default cluster
