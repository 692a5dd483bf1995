import type { KubeObject } from '../api/rest.ts';
import type { Target } from '../rules/prometheus.ts';

interface PodParts {
  readonly spec: {
    readonly containers: readonly {
      readonly name: string;
      readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
    }[];
  };
  readonly status: { readonly podIP?: string; readonly phase?: string };
}

interface ServiceParts {
  readonly spec: {
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly name: string; readonly targetPort: number | string }[];
  };
}

/**
 * What Prometheus finds in the role "pod", with the labels that it gives to be relabelled. Debian's Prometheus is built
 * without Kubernetes, so this stands in for its discovery; keeping and relabelling are its own.
 */
export function targetsOfPods(pods: readonly KubeObject[]): Target[] {
  return pods.flatMap((pod) => {
    const { spec, status } = pod as unknown as PodParts;
    return spec.containers.flatMap(({ name, ports = [] }) =>
      ports.map((port) => ({
        address: `${status.podIP}:${port.containerPort}`,
        labels: {
          ...labelsOfPod(pod),
          __meta_kubernetes_pod_container_name: name,
          __meta_kubernetes_pod_container_port_name: port.name,
        },
      })),
    );
  });
}

/** The same for the role "endpoints": the API server takes no addresses of loopback for these, so pods are looked up. */
export function targetsOfServices(services: readonly KubeObject[], pods: readonly KubeObject[]): Target[] {
  return services.flatMap((service) => {
    const { selector = {}, ports } = (service as unknown as ServiceParts).spec;
    const chosen = pods.filter(({ metadata: { labels = {} } }) =>
      Object.entries(selector).every(([label, value]) => labels[label] === value),
    );
    return ports.flatMap(({ name, targetPort }) =>
      targetsOfPods(chosen)
        .filter(({ labels }) => labels['__meta_kubernetes_pod_container_port_name'] === targetPort)
        .map(({ address, labels }) => ({
          address,
          labels: {
            ...labels,
            ...metaLabels('service', service),
            __meta_kubernetes_service_name: service.metadata.name,
            __meta_kubernetes_endpoint_port_name: name,
          },
        })),
    );
  });
}

const labelsOfPod = (pod: KubeObject): Readonly<Record<string, string>> => ({
  __meta_kubernetes_namespace: pod.metadata.namespace ?? '',
  __meta_kubernetes_pod_name: pod.metadata.name,
  ...metaLabels('pod', pod),
});

const metaLabels = (kind: 'pod' | 'service', { metadata }: KubeObject): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(metadata.labels ?? {}).map(([label, value]) => [metaLabel(kind, label), value]),
  );

/** The name that a label of an object has before relabelling. */
export const metaLabel = (kind: 'pod' | 'service', label: string): string =>
  `__meta_kubernetes_${kind}_label_${label.replace(/[^a-zA-Z0-9_]/g, '_')}`;
