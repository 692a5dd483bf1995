/** How the API server knows the resource. */
export const API_GROUP = 'trafficcontrol.cdn';
export const API_VERSION = 'v1alpha1';
export const KIND = 'TrafficMonitorGroup';
export const PLURAL = 'trafficmonitorgroups';
