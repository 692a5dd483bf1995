import { createHash } from 'node:crypto';
import type { CdnName, GroupName } from '../../common/ids.ts';

/** Field manager of everything that the operator applies. */
export const FIELD_MANAGER = 'traffic-monitor-operator';

export const CDN_LABEL = 'trafficcontrol.cdn/cdn';
export const GROUP_LABEL = 'trafficcontrol.cdn/group';

/** Labels of every object that belongs to a CDN's monitors. */
export function cdnLabels(cdn: CdnName): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'traffic-monitor',
    'app.kubernetes.io/component': 'monitor',
    'app.kubernetes.io/managed-by': FIELD_MANAGER,
    [CDN_LABEL]: labelValue(cdn),
  };
}

/** Labels of every object that belongs to one group. */
export function groupLabels(cdn: CdnName, group: GroupName): Record<string, string> {
  return { ...cdnLabels(cdn), [GROUP_LABEL]: labelValue(group) };
}

/** What selects the pods of a group; it may never change, a StatefulSet's selector is immutable. */
export function groupSelector(cdn: CdnName, group: GroupName): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'traffic-monitor',
    [CDN_LABEL]: labelValue(cdn),
    [GROUP_LABEL]: labelValue(group),
  };
}

/** What selects the pods of all groups of a CDN. */
export function cdnSelector(cdn: CdnName): Record<string, string> {
  return { 'app.kubernetes.io/name': 'traffic-monitor', [CDN_LABEL]: labelValue(cdn) };
}

/** StatefulSet, ConfigMap, ServiceAccount, Role and budget of a group all have this name; it prefixes its pods'. */
export const groupObjectName = (group: GroupName): string => `tm-${group}`;

/** Name of the pod with this ordinal, of its Lease, and of the monitor in it. */
export const memberName = (group: GroupName, ordinal: number): string =>
  `${groupObjectName(group)}-${ordinal}`;

/** The headless Service that gives pods their names in the DNS; no group's own Service can be called so. */
export const headlessServiceName = (group: GroupName): string => `peers-${group}`;

/** What belongs to a CDN begins otherwise than what belongs to a group, which may be called like its CDN. */
const cdnObjectName = (cdn: CdnName, most: number): string => `traffic-monitor-${dnsLabel(cdn, most)}`;

/** The Service that routers use: ready monitors of all groups of the CDN. */
export const routerServiceName = (cdn: CdnName): string => cdnObjectName(cdn, 47);

/** One piece of the compressed last snapshot of a CDN. */
export const snapshotConfigMapName = (cdn: CdnName, piece: number): string =>
  `${cdnObjectName(cdn, 35)}-snapshot-${piece}`;

/** How the DNS of the cluster knows a member. */
export const memberDnsName = (group: GroupName, ordinal: number, namespace: string): string =>
  `${memberName(group, ordinal)}.${headlessServiceName(group)}.${namespace}.svc`;

/** `text` as the value of a label: as it is where that is allowed, else without what is not and with a mark of its own. */
export function labelValue(text: string): string {
  if (/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/.test(text)) return text;
  return marked(
    text,
    text.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, ''),
    63,
  );
}

/** `text` as part of an object's name, at most `most` characters: lower case letters, digits and hyphens. */
export function dnsLabel(text: string, most: number): string {
  if (text.length <= most && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text)) return text;
  return marked(
    text,
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, ''),
    most,
  );
}

/** Two names that differ only in what is left out must not become one. */
function marked(text: string, kept: string, most: number): string {
  const mark = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const head = kept.slice(0, most - mark.length - 1).replace(/[^A-Za-z0-9]+$/, '');
  return head === '' ? mark : `${head}-${mark}`;
}
