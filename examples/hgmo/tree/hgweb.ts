import { checkoutAt } from '../checkout.ts'
import { base } from './base.ts'

export const hgweb = base.with(checkoutAt('/var/hg/version-control-tools'))
