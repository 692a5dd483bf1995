import { decodeAssignment } from '../../common/assignment/decode-document.ts';
import type { AssignmentDocument } from '../../common/assignment/document.ts';
import { encodeAssignment } from '../../common/assignment/encode-document.ts';
import type { GroupName } from '../../common/ids.ts';
import type { ConfigMap, KubeObject } from '../../common/kube/objects.ts';
import type { Store } from '../../common/kube/store.ts';
import { messageOf } from '../../common/message-of.ts';
import type { OperatorLog } from '../log.ts';
import { ASSIGNMENT_FILE } from '../resources/monitor-files.ts';
import { groupObjectName } from '../resources/names.ts';

/** The documents that groups' ConfigMaps hold. Each version of a ConfigMap is read once: with 200 groups they are 24 MB. */
export class DocumentsInForce {
  readonly #maps: Store<KubeObject>;
  readonly #namespace: string;
  readonly #log: OperatorLog;
  readonly #read = new WeakMap<KubeObject, AssignmentDocument | null>();
  /** The last one that was decoded: those of one revision say the same but for whom they are. */
  #last: AssignmentDocument | null = null;

  constructor(maps: Store<KubeObject>, namespace: string, log: OperatorLog) {
    this.#maps = maps;
    this.#namespace = namespace;
    this.#log = log;
  }

  /**
   * null: none, or one that cannot be read.
   *
   * @param planned what it should say: given back as it is if the ConfigMap says just that
   */
  of(group: GroupName, planned: AssignmentDocument | null = null): AssignmentDocument | null {
    const map = this.#maps.get(`${this.#namespace}/${groupObjectName(group)}`);
    const text = (map as ConfigMap | undefined)?.data?.[ASSIGNMENT_FILE];
    if (map === undefined || text === undefined) return null;
    const known = this.#read.get(map);
    const mayBePlanned =
      planned !== null && known !== planned && (known?.revision ?? planned.revision) === planned.revision;
    if (known !== undefined && !mayBePlanned) return known;
    const document = planned !== null && encodeAssignment(planned) === text ? planned : known;
    const read = document === undefined ? this.#decode(group, text) : document;
    this.#read.set(map, read);
    return read;
  }

  #decode(group: GroupName, text: string): AssignmentDocument | null {
    const alike = this.#last === null ? null : { ...this.#last, group };
    if (alike !== null && encodeAssignment(alike) === text) return alike;
    try {
      this.#last = decodeAssignment(text);
      return this.#last;
    } catch (error) {
      this.#log
        .about('ConfigMap', `${this.#namespace}/${groupObjectName(group)}`)
        .warning(`its ${ASSIGNMENT_FILE} cannot be read and is written anew: ${messageOf(error)}`);
      return null;
    }
  }
}
