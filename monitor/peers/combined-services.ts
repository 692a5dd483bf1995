import type { DeliveryServiceId } from '../../common/ids.ts';
import type { HealthProtocol } from '../config/settings.ts';
import type { DeliveryServiceAvailability } from '../health/delivery-service-states.ts';
import type { PeerStates } from './peer-states.ts';

/**
 * Which delivery services are available: reference 7.3. Optimistic: here, or by an available peer. Pessimistic: here,
 * and by all available peers that know it.
 */
export class CombinedServices {
  readonly #local: Pick<DeliveryServiceAvailability, 'sorted' | 'isAvailable'>;
  readonly #peers: PeerStates<string>;
  #protocol: HealthProtocol = 'optimistic';

  constructor(local: Pick<DeliveryServiceAvailability, 'sorted' | 'isAvailable'>, peers: PeerStates<string>) {
    this.#local = local;
    this.#peers = peers;
  }

  apply(protocol: HealthProtocol): void {
    this.#protocol = protocol;
  }

  isAvailable(id: DeliveryServiceId): boolean {
    const local = this.#local.isAvailable(id);
    const { available } = this.#peers;
    if (this.#protocol === 'optimistic')
      return local || available.some(({ answer }) => answer.deliveryServices.get(id) ?? false);
    return local && available.every(({ answer }) => answer.deliveryServices.get(id) ?? true);
  }

  /** Those that are configured here, by name. */
  get sorted(): readonly DeliveryServiceId[] {
    return this.#local.sorted;
  }
}
