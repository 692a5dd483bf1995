import fs from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { load } from 'js-yaml';
import type { KubeObject, Rest } from '../../api/rest.ts';

const ourDefinition = path.join(import.meta.dirname, '../../../crds/trafficmonitorgroups.yaml');
export const definitionPath =
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/trafficmonitorgroups.trafficcontrol.cdn';
export const allGroups = '/apis/trafficcontrol.cdn/v1alpha1/trafficmonitorgroups';
const operators =
  '/apis/apps/v1/deployments?labelSelector=app.kubernetes.io%2Fname%3Dtraffic-monitor-operator';

/**
 * Looks whether a cluster is free for a proof. @returns whether the definition of TrafficMonitorGroup has to be brought
 * @throws {Error} that names what is there when somebody uses this operator in it
 */
export async function needsDefinition(admin: Rest): Promise<boolean> {
  const definition = await admin.get(definitionPath);
  const groups = definition === null ? [] : await admin.list(allGroups);
  const found = [
    ...(await admin.list(operators)).map((one) => `operator ${named(one)}`),
    ...groups.map((one) => `TrafficMonitorGroup ${named(one)}`),
  ];
  if (found.length > 0)
    throw new Error(
      `it is in use: ${found.slice(0, 5).join(', ')}${found.length > 5 ? ', …' : ''}. ` +
        'Nothing was changed. Take another cluster; what an earlier run has left goes with its namespace (tmo-e2e-…)',
    );
  if (definition !== null && !isOurs(definition))
    throw new Error(
      `${definition.metadata.name} is there in another version than crds/ has, so that nothing would be proven. ` +
        'Nothing was changed. If nobody needs it: kubectl delete customresourcedefinition, or apply the one in crds/',
    );
  return definition === null;
}

const named = ({ metadata }: KubeObject): string => `${metadata.namespace}/${metadata.name}`;

interface DefinitionSpec {
  readonly versions: readonly { readonly name: string; readonly schema: unknown }[];
}

/** What the API server adds is not in the schemas. */
function isOurs({ spec, metadata }: KubeObject): boolean {
  const ours = load(fs.readFileSync(ourDefinition, 'utf8')) as { readonly spec: DefinitionSpec };
  const schemas = ({ versions }: DefinitionSpec): unknown =>
    versions.map(({ name, schema }) => ({ name, schema }));
  return (
    metadata['deletionTimestamp'] === undefined &&
    isDeepStrictEqual(schemas(spec as DefinitionSpec), schemas(ours.spec))
  );
}
