import type { Coordinates } from '../traffic-ops/monitoring.ts';

const EARTH_RADIUS_KM = 6371.0;

/** A place with all that distances need of it worked out once. */
export interface Place {
  /** Radians. */
  readonly latitude: number;
  readonly longitude: number;
  readonly cosLatitude: number;
}

/** null: no coordinates are known, which counts as 0,0 (reference 7.6). */
export function placeAt(coordinates: Coordinates | null): Place {
  const latitude = radians(coordinates?.latitude ?? 0);
  return { latitude, longitude: radians(coordinates?.longitude ?? 0), cosLatitude: Math.cos(latitude) };
}

/** Great-circle distance in km: haversine, written as reference 7.6 has it so that ties are the same. */
export function distanceKm(from: Place, to: Place): number {
  const sinLatitude = Math.sin((to.latitude - from.latitude) / 2);
  const sinLongitude = Math.sin((to.longitude - from.longitude) / 2);
  const a = sinLatitude * sinLatitude + from.cosLatitude * to.cosLatitude * sinLongitude * sinLongitude;
  return 2 * EARTH_RADIUS_KM * Math.atan2(Math.sqrt(a), Math.sqrt(Math.max(0, 1 - a)));
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
