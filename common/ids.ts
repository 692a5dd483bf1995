/** Names from Traffic Ops are all strings; brands keep one kind from being passed for another. */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** Short host name of an EDGE or MID server: how every route names a cache. */
export type CacheName = Branded<'CacheName'>;
/** Short host name of a Traffic Monitor. */
export type MonitorName = Branded<'MonitorName'>;
export type CachegroupName = Branded<'CachegroupName'>;
/** A group of monitors that polls its share of a CDN: named for its resource, or for the cachegroup of its monitors. */
export type GroupName = Branded<'GroupName'>;
export type ProfileName = Branded<'ProfileName'>;
/** `xmlId` of a delivery service. */
export type DeliveryServiceId = Branded<'DeliveryServiceId'>;
export type CdnName = Branded<'CdnName'>;

export const cacheName = (name: string): CacheName => name as CacheName;
export const monitorName = (name: string): MonitorName => name as MonitorName;
export const cachegroupName = (name: string): CachegroupName => name as CachegroupName;
export const groupName = (name: string): GroupName => name as GroupName;
export const profileName = (name: string): ProfileName => name as ProfileName;
export const deliveryServiceId = (xmlId: string): DeliveryServiceId => xmlId as DeliveryServiceId;
export const cdnName = (name: string): CdnName => name as CdnName;
