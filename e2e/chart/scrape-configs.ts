import type { KubeObject } from '../api/rest.ts';
import type { ScrapeConfig, Target } from '../rules/prometheus.ts';
import { metaLabel } from './discovered-targets.ts';

interface Relabeling {
  readonly sourceLabels: readonly string[];
  readonly targetLabel: string;
}

interface Endpoint {
  readonly port: string;
  readonly interval: string;
  readonly relabelings?: readonly Relabeling[];
}

interface MonitorSpec {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly endpoints?: readonly Endpoint[];
  readonly podMetricsEndpoints?: readonly Endpoint[];
}

/**
 * What the Prometheus operator makes of a PodMonitor or ServiceMonitor, as far as ours say anything: which of all that
 * was discovered is scraped, and with which labels.
 */
export function scrapeConfigsOf(monitor: KubeObject, discovered: readonly Target[]): readonly ScrapeConfig[] {
  const { kind, metadata } = monitor;
  const { name, namespace = '' } = metadata;
  const { selector, endpoints = [], podMetricsEndpoints = [] } = monitor['spec'] as MonitorSpec;
  const isOfPods = kind === 'PodMonitor';
  return [...endpoints, ...podMetricsEndpoints].map(({ port, interval, relabelings = [] }, index) => ({
    job_name: `${kind}/${namespace}/${name}/${index}`,
    scrape_interval: interval,
    static_configs: discovered.map(({ address, labels }) => ({ targets: [address], labels })),
    relabel_configs: [
      ...Object.entries(selector.matchLabels).map(([label, value]) =>
        keep(metaLabel(isOfPods ? 'pod' : 'service', label), value),
      ),
      keep(`__meta_kubernetes_${isOfPods ? 'pod_container' : 'endpoint'}_port_name`, port),
      copy('__meta_kubernetes_namespace', 'namespace'),
      copy('__meta_kubernetes_pod_container_name', 'container'),
      copy('__meta_kubernetes_pod_name', 'pod'),
      ...(isOfPods ? [] : [copy('__meta_kubernetes_service_name', 'service')]),
      { target_label: 'job', replacement: isOfPods ? `${namespace}/${name}` : name },
      { target_label: 'endpoint', replacement: port },
      ...relabelings.map(({ sourceLabels, targetLabel }) => ({
        source_labels: sourceLabels,
        target_label: targetLabel,
      })),
    ],
  }));
}

/** Regular expressions of Prometheus are anchored. */
const keep = (label: string, value: string) => ({
  action: 'keep',
  source_labels: [label],
  regex: value.replace(/[\\^$*+?.()|{}[\]]/g, '\\$&'),
});

const copy = (label: string, target: string) => ({ source_labels: [label], target_label: target });
