import { withCluster } from 'vitest-cluster/test'
import { killOfUnit } from '../kill.ts'
import cluster from './cluster.config.ts'

const test = withCluster(cluster)

// Passes: the run fails because of the service
test('somebody kills the directory', ({ ldap }) => killOfUnit(ldap, ldap.slapd.unit))
