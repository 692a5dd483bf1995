import { dump } from 'js-yaml';
import { customResourceDefinition } from '../operator/api/v1alpha1/custom-resource-definition.ts';
import { openApi } from '../operator/api/v1alpha1/schema-kinds.ts';
import { specSchema } from '../operator/api/v1alpha1/spec-schema.ts';
import { statusSchema } from '../operator/api/v1alpha1/status-schema.ts';
import { chartFiles } from './chart/chart-files.ts';
import { fieldTable, ruleList } from './field-reference.ts';

/** The files that are made from the sources, by their path in the project. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['crds/trafficmonitorgroups.yaml', definition()],
    ['docs/trafficmonitorgroup-fields.md', fieldReference()],
    ...chartFiles(definition()),
  ]);
}

const source = 'operator/api/v1alpha1';

function definition(): string {
  const yaml = dump(customResourceDefinition(), { lineWidth: 110, noRefs: true });
  return `# Made from ${source} by "npm run generate": change it there.\n${yaml}`;
}

function fieldReference(): string {
  const [spec, status] = [openApi(specSchema), openApi(statusSchema)].map((schema) => schema as object);
  return `# Fields of a TrafficMonitorGroup

<!-- Made from ${source} by "npm run generate": change it there. -->

\`trafficcontrol.cdn/v1alpha1\`, short name \`tmg\`. \`kubectl explain tmg.spec\` tells the same.

## spec

${fieldTable(spec ?? {})}

The API server refuses what breaks a rule:

${ruleList(spec ?? {})}

## status

${fieldTable(status ?? {})}
`;
}
