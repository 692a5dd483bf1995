// Definitions of PodMonitor, ServiceMonitor and PrometheusRule, which the chart's manifests are held against.
module trafficcontrol.cdn/e2e/tools/prometheus-operator

go 1.24

require github.com/prometheus-operator/prometheus-operator v0.85.0
