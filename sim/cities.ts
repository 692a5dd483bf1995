/** Part of the world that shares a mid tier. */
export type Region = 'amer' | 'emea' | 'apac';

/** Where a cachegroup can stand. */
export interface City {
  /** Name of the cachegroup. */
  readonly name: string;
  readonly region: Region;
  /** Degrees. */
  readonly latitude: number;
  readonly longitude: number;
}

/** In an order that spreads the first few over the world. */
export const cities: readonly City[] = [
  { name: 'new-york', region: 'amer', latitude: 40.7128, longitude: -74.006 },
  { name: 'london', region: 'emea', latitude: 51.5074, longitude: -0.1278 },
  { name: 'tokyo', region: 'apac', latitude: 35.6762, longitude: 139.6503 },
  { name: 'sao-paulo', region: 'amer', latitude: -23.5505, longitude: -46.6333 },
  { name: 'frankfurt', region: 'emea', latitude: 50.1109, longitude: 8.6821 },
  { name: 'sydney', region: 'apac', latitude: -33.8688, longitude: 151.2093 },
  { name: 'denver', region: 'amer', latitude: 39.7392, longitude: -104.9903 },
  { name: 'johannesburg', region: 'emea', latitude: -26.2041, longitude: 28.0473 },
  { name: 'singapore', region: 'apac', latitude: 1.3521, longitude: 103.8198 },
  { name: 'mexico-city', region: 'amer', latitude: 19.4326, longitude: -99.1332 },
  { name: 'madrid', region: 'emea', latitude: 40.4168, longitude: -3.7038 },
  { name: 'mumbai', region: 'apac', latitude: 19.076, longitude: 72.8777 },
  { name: 'los-angeles', region: 'amer', latitude: 34.0522, longitude: -118.2437 },
  { name: 'stockholm', region: 'emea', latitude: 59.3293, longitude: 18.0686 },
  { name: 'seoul', region: 'apac', latitude: 37.5665, longitude: 126.978 },
  { name: 'toronto', region: 'amer', latitude: 43.6532, longitude: -79.3832 },
  { name: 'cairo', region: 'emea', latitude: 30.0444, longitude: 31.2357 },
  { name: 'hong-kong', region: 'apac', latitude: 22.3193, longitude: 114.1694 },
  { name: 'buenos-aires', region: 'amer', latitude: -34.6037, longitude: -58.3816 },
  { name: 'warsaw', region: 'emea', latitude: 52.2297, longitude: 21.0122 },
  { name: 'auckland', region: 'apac', latitude: -36.8509, longitude: 174.7645 },
  { name: 'miami', region: 'amer', latitude: 25.7617, longitude: -80.1918 },
  { name: 'nairobi', region: 'emea', latitude: -1.2921, longitude: 36.8219 },
  { name: 'jakarta', region: 'apac', latitude: -6.2088, longitude: 106.8456 },
];

/** Where the mid tier of each region stands. */
export const midCities: readonly City[] = [
  { name: 'mid-amer', region: 'amer', latitude: 41.8781, longitude: -87.6298 },
  { name: 'mid-emea', region: 'emea', latitude: 52.3676, longitude: 4.9041 },
  { name: 'mid-apac', region: 'apac', latitude: 25.033, longitude: 121.5654 },
];

/** The first `count` places; beyond the catalogue a city gets a second site a few kilometres away. */
export function takeCities(count: number): City[] {
  return Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / cities.length);
    const city = cities[index % cities.length];
    if (city === undefined) throw new Error('the catalogue of cities is empty');
    if (round === 0) return city;
    return { ...city, name: `${city.name}-${round + 1}`, latitude: city.latitude + round * 0.05 };
  });
}
