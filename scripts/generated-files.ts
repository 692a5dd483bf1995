import { dump } from 'js-yaml';
import { customResourceDefinition } from '../operator/api/v1alpha1/custom-resource-definition.ts';

/** The files that are made from the sources, by their path in the project. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['crds/trafficmonitorgroups.yaml', yaml(customResourceDefinition(), 'operator/api/v1alpha1')],
  ]);
}

function yaml(value: object, source: string): string {
  return `# Made from ${source} by "npm run generate": change it there.\n${dump(value, { lineWidth: 110, noRefs: true })}`;
}
